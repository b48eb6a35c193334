"""What CloudFormation keeps when a stack goes: it costs on, and its fixed names stay taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

NESTED = "AWS::CloudFormation::Stack"
KEPT = ("Retain", "RetainExceptOnCreate", "Snapshot")


class Kept(NamedTuple):
    """A resource that outlives its stack, or leaves a last snapshot."""

    region: str
    policy: str
    type: str
    physical: str


def remains(stack: Any) -> Iterator[Kept]:
    """Of a taskcat Stack, and of the stacks nested in it. To be asked before it is deleted."""
    if not stack.launch_exception:
        yield from _kept(stack.client, stack.id, stack.region_name)


def _kept(client: Any, stack: str, region: str) -> Iterator[Kept]:
    template = client.get_template(StackName=stack)["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
    for row in (row for page in pages for row in page["StackResourceSummaries"]):
        physical = row.get("PhysicalResourceId", "")
        if row["ResourceType"] == NESTED and physical:
            yield from _kept(client, physical, region)
            continue
        policy = resources[row["LogicalResourceId"]].get("DeletionPolicy")
        if policy in KEPT and physical:
            yield Kept(region, policy, row["ResourceType"], physical)
