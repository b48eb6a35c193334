"""What a stack holds, opened down through its nested stacks: logical and physical ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.deploy.aws import Aws
from generator.deploy.world import NESTED

GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")


class Holding(NamedTuple):
    """One resource that a stack holds. `physical` is what its service calls it."""

    name: str
    type: str
    physical: str
    status: str
    since: str


class Opened(NamedTuple):
    """A stack, and what is in it. `path` is empty for a stack that is in no other."""

    region: str
    id: str
    path: str
    status: str
    since: str
    holdings: tuple[Holding, ...]

    def path_of(self, holding: Holding) -> str:
        """A resource's logical id, below those of nested stacks."""
        return f"{self.path}/{holding.name}" if self.path else holding.name


def open_stack(aws: Aws, region: str, stack_id: str, status: str, since: str) -> Iterator[Opened]:
    """A stack, then each that is nested in it, at any depth."""
    client = aws.client("cloudformation", region)
    yield from _open(client, Opened(region, stack_id, "", status, since, ()))


def _open(client: Any, closed: Opened) -> Iterator[Opened]:
    opened = closed._replace(holdings=tuple(_holdings(client, closed.id)))
    yield opened
    for inner in opened.holdings:
        if inner.type == NESTED and inner.physical:
            nested = Opened(
                closed.region, inner.physical, opened.path_of(inner), inner.status, inner.since, ()
            )
            yield from _open(client, nested)


def _holdings(client: Any, stack_id: str) -> Iterator[Holding]:
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack_id):
        for entry in page["StackResourceSummaries"]:
            if entry["ResourceStatus"] not in GONE:
                yield _holding(entry)


def _holding(entry: Mapping[str, Any]) -> Holding:
    return Holding(
        name=entry["LogicalResourceId"],
        type=entry["ResourceType"],
        physical=entry.get("PhysicalResourceId", ""),
        status=entry["ResourceStatus"],
        since=str(entry["LastUpdatedTimestamp"]),
    )
