"""Everything of an environment that stands, and how it is. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from generator.deploy.around.switches import Health, read_health
from generator.deploy.aws import Aws
from generator.deploy.executing.objects import read_object
from generator.deploy.looking.inventory import open_stack
from generator.deploy.looking.look import LOOKERS, look
from generator.deploy.records.journal import LATEST, read_past
from generator.deploy.records.lease import NAME, read_lease
from generator.deploy.records.lease import SECONDS as LEASE_SECONDS
from generator.deploy.release import Kind, Release, places_of
from generator.deploy.world import Stack, World, same_template

BAD_INSTANCES = ("OUTDATED", "INOPERABLE")
CURRENT, OUTDATED, NOT_BUILT = "current", "outdated", "not built"


class Row(NamedTuple):
    """A stack: its own, one that is nested in it, or a stack set instance's."""

    region: str
    name: str
    path: str
    """Below the stack, for a nested one; else empty."""
    status: str
    since: str
    template: str
    """Against build/: `current`, `outdated`, or `not built`: no longer of the release."""
    protected: bool

    @property
    def is_broken(self) -> bool:
        """Whether an operation failed, and what it left was not mended since."""
        return "FAILED" in self.status or "ROLLBACK" in self.status


class InstanceRow(NamedTuple):
    """A Region's instance of a stack set."""

    set: str
    region: str
    status: str
    detail: str
    reason: str
    stack: Row | None

    @property
    def is_broken(self) -> bool:
        """Whether it is not what its set says."""
        return self.status in BAD_INSTANCES or (self.stack is not None and self.stack.is_broken)


class LastRun(NamedTuple):
    """What the last journal tells. Times are seconds since the epoch."""

    caller: str
    began: float
    ended: float
    end: str
    """`done`, or the state of the steps that were not: failed, detached, running…"""
    unfinished: tuple[str, ...]


class Status(NamedTuple):
    """All that `status` shows."""

    environment: str
    account: str
    stacks: tuple[Row, ...]
    instances: tuple[InstanceRow, ...]
    missing: tuple[str, ...]
    """What was built and does not stand."""
    in_flight: tuple[str, ...]
    lease: str
    """Who holds it; empty where it is free."""
    last: LastRun | None
    health: tuple[Health, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """What needs somebody, in words; empty where nothing does."""
        stacks = [f"{_title(row)}: {row.status}" for row in self.stacks if row.is_broken]
        instances = [
            f"{row.set} in {row.region}: {row.stack.status if row.stack else ''} {row.status}"
            for row in self.instances
            if row.is_broken
        ]
        return (*stacks, *instances)


def take_status(aws: Aws, release: Release, *, nested: bool = False) -> Status:
    """Look at everything; `nested` lists the nested stacks too."""
    account = aws.account(release.home)
    client, bucket = aws.client("s3", release.home), release.bucket_in(release.home, account)
    past = read_past(client, bucket, release.key_prefix)
    world = look(aws, release, account, past.regions)
    rows = stack_rows(release, world)
    return Status(
        environment=release.environment,
        account=account,
        stacks=_with_nested(aws, world, rows) if nested else rows,
        instances=tuple(instance_rows(release, world)),
        missing=tuple(missing(release, world)),
        in_flight=world.in_flight,
        lease=_holder(client, bucket, release),
        last=read_last(client, bucket, release.key_prefix),
        health=read_health(aws, release) if world.sets else (),
    )


def stack_rows(release: Release, world: World) -> tuple[Row, ...]:
    """The stacks that are in no other: as they are rolled out, then those no longer built."""
    order = {unit.name: number for number, unit in enumerate(release.units)}
    stacks = sorted(
        world.stacks.values(), key=lambda s: (order.get(s.name, len(order)), s.name, s.region)
    )
    return tuple(_row(release, stack, stack.name) for stack in stacks)


def _with_nested(aws: Aws, world: World, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    stacks = [world.stacks[row.region, row.name] for row in rows]
    with ThreadPoolExecutor(LOOKERS) as pool:
        below = list(pool.map(lambda stack: _nested(aws, stack), stacks))
    return tuple(row for top, inner in zip(rows, below, strict=True) for row in (top, *inner))


def _nested(aws: Aws, stack: Stack) -> list[Row]:
    """A nested stack is as current and as protected as the one that it is in."""
    opened = open_stack(aws, stack.region, stack.id, stack.status, stack.updated)
    return [
        Row(stack.region, stack.name, inner.path, inner.status, inner.since, "", stack.protected)
        for inner in opened
        if inner.path
    ]


def _row(release: Release, stack: Stack, name: str) -> Row:
    """`name` is the unit's; an instance's stack is named after its set."""
    return Row(
        region=stack.region,
        name=name,
        path="",
        status=stack.status,
        since=stack.updated,
        template=_against_built(release, stack, name),
        protected=stack.protected,
    )


def _against_built(release: Release, stack: Stack, name: str) -> str:
    built = {unit.name: unit for unit in release.units if stack.region in unit.regions}
    if name not in built:
        return NOT_BUILT
    wanted = release.templates[built[name].template]
    return CURRENT if same_template(stack.template, wanted) else OUTDATED


def instance_rows(release: Release, world: World) -> Iterator[InstanceRow]:
    """Every instance of every stack set."""
    for stack_set in world.sets.values():
        for where, i in stack_set.instances.items():
            row = _row(release, i.stack, stack_set.name) if i.stack else None
            yield InstanceRow(stack_set.name, where, i.status, i.detail, i.reason, row)


def missing(release: Release, world: World) -> Iterator[str]:
    """What was built and does not stand."""
    for unit in release.units:
        if unit.kind is Kind.STACK:
            standing = {region for region, name in world.stacks if name == unit.name}
        else:
            found = world.sets.get(unit.name)
            standing = set(found.instances) if found else set()
        wanted = places_of(unit, world.accounts, world.account)
        yield from (f"{unit.name} in {where}" for where in wanted if where not in standing)


def _holder(client: Any, bucket: str, release: Release) -> str:
    seen = read_lease(client, bucket, release.key_prefix + NAME)
    if seen is None or seen.holder is None:
        return ""
    expired = seen.age >= LEASE_SECONDS or seen.holder.is_dead
    return f"{seen.holder}{'; it stopped, and the lease is free' if expired else ''}"


def read_last(client: Any, bucket: str, key_prefix: str) -> LastRun | None:
    """The last journal, if there is one that tells who and when."""
    found = read_object(client, bucket, key_prefix + LATEST)
    data = json.loads(found.text) if found else {}
    if "caller" not in data:
        return None
    steps: dict[str, dict[str, Any]] = data.get("steps", {})
    unfinished = {name: s["state"] for name, s in steps.items() if s["state"] != "done"}
    return LastRun(
        caller=data["caller"],
        began=data["began"],
        ended=max((s.get("ended", s["started"]) for s in steps.values()), default=data["began"]),
        end=", ".join(dict.fromkeys(unfinished.values())) or "done",
        unfinished=tuple(unfinished),
    )


def _title(row: Row) -> str:
    name = f"{row.name}/{row.path}" if row.path else row.name
    return f"{name} in {row.region}"
