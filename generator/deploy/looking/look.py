"""Looking at what stands: at most three reads a stack, and nothing but reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from generator.deploy.aws import Aws
from generator.deploy.looking.reading import (
    OF_SET,
    describe_stack,
    nested_templates,
    read_stack,
    running_operations,
    tags_of,
)
from generator.deploy.release import PLATFORM_TAG, Kind, Release
from generator.deploy.world import Instance, Operation, Stack, StackSet, World

LOOKERS = 16
CLOSED = ("AuthFailure", "InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException")
"""What a Region answers to an account that has not opted in to it."""

Entry = Mapping[str, Any]
"""Something as CloudFormation describes it."""


class _Set(NamedTuple):
    """A stack set as it was read, its instances only listed."""

    described: Entry
    instances: tuple[Entry, ...]
    operations: tuple[Operation, ...]


def look(aws: Aws, release: Release, account: str, more_regions: Iterable[str] = ()) -> World:
    """Everything of the environment that stands: its stacks, sets, and their instances.

    `more_regions` are looked at too: those of earlier releases.
    """
    with ThreadPoolExecutor(LOOKERS) as pool:
        sets = list(pool.map(partial(_read_set, aws, release.home), _set_names(aws, release)))
        instances = [entry for found in sets for entry in found.instances]
        regions = dict.fromkeys((*release.all_regions, *(e["Region"] for e in instances)))
        left = [region for region in dict.fromkeys(more_regions) if region not in regions]
        listed = list(chain(*pool.map(partial(_list_stacks, aws), regions)))
        listed += chain(*pool.map(partial(_list_if_open, aws), left))
        own = [where for where in listed if _is_own(release, where[1])]
        stacks = list(pool.map(lambda where: _read_own(aws, release, *where), own))
        by_id = {entry["StackId"]: entry for _, entry in listed}
        read = list(pool.map(partial(_read_instance, aws, release.home, by_id), instances))
    return World(
        account,
        {(stack.region, stack.name): stack for stack in stacks},
        dict(_made_sets(sets, read)),
    )


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


def _set_names(aws: Aws, release: Release) -> list[str]:
    client = aws.client("cloudformation", release.home)
    pages = client.get_paginator("list_stack_sets").paginate(Status="ACTIVE")
    names = {unit.name for unit in release.units if unit.kind is Kind.STACK_SET}
    return [
        entry["StackSetName"]
        for page in pages
        for entry in page["Summaries"]
        if entry["StackSetName"] in names or entry["StackSetName"].startswith(f"{release.prefix}-")
    ]


def _read_set(aws: Aws, home: str, name: str) -> _Set:
    client = aws.client("cloudformation", home)
    described = client.describe_stack_set(StackSetName=name)["StackSet"]
    pages = client.get_paginator("list_stack_instances").paginate(StackSetName=name)
    instances = tuple(
        {**entry, "StackSetName": name} for page in pages for entry in page["Summaries"]
    )
    return _Set(described, instances, tuple(running_operations(client, name)))


def _made_sets(sets: list[_Set], read: list[Instance]) -> Iterator[tuple[str, StackSet]]:
    """The sets with their instances, which were read in the order of the sets."""
    rest = iter(read)
    for found in sets:
        made = _made_set(found, islice(rest, len(found.instances)))
        yield made.name, made


def _made_set(found: _Set, instances: Iterable[Instance]) -> StackSet:
    parameters = found.described.get("Parameters", [])
    return StackSet(
        name=found.described["StackSetName"],
        template=found.described["TemplateBody"],
        parameters={p["ParameterKey"]: p["ParameterValue"] for p in parameters},
        tags=tags_of(found.described),
        instances={instance.region: instance for instance in instances},
        operations=found.operations,
    )


def _read_instance(aws: Aws, home: str, by_id: Mapping[str, Entry], listed: Entry) -> Instance:
    """An instance, with its overrides, which no list tells, and its stack."""
    entry = aws.client("cloudformation", home).describe_stack_instance(
        StackSetName=listed["StackSetName"],
        StackInstanceAccount=listed["Account"],
        StackInstanceRegion=listed["Region"],
    )["StackInstance"]
    overrides = entry.get("ParameterOverrides", [])
    return Instance(
        region=entry["Region"],
        account=entry["Account"],
        status=entry["Status"],
        detail=entry.get("StackInstanceStatus", {}).get("DetailedStatus", ""),
        reason=entry.get("StatusReason", ""),
        overrides={o["ParameterKey"]: o["ParameterValue"] for o in overrides},
        stack=_stack_of(aws, entry["Region"], entry.get("StackId", ""), by_id),
    )


def _stack_of(aws: Aws, region: str, stack_id: str, by_id: Mapping[str, Entry]) -> Stack | None:
    """Its stack, as it was listed; one that was not may be deleted, or just made."""
    if not stack_id:
        return None
    entry = by_id.get(stack_id) or describe_stack(aws, region, stack_id)
    if entry is None or entry["StackStatus"] == "DELETE_COMPLETE":
        return None
    return read_stack(aws, region, entry)
