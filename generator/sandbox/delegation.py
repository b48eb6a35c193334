"""Delegated administrators of an organization: which account acts for which management account.

AWS keeps a delegated administrator's service-managed stack sets in the management account, and
lets it read the organization. The emulator's Organizations knows neither.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from generator.sandbox import organization_seams, seams

SERVICE = "member.org.stacksets.cloudformation.amazonaws.com"
READING = (
    "DescribeAccount",
    "DescribeOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListOrganizationalUnitsForParent",
    "ListRoots",
)

_management_of: dict[str, str] = {}
"""Delegated administrator to management account, of StackSets only."""


def install() -> None:
    """Add the actions that the emulator lacks, and let delegated administrators read."""
    organization_seams.add("RegisterDelegatedAdministrator", _register)
    organization_seams.add("DeregisterDelegatedAdministrator", _deregister)
    for name in READING:
        organization_seams.wrap(name, _read)


def _register(payload: seams.Params) -> seams.Answer:
    account, service = payload["AccountId"], payload["ServicePrincipal"]
    if service != SERVICE:
        return _refused(f"{service} is not known to the sandbox")
    organization_seams.answer("DescribeAccount", AccountId=account)
    _management_of[account] = seams.current_account()
    return _nothing()


def _deregister(payload: seams.Params) -> seams.Answer:
    _management_of.pop(payload["AccountId"], None)
    return _nothing()


def _read(handle: seams.Handler, payload: seams.Params) -> seams.Answer:
    with _in_management():
        return handle(payload)


def _in_management() -> AbstractContextManager[None]:
    management = _management_of.get(seams.current_account())
    return seams.scope(management, seams.current_region()) if management else nullcontext()


@contextmanager
def acting(call_as: str, refuse: Callable[[str], Exception]) -> Iterator[None]:
    """Work where the sets are: in the management account for a delegated administrator.

    Raises what `refuse` makes of the words where the account is none.
    """
    if call_as == "DELEGATED_ADMIN" and seams.current_account() not in _management_of:
        raise refuse(
            "You must be the management account or delegated admin account of an organization "
            "before operating a SERVICE_MANAGED stack set"
        )
    with _in_management() if call_as == "DELEGATED_ADMIN" else nullcontext():
        yield


def _nothing() -> seams.Answer:
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, b"{}"


def _refused(words: str) -> seams.Answer:
    body = json.dumps({"__type": "InvalidInputException", "message": words})
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, body.encode()
