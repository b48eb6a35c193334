"""What CloudFormation tells while it works, and the first real cause when it failed.

A parent only says that a nested stack failed; what failed is said in that stack's own events. And
once one resource failed, others are cancelled, which says nothing. So the cause is the earliest
failure that is not a cancellation, sought through nested stacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from generator.deploy.aws import Aws
from generator.deploy.failures.scrub import scrubbed
from generator.deploy.world import NESTED

CANCELLED = ("cancelled", "canceled")


class StackEvent(NamedTuple):
    """Something that happened to a resource; `path` is below nested stacks."""

    time: float
    path: str
    type: str
    status: str
    reason: str


class Cause(NamedTuple):
    """Where and why something failed first."""

    region: str
    path: str
    type: str
    reason: str

    def __str__(self) -> str:
        return f"{self.reason}\n    {self.region}: {self.path} ({self.type})"


def events_since(client: Any, stack_id: str, seen: str) -> list[Mapping[str, Any]]:
    """Events after the one called `seen`, oldest first; all of the last operation where empty."""
    found: list[Mapping[str, Any]] = []
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        for event in page["StackEvents"]:
            if event["EventId"] == seen:
                return found[::-1]
            found.append(event)
            if not seen and _begins_operation(event, stack_id):
                return found[::-1]
    return found[::-1]


def _begins_operation(event: Mapping[str, Any], stack_id: str) -> bool:
    """The stack's own event with which an operation starts; rollbacks belong to theirs."""
    return event.get("PhysicalResourceId") == stack_id and event["ResourceStatus"] in (
        "CREATE_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
        "REVIEW_IN_PROGRESS",
    )


def began(client: Any, stack_id: str, seen: str, token: str) -> bool:
    """Whether the operation of a token began: each event carries that of its operation.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html
    """
    events = events_since(client, stack_id, seen)
    return any(event.get("ClientRequestToken") == token for event in events)


def last_event(client: Any, stack_id: str) -> str:
    """Id of a stack's newest event; empty where it has none."""
    events = client.describe_stack_events(StackName=stack_id)["StackEvents"]
    return events[0]["EventId"] if events else ""


def first_cause(aws: Aws, region: str, stack_id: str) -> Cause | None:
    """The earliest real failure of a stack's last operation; None where its events name none."""
    client = aws.client("cloudformation", region)
    events = events_since(client, stack_id, "")
    found = _first_failure(client, events, stack_id, "", events[0]["Timestamp"]) if events else None
    return Cause(region, *found) if found else None


def _first_failure(
    client: Any, events: list[Mapping[str, Any]], stack_id: str, path: str, began: datetime
) -> tuple[str, str, str] | None:
    """Path, type and reason; a failed nested stack is looked into, though it be deleted by now."""
    for event in filter(_is_failure, events):
        name = f"{path}{event['LogicalResourceId']}"
        inner = event.get("PhysicalResourceId", "")
        if event["ResourceType"] == NESTED and inner not in ("", stack_id):
            told = _events_from(client, inner, began)
            deeper = _first_failure(client, told, inner, f"{name}/", began)
            if deeper:
                return deeper
        return name, event["ResourceType"], scrubbed(event.get("ResourceStatusReason", ""))
    return None


def _events_from(client: Any, stack_id: str, began: datetime) -> list[Mapping[str, Any]]:
    """Events since a moment, oldest first: a nested stack's may span its making and its removal."""
    pages = client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    events = [event for page in pages for event in page["StackEvents"]]
    return [event for event in reversed(events) if event["Timestamp"] >= began]


def _is_failure(event: Mapping[str, Any]) -> bool:
    reason = event.get("ResourceStatusReason", "").lower()
    return event["ResourceStatus"].endswith("_FAILED") and not any(
        word in reason for word in CANCELLED
    )


class Listener:
    """Follows a stack and its nested stacks: each event is told once."""

    def __init__(self, aws: Aws, region: str, stack_id: str, seen: str) -> None:
        self._client, self._root = aws.client("cloudformation", region), stack_id
        self._seen = {stack_id: seen}
        self._paths = {stack_id: ""}
        self.status = ""
        """What the stack itself was last heard to be; empty until its operation is seen."""

    def news(self) -> Iterator[StackEvent]:
        """Events that have not been told, of the stack and of each nested one that moved."""
        for stack_id in list(self._seen):
            yield from self._news_of(stack_id)

    def _news_of(self, stack_id: str) -> Iterator[StackEvent]:
        for event in events_since(self._client, stack_id, self._seen[stack_id]):
            self._seen[stack_id] = event["EventId"]
            path = f"{self._paths[stack_id]}{event['LogicalResourceId']}"
            if event.get("PhysicalResourceId") == stack_id:
                path = self._paths[stack_id].rstrip("/")
                if stack_id == self._root:
                    self.status = event["ResourceStatus"]
            yield StackEvent(
                time=event["Timestamp"].timestamp(),
                path=path,
                type=event["ResourceType"],
                status=event["ResourceStatus"],
                reason=scrubbed(event.get("ResourceStatusReason", "")),
            )
            self._follow(event, stack_id, path)

    def _follow(self, event: Mapping[str, Any], parent: str, path: str) -> None:
        """A nested stack that moves has news of its own."""
        inner = event.get("PhysicalResourceId", "")
        if event["ResourceType"] != NESTED or inner in ("", parent):
            return
        if event["ResourceStatus"].endswith("_IN_PROGRESS"):
            self._seen.setdefault(inner, "")
            self._paths.setdefault(inner, f"{path}/")
