"""Single reads of stacks and sets, as CloudFormation answers them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from generator.deploy.aws import Aws
from generator.deploy.world import NESTED, RUNNING_OPERATIONS, Operation, Stack

OF_SET = "StackSet-"
"""How the names of stack set instances' stacks begin; their set guards them, no policy."""


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
        tags=tags_of(entry),
        protected=entry.get("EnableTerminationProtection", False),
        policy=policy,
        updated=str(entry.get("LastUpdatedTime", entry["CreationTime"])),
        created=str(entry["CreationTime"]),
    )


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


def running_operations(client: Any, name: str) -> Iterator[Operation]:
    """Operations of a set that are not over; the newest come first, so one page is enough."""
    for entry in client.list_stack_set_operations(StackSetName=name)["Summaries"]:
        if entry["Status"] in RUNNING_OPERATIONS:
            yield Operation(entry["OperationId"], entry["Action"], entry["Status"])


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


def tags_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """Tags of anything that CloudFormation describes."""
    return {tag["Key"]: tag["Value"] for tag in entry.get("Tags", [])}
