"""The accounts of an organization, as the emulator's own AWS Organizations has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.sandbox import organization_seams
from generator.sandbox.stack_sets.faults import invalid
from generator.sandbox.stack_sets.records import Instance


def accounts(wanted: Mapping[str, Any]) -> dict[str, str | None]:
    """The accounts that DeploymentTargets mean, each with the unit that brought it. Raises Fault.

    The management account is never among them.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs.html
    """
    units = wanted.get("OrganizationalUnitIds", [])
    under: dict[str, str | None] = {account: unit for unit in units for account in _under(unit)}
    apart: dict[str, str | None] = dict.fromkeys(wanted.get("Accounts", []))
    if filter_of(wanted) == "UNION":
        return apart | under
    return {account: unit for account, unit in under.items() if _passes(account, wanted)}


def is_suspended(account: str) -> bool:
    """Whether an account of the organization was closed: operations skip its instances."""
    try:
        found = organization_seams.answer("DescribeAccount", AccountId=account)
    except LookupError:
        return False
    return bool(found["Account"].get("Status") == "SUSPENDED")


def has_left(instance: Instance, wanted: Mapping[str, Any]) -> bool:
    """Whether the targets mean an instance whose account is not under its unit any more."""
    is_under = instance.unit in wanted.get("OrganizationalUnitIds", [])
    return is_under and _passes(instance.account, wanted)


def filter_of(wanted: Mapping[str, Any]) -> str:
    """AccountFilterType, or what goes without it. Raises Fault for one that lacks its list."""
    if "AccountsUrl" in wanted:
        raise invalid("DeploymentTargets.AccountsUrl is not known to the sandbox")
    units, named = wanted.get("OrganizationalUnitIds"), wanted.get("Accounts")
    kind: str = wanted.get("AccountFilterType", "UNION" if named else "NONE")
    if kind in {"INTERSECTION", "DIFFERENCE"} and not (units and named):
        raise invalid(f"AccountFilterType {kind} needs OrganizationalUnitIds and Accounts")
    if kind == "NONE" and named:
        raise invalid("AccountFilterType NONE can't be specified with Accounts")
    if not units and not named:
        raise invalid("DeploymentTargets must have OrganizationalUnitIds or Accounts")
    return kind


def _passes(account: str, wanted: Mapping[str, Any]) -> bool:
    is_named = account in wanted.get("Accounts", [])
    return {"INTERSECTION": is_named, "DIFFERENCE": not is_named}.get(filter_of(wanted), True)


def _under(unit: str) -> Iterator[str]:
    """The accounts of a unit (or root) and of the units below it."""
    try:
        listed = organization_seams.answer("ListAccountsForParent", ParentId=_known(unit))
        below = organization_seams.answer("ListOrganizationalUnitsForParent", ParentId=unit)
    except LookupError as error:
        raise invalid(f"{unit}: {error}") from error
    organization = organization_seams.answer("DescribeOrganization")["Organization"]
    ids = [account["Id"] for account in listed["Accounts"]]
    yield from (each for each in ids if each != organization["MasterAccountId"])
    for child in below["OrganizationalUnits"]:
        yield from _under(child["Id"])


def _known(unit: str) -> str:
    """The unit, if the organization has it. Raises LookupError."""
    if unit.startswith("r-"):
        if unit not in {root["Id"] for root in organization_seams.answer("ListRoots")["Roots"]}:
            raise LookupError("the organization has no such root")
    else:
        organization_seams.answer("DescribeOrganizationalUnit", OrganizationalUnitId=unit)
    return unit
