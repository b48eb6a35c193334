"""Reading what stands: at most three reads a stack, and nothing but reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from generator.deploy.aws import Aws
from generator.deploy.release import PLATFORM_TAG, Kind, Release
from generator.deploy.world import (
    RUNNING_OPERATIONS,
    Instance,
    Operation,
    Stack,
    StackSet,
    World,
)

LOOKERS = 16
NESTED = "AWS::CloudFormation::Stack"
OF_SET = "StackSet-"
"""How the names of stack set instances' stacks begin; their set guards them, no policy."""


def look(aws: Aws, release: Release, account: str, more_regions: tuple[str, ...] = ()) -> World:
    """Everything of the environment that stands: its stacks, sets, and their instances.

    `more_regions` are looked at too: those of earlier releases.
    """
    with ThreadPoolExecutor(LOOKERS) as pool:
        sets = {
            s.name: s for s in pool.map(lambda n: _set(aws, release, n), _set_names(aws, release))
        }
        listed = (region for s in sets.values() for region in s.instances)
        regions = dict.fromkeys((*release.all_regions, *more_regions, *listed))
        found = [s for some in pool.map(lambda r: _stacks(aws, release, r), regions) for s in some]
        stacks = list(pool.map(lambda s: _with_nested(aws, release, read_stack(aws, *s)), found))
    return World(account, {(s.region, s.name): s for s in stacks}, sets)


def _stacks(aws: Aws, release: Release, region: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The Region's own stacks: called as a unit, or tagged as the platform's."""
    names = {unit.name for unit in release.units if unit.kind is Kind.STACK}
    pages = aws.client("cloudformation", region).get_paginator("describe_stacks").paginate()
    return [
        (region, entry)
        for page in pages
        for entry in page["Stacks"]
        if not entry.get("ParentId")
        and (entry["StackName"] in names or _tags(entry).get(PLATFORM_TAG) == release.prefix)
        and not entry["StackName"].startswith(OF_SET)
    ]


def read_stack(aws: Aws, region: str, entry: Mapping[str, Any]) -> Stack:
    """A stack as CloudFormation describes it, with its template and its policy."""
    client = aws.client("cloudformation", region)
    reviewed = entry["StackStatus"] == "REVIEW_IN_PROGRESS"
    template = "" if reviewed else template_of(client, entry["StackId"])
    policy = _policy(client, entry["StackId"]) if not entry["StackName"].startswith(OF_SET) else ""
    return Stack(
        region=region,
        name=entry["StackName"],
        id=entry["StackId"],
        status=entry["StackStatus"],
        template=template,
        parameters={p["ParameterKey"]: p["ParameterValue"] for p in entry.get("Parameters", [])},
        outputs={o["OutputKey"]: o["OutputValue"] for o in entry.get("Outputs", [])},
        tags=_tags(entry),
        protected=entry.get("EnableTerminationProtection", False),
        policy=policy,
        updated=str(entry.get("LastUpdatedTime", entry["CreationTime"])),
        created=str(entry["CreationTime"]),
    )


def _with_nested(aws: Aws, release: Release, stack: Stack) -> Stack:
    """A stack that is no longer wanted, with what goes with it."""
    if any(u.name == stack.name and stack.region in u.regions for u in release.units):
        return stack
    client = aws.client("cloudformation", stack.region)
    return stack._replace(nested=dict(nested_templates(client, stack.id)))


def nested_templates(client: Any, stack_id: str, above: str = "") -> Iterator[tuple[str, str]]:
    """The templates of a stack's nested stacks, and of theirs, with their paths."""
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack_id):
        for entry in page["StackResourceSummaries"]:
            inner = entry.get("PhysicalResourceId", "")
            if entry["ResourceType"] == NESTED and inner:
                path = f"{above}{entry['LogicalResourceId']}"
                yield path, template_of(client, inner)
                yield from nested_templates(client, inner, f"{path}/")


def template_of(client: Any, stack_id: str) -> str:
    """The text that was sent; botocore has parsed JSON already."""
    body = client.get_template(StackName=stack_id, TemplateStage="Original")["TemplateBody"]
    return body if isinstance(body, str) else json.dumps(body)


def _policy(client: Any, stack_id: str) -> str:
    return str(client.get_stack_policy(StackName=stack_id).get("StackPolicyBody", ""))


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


def _set(aws: Aws, release: Release, name: str) -> StackSet:
    client = aws.client("cloudformation", release.home)
    described = client.describe_stack_set(StackSetName=name)["StackSet"]
    pages = client.get_paginator("list_stack_instances").paginate(StackSetName=name)
    summaries = [entry for page in pages for entry in page["Summaries"]]
    with ThreadPoolExecutor(LOOKERS) as pool:
        instances = list(pool.map(lambda s: _instance(aws, release.home, name, s), summaries))
    return StackSet(
        name=name,
        template=described["TemplateBody"],
        parameters={
            p["ParameterKey"]: p["ParameterValue"] for p in described.get("Parameters", [])
        },
        tags=_tags(described),
        instances={instance.region: instance for instance in instances},
        operations=tuple(running_operations(client, name)),
    )


def running_operations(client: Any, name: str) -> Iterator[Operation]:
    """Operations of a set that are not over; the newest come first, so one page is enough."""
    for entry in client.list_stack_set_operations(StackSetName=name)["Summaries"]:
        if entry["Status"] in RUNNING_OPERATIONS:
            yield Operation(entry["OperationId"], entry["Action"], entry["Status"])


def _instance(aws: Aws, home: str, name: str, summary: Mapping[str, Any]) -> Instance:
    client = aws.client("cloudformation", home)
    where = {"StackInstanceAccount": summary["Account"], "StackInstanceRegion": summary["Region"]}
    entry = client.describe_stack_instance(StackSetName=name, **where)["StackInstance"]
    overrides = entry.get("ParameterOverrides", [])
    return Instance(
        region=entry["Region"],
        account=entry["Account"],
        status=entry["Status"],
        detail=entry.get("StackInstanceStatus", {}).get("DetailedStatus", ""),
        reason=entry.get("StatusReason", ""),
        overrides={o["ParameterKey"]: o["ParameterValue"] for o in overrides},
        stack=_stack_of(aws, entry["Region"], entry.get("StackId", "")),
    )


def _stack_of(aws: Aws, region: str, stack_id: str) -> Stack | None:
    if not stack_id:
        return None
    entry = describe_stack(aws, region, stack_id)
    if entry is None or entry["StackStatus"] == "DELETE_COMPLETE":
        return None
    return read_stack(aws, region, entry)


def describe_stack(aws: Aws, region: str, name: str) -> Mapping[str, Any] | None:
    """One stack as CloudFormation describes it; None where there is none of that name."""
    client = aws.client("cloudformation", region)
    try:
        entry: Mapping[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return entry


def _tags(entry: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in entry.get("Tags", [])}
