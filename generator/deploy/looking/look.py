"""Looking at what stands: at most three reads a stack, and nothing but reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from generator.deploy.aws import Aws
from generator.deploy.looking.accounts import accounts_under
from generator.deploy.looking.reading import (
    OF_SET,
    describe_stack,
    nested_templates,
    read_stack,
    running_operations,
    tags_of,
)
from generator.deploy.places import SELF, place
from generator.deploy.release import PLATFORM_TAG, Kind, Release
from generator.deploy.world import Instance, Operation, Stack, StackSet, World

LOOKERS = 16
CLOSED = ("AuthFailure", "InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException")
"""What a Region answers to an account that has not opted in to it."""

Entry = Mapping[str, Any]
"""Something as CloudFormation describes it."""


class _Set(NamedTuple):
    """A stack set as it was read, its instances only listed."""

    call_as: str
    described: Entry
    instances: tuple[Entry, ...]
    operations: tuple[Operation, ...]


def look(aws: Aws, release: Release, account: str, more_regions: Iterable[str] = ()) -> World:
    """Everything of the environment that stands: its stacks, sets, and their instances.

    `more_regions` are looked at too: those of earlier releases.
    """
    with ThreadPoolExecutor(LOOKERS) as pool:
        named = list(_set_names(aws, release))
        sets = list(pool.map(lambda known: _read_set(aws, release.home, *known), named))
        instances = [(found.call_as, entry) for found in sets for entry in found.instances]
        regions = dict.fromkeys(
            (*release.all_regions, *(entry["Region"] for _, entry in instances))
        )
        left = [region for region in dict.fromkeys(more_regions) if region not in regions]
        listed = list(chain(*pool.map(partial(_list_stacks, aws), regions)))
        listed += chain(*pool.map(partial(_list_if_open, aws), left))
        own = [where for where in listed if _is_own(release, where[1])]
        stacks = list(pool.map(lambda where: _read_own(aws, release, *where), own))
        by_id = {entry["StackId"]: entry for _, entry in listed}
        reader = _Reader(aws, release.home, account, by_id)
        read = list(pool.map(lambda listed: reader.instance(*listed), instances))
    return World(
        account,
        {(stack.region, stack.name): stack for stack in stacks},
        {made.name: made for made in _made_sets(sets, read, account)},
        _accounts(aws, release),
    )


def _accounts(aws: Aws, release: Release) -> tuple[str, ...]:
    """Those that the release's sets can reach; nobody is asked where none of them asks."""
    units = dict.fromkeys(unit for reach in release.reaches for unit in reach.units)
    return accounts_under(aws, units) if units else ()


def _list_stacks(aws: Aws, region: str) -> list[tuple[str, Entry]]:
    """All stacks of a Region: a call answers for many of them."""
    pages = aws.client("cloudformation", region).get_paginator("describe_stacks").paginate()
    return [(region, entry) for page in pages for entry in page["Stacks"]]


def _list_if_open(aws: Aws, region: str) -> list[tuple[str, Entry]]:
    """The same of a Region that was dropped, and may have been closed since."""
    try:
        return _list_stacks(aws, region)
    except ClientError as error:
        if error.response["Error"]["Code"] in CLOSED:
            return []
        raise


def _is_own(release: Release, entry: Entry) -> bool:
    """Whether a stack is called as a unit, or tagged as the platform's."""
    names = {unit.name for unit in release.units if unit.kind is Kind.STACK}
    name = entry["StackName"]
    return (
        not entry.get("ParentId")
        and not name.startswith(OF_SET)
        and (name in names or tags_of(entry).get(PLATFORM_TAG) == release.prefix)
    )


def _read_own(aws: Aws, release: Release, region: str, entry: Entry) -> Stack:
    """A stack; one that is no longer wanted with what goes with it."""
    stack = read_stack(aws, region, entry)
    wanted = any(u.name == stack.name and region in u.regions for u in release.units)
    if wanted and stack.status != "DELETE_FAILED":
        return stack
    client = aws.client("cloudformation", region)
    return stack._replace(nested=dict(nested_templates(client, stack.id)))


def _set_names(aws: Aws, release: Release) -> Iterator[tuple[str, str]]:
    """How each set is called for, and its name: a delegated administrator's are a list apart."""
    names = {unit.name for unit in release.units if unit.kind is Kind.STACK_SET}
    for call_as in dict.fromkeys((SELF, *(reach.call_as for reach in release.reaches))):
        client = aws.stack_sets(release.home, call_as)
        for page in client.get_paginator("list_stack_sets").paginate(Status="ACTIVE"):
            listed = [entry["StackSetName"] for entry in page["Summaries"]]
            own = [n for n in listed if n in names or n.startswith(f"{release.prefix}-")]
            yield from ((call_as, name) for name in own)


def _read_set(aws: Aws, home: str, call_as: str, name: str) -> _Set:
    client = aws.stack_sets(home, call_as)
    described = client.describe_stack_set(StackSetName=name)["StackSet"]
    pages = client.get_paginator("list_stack_instances").paginate(StackSetName=name)
    instances = tuple(
        {**entry, "StackSetName": name} for page in pages for entry in page["Summaries"]
    )
    return _Set(call_as, described, instances, tuple(running_operations(client, name)))


def _made_sets(sets: list[_Set], read: list[Instance], own: str) -> Iterator[StackSet]:
    """The sets with their instances, which were read in the order of the sets."""
    rest = iter(read)
    for found in sets:
        yield _made_set(found, islice(rest, len(found.instances)), own)


def _made_set(found: _Set, instances: Iterable[Instance], own: str) -> StackSet:
    parameters = found.described.get("Parameters", [])
    return StackSet(
        name=found.described["StackSetName"],
        template=found.described["TemplateBody"],
        parameters={p["ParameterKey"]: p["ParameterValue"] for p in parameters},
        tags=tags_of(found.described),
        instances={place(i.account, i.region, own): i for i in instances},
        operations=found.operations,
        units=tuple(found.described.get("OrganizationalUnitIds", ())),
        service_managed=found.described.get("PermissionModel") == "SERVICE_MANAGED",
        call_as=found.call_as,
        auto_deployment=found.described.get("AutoDeployment", {}).get("Enabled", False),
    )


class _Reader(NamedTuple):
    """Reads the instances of stack sets, and the stacks of those in the platform's account."""

    aws: Aws
    home: str
    account: str
    by_id: Mapping[str, Entry]

    def instance(self, call_as: str, listed: Entry) -> Instance:
        """An instance, with its overrides, which no list tells, and its stack."""
        entry = self.aws.stack_sets(self.home, call_as).describe_stack_instance(
            StackSetName=listed["StackSetName"],
            StackInstanceAccount=listed["Account"],
            StackInstanceRegion=listed["Region"],
        )["StackInstance"]
        overrides, stack_id = entry.get("ParameterOverrides", []), entry.get("StackId", "")
        is_own = entry["Account"] == self.account
        return Instance(
            region=entry["Region"],
            account=entry["Account"],
            status=entry["Status"],
            detail=entry.get("StackInstanceStatus", {}).get("DetailedStatus", ""),
            reason=entry.get("StatusReason", ""),
            overrides={o["ParameterKey"]: o["ParameterValue"] for o in overrides},
            stack=self._stack(entry["Region"], stack_id) if is_own and stack_id else None,
            stack_id=stack_id,
        )

    def _stack(self, region: str, stack_id: str) -> Stack | None:
        """Its stack, as it was listed; one that was not may be deleted, or just made."""
        entry = self.by_id.get(stack_id) or describe_stack(self.aws, region, stack_id)
        if entry is None or entry["StackStatus"] == "DELETE_COMPLETE":
            return None
        return read_stack(self.aws, region, entry)
