"""What was changed behind CloudFormation's back, in every stack at every depth.

DetectStackDrift looks at one stack and not at those nested in it
(https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DetectStackDrift.html), so
each is asked by its own id. So is the stack of each stack set instance: DetectStackSetDrift would
do the same there, but would keep the set's one operation at a time to itself, and tell no more.
What neither tells is an instance that was updated past its set: CloudFormation calls that no drift
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-drift.html), so its
template is compared with its set's here.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from generator.deploy.around.masking import HIDDEN, is_secret
from generator.deploy.aws import Aws
from generator.deploy.failures import scrubbed, speaking_of
from generator.deploy.looking.inventory import Opened, open_stack
from generator.deploy.looking.reading import template_of
from generator.deploy.waiting import until
from generator.deploy.world import Stack, World, same_template
from generator.errors import Detached

AT_ONCE = 8
"""Detections side by side: each makes CloudFormation call every service of its stack."""

CHECKED_STATUSES = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html"""

SHOWN = ["MODIFIED", "DELETED"]
IN_PROGRESS = "DETECTION_IN_PROGRESS"


class Difference(NamedTuple):
    """One property that is not as the template says. Secrets are hidden."""

    path: str
    kind: str
    """ADD, REMOVE or NOT_EQUAL, as AWS has it."""
    expected: str
    actual: str


class Drifted(NamedTuple):
    """A resource that was changed or deleted past CloudFormation."""

    region: str
    stack: str
    path: str
    type: str
    physical: str
    status: str
    differences: tuple[Difference, ...]


class Unchecked(NamedTuple):
    """A stack, or part of one, of which nothing can be said."""

    region: str
    stack: str
    reason: str


class Drift(NamedTuple):
    """All that was found."""

    stacks: int
    """How many were asked, nested ones included."""
    drifted: tuple[Drifted, ...]
    unchecked: tuple[Unchecked, ...]
    past_the_set: tuple[str, ...]
    """Stack set instances whose template is not their set's, though the set takes them for it."""

    @property
    def is_clean(self) -> bool:
        """Whether everything was looked at and is as it was deployed."""
        return not (self.drifted or self.unchecked or self.past_the_set)


class Found(NamedTuple):
    """What one stack's detection found."""

    drifted: tuple[Drifted, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


Progress = Callable[[str, int, int], None]


def find_drift(
    aws: Aws, world: World, secrets: frozenset[str], stop: threading.Event, progress: Progress
) -> Drift:
    """Ask every stack, and wait. Values in `secrets` are hidden wherever they are.

    Raises Detached where somebody leaves.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        opened = pool.map(lambda top: _opened(aws, *top), _tops(world))
        stacks = [pair for some in opened for pair in some]
        found: list[Found] = []
        try:
            for one in pool.map(lambda s: _ask(aws, s[0], s[1], secrets, stop), stacks):
                found.append(one)
                progress("stacks", len(found), len(stacks))
        except BaseException:  # Ctrl-C too: the other threads must not wait on
            stop.set()
            raise
    return Drift(
        stacks=len(stacks),
        drifted=tuple(d for one in found for d in one.drifted),
        unchecked=tuple(u for one in found for u in one.unchecked),
        past_the_set=tuple(past_their_set(world)),
    )


def _tops(world: World) -> Iterator[tuple[str, Stack]]:
    """The stacks that are in no other, by the name that a person knows."""
    for stack in world.stacks.values():
        yield stack.name, stack
    for stack_set in world.sets.values():
        for instance in stack_set.instances.values():
            if instance.stack:
                yield stack_set.name, instance.stack


def _opened(aws: Aws, name: str, stack: Stack) -> list[tuple[str, Opened]]:
    with speaking_of(f"{name} in {stack.region}"):
        found = open_stack(aws, stack.region, stack.id, stack.status, stack.updated)
        return [(f"{name}/{inner.path}" if inner.path else name, inner) for inner in found]


def past_their_set(world: World) -> Iterator[str]:
    """Instances that were updated by themselves, and whose set does not know it.

    One that says OUTDATED is known to differ: an operation on it failed.
    """
    for stack_set in world.sets.values():
        for i in stack_set.instances.values():
            stands = i.stack.template if i.stack and i.status == "CURRENT" else None
            if stands is not None and not same_template(stands, stack_set.template):
                yield f"{stack_set.name} in {i.region}"


def _ask(
    aws: Aws, name: str, stack: Opened, secrets: frozenset[str], stop: threading.Event
) -> Found:
    if stack.status not in CHECKED_STATUSES:
        return Found(unchecked=(Unchecked(stack.region, name, f"it is {stack.status}"),))
    client = aws.client("cloudformation", stack.region)
    with speaking_of(f"{name} in {stack.region}"):
        ended = _detect(client, stack.id, stop)
        drifted = tuple(_drifted(client, name, stack, secrets))
    if ended["DetectionStatus"] == "DETECTION_FAILED":
        reason = scrubbed(ended.get("DetectionStatusReason", "no reason was given"))
        return Found(drifted, (Unchecked(stack.region, name, reason),))
    return Found(drifted)


def _detect(client: Any, stack_id: str, stop: threading.Event) -> Mapping[str, Any]:
    """Run a detection to its end; one that somebody else runs is waited for first."""
    detection = until(lambda: _start(client, stack_id), stop)
    if detection is None:
        raise Detached("left while drift was detected; nothing was changed")
    describe = client.describe_stack_drift_detection_status

    def look() -> Mapping[str, Any] | None:
        found: Mapping[str, Any] = describe(StackDriftDetectionId=detection)
        return None if found["DetectionStatus"] == IN_PROGRESS else found

    ended = until(look, stop)
    if ended is None:
        raise Detached("left while drift was detected; nothing was changed")
    return ended


def _start(client: Any, stack_id: str) -> str | None:
    try:
        return str(client.detect_stack_drift(StackName=stack_id)["StackDriftDetectionId"])
    except ClientError as error:
        if "already in progress" in str(error):
            return None
        raise


def _drifted(client: Any, name: str, stack: Opened, secrets: frozenset[str]) -> Iterator[Drifted]:
    entries = list(_entries(client, stack.id))
    body = json.loads(template_of(client, stack.id)) if entries else {}
    for entry in entries:
        yield Drifted(
            region=stack.region,
            stack=name,
            path=entry["LogicalResourceId"],
            type=entry["ResourceType"],
            physical=entry.get("PhysicalResourceId", ""),
            status=entry["StackResourceDriftStatus"],
            differences=tuple(
                _difference(body, entry["LogicalResourceId"], difference, secrets)
                for difference in entry.get("PropertyDifferences", [])
            ),
        )


def _entries(client: Any, stack_id: str) -> Iterator[Mapping[str, Any]]:
    """botocore has no paginator for this call."""
    following: dict[str, str] = {}
    while True:
        page = client.describe_stack_resource_drifts(
            StackName=stack_id, StackResourceDriftStatusFilters=SHOWN, **following
        )
        yield from page["StackResourceDrifts"]
        if not page.get("NextToken"):
            return
        following = {"NextToken": page["NextToken"]}


def _difference(
    body: Mapping[str, Any], logical_id: str, entry: Mapping[str, Any], secrets: frozenset[str]
) -> Difference:
    path, kind = entry["PropertyPath"], entry["DifferenceType"]
    if is_secret(body, logical_id, path):
        return Difference(path, kind, HIDDEN, HIDDEN)
    expected, actual = (entry.get(key, "") for key in ("ExpectedValue", "ActualValue"))
    return Difference(path, kind, scrubbed(expected, secrets), scrubbed(actual, secrets))
