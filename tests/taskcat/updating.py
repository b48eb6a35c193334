"""What taskcat has no test for: this release over the stacks of the previous one.

Each stack by a change set, nested stacks included, which is executed as it is; what it changed is
what it said. Values of a Parameter come as taskcat renders them for a new stack.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from taskcat._cfn.stack import Capabilities
from taskcat._cfn.threaded import fan_out
from taskcat._client_factory import Boto3Cache
from taskcat._common_utils import s3_url_maker
from taskcat._s3_stage import stage_in_s3

from tests.taskcat.configuration import Batch
from tests.taskcat.launching import Platform
from tests.taskcat.watching import Failed, judge

LOG = logging.getLogger(__name__)
CHANGE_SET = "taskcat-update"
REGIONS_AT_ONCE = 8


class Change(NamedTuple):
    """One resource that an update changes, as its change set says."""

    test: str
    region: str
    path: str
    """Logical ids from the top stack down, with slashes; nothing where all of it is new."""
    type: str
    action: str
    replacement: str


class _Target(NamedTuple):
    """A stack that stands, and the TestObj and TestRegion that would have made it."""

    stack: Any
    test: Any
    region: Any


def update(platform: Platform, batch: Batch) -> tuple[Change, ...]:
    """Bring the stacks of a batch to the platform's build; create those that are new.

    Raises Failed where a stack does not end in UPDATE_COMPLETE.
    """
    standing = {(stack.test_name, stack.region_name): stack for stack in platform.stacker.stacks}
    old, new = _parted(batch, set(standing))
    changes: list[Change] = []
    if old:
        targets = list(_targets(platform, old, standing))
        seconds = {"poll_seconds": platform.poll_seconds}
        for found in fan_out(_updated, seconds, targets, REGIONS_AT_ONCE):
            changes += found
        platform.remember(old, [target.stack for target in targets])
    if new:
        platform.launch(new)
        changes += [
            Change(launch.test.name, region, "", "AWS::CloudFormation::Stack", "Create", "")
            for launch in new
            for region in launch.regions
        ]
    return tuple(changes)


def _parted(batch: Batch, standing: set[tuple[str, str]]) -> tuple[Batch, Batch]:
    """What of a batch stands, and what does not."""
    parts: tuple[list[Any], list[Any]] = ([], [])
    for launch in batch:
        for part, stands in zip(parts, (True, False), strict=True):
            regions = [r for r in launch.regions if ((launch.test.name, r) in standing) is stands]
            if regions:
                part.append(launch._replace(regions=tuple(regions)))
    return tuple(parts[0]), tuple(parts[1])


def _targets(
    platform: Platform, batch: Batch, standing: dict[tuple[str, str], Any]
) -> Iterator[_Target]:
    """As CFNTest.run prepares a launch, up to where it would create the stacks."""
    config, cache = platform.config(batch), Boto3Cache()
    templates, regions = config.get_templates(), config.get_regions(cache)
    buckets = config.get_buckets(cache)
    stage_in_s3(buckets, config.config.project.name, config.project_root, [])
    rendered = config.get_rendered_parameters(buckets, regions, templates)
    for test in config.get_tests(templates, regions, buckets, rendered).values():
        for region in test.regions:
            yield _Target(standing[test.name, region.name], test, region)


def _updated(target: _Target, poll_seconds: float) -> tuple[Change, ...]:
    """One stack, from change set to UPDATE_COMPLETE; nothing where nothing differs."""
    client = target.region.client("cloudformation")
    made = client.create_change_set(**_request(target))["Id"]
    state = _settled(client, made, poll_seconds)
    if state["Status"] == "FAILED":
        client.delete_change_set(ChangeSetName=made)
        if _is_empty(state.get("StatusReason", "")):
            LOG.info("%s: nothing to change", _told(target))
            return ()
        raise Failed(f"{target.test.name} in {target.region.name}: {state.get('StatusReason')}")
    changes = tuple(_changes(client, made, target, ()))
    client.execute_change_set(ChangeSetName=made)
    _wait(target.stack, poll_seconds)
    judge([target.stack], "UPDATE_COMPLETE")
    LOG.info("%s: %d changes", _told(target), len(changes))
    return changes


def _told(target: _Target) -> str:
    return f"{target.test.name:<34} {target.region.name:<16} {target.stack.status}"


def _request(target: _Target) -> dict[str, Any]:
    bucket, region = target.region.s3_bucket, target.region
    url = s3_url_maker(bucket.name, target.test.template.s3_key, region.client("s3"))
    return {
        "StackName": target.stack.id,
        "ChangeSetName": CHANGE_SET,
        "ChangeSetType": "UPDATE",
        "TemplateURL": url,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in region.parameters.items()
        ],
        "Tags": [tag.dump() for tag in target.stack.tags],
        "Capabilities": Capabilities.ALL,
        "IncludeNestedStacks": True,
    }


def _settled(client: Any, change_set: str, poll_seconds: float) -> dict[str, Any]:
    while True:
        state: dict[str, Any] = client.describe_change_set(ChangeSetName=change_set)
        if state["Status"] in ("CREATE_COMPLETE", "FAILED"):
            return state
        time.sleep(poll_seconds)


def _is_empty(reason: str) -> bool:
    """CloudFormation's two ways to say that nothing differs."""
    return "didn't contain changes" in reason or "No updates are to be performed" in reason


def _changes(
    client: Any, change_set: str, target: _Target, above: tuple[str, ...]
) -> Iterator[Change]:
    """Of a change set and of those nested in it."""
    pages = client.get_paginator("describe_change_set").paginate(ChangeSetName=change_set)
    for change in (row["ResourceChange"] for page in pages for row in page["Changes"]):
        path = (*above, change["LogicalResourceId"])
        if "ChangeSetId" in change:
            yield from _changes(client, change["ChangeSetId"], target, path)
        else:
            yield Change(
                target.test.name,
                target.region.name,
                "/".join(path),
                change["ResourceType"],
                change["Action"],
                change.get("Replacement", ""),
            )


def _wait(stack: Any, poll_seconds: float) -> None:
    stack.refresh()
    while stack.status.endswith("_IN_PROGRESS"):
        time.sleep(poll_seconds)
        stack.refresh()
