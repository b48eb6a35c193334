"""What a deletion leaves behind, by which ids it is found again, and what is in its way.

CloudFormation forgets what it keeps, so this is told before. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from generator.deploy.around.destruction import is_ours
from generator.deploy.aws import Aws
from generator.deploy.executing.protections import LOAD_BALANCER, protected
from generator.deploy.looking.fixed_names import REPLICA_LISTS
from generator.deploy.looking.inventory import Holding, Opened, open_stack
from generator.deploy.looking.look import LOOKERS
from generator.deploy.looking.reading import template_of
from generator.deploy.planning.deletions import removals
from generator.deploy.preview.guard import STATEFUL
from generator.deploy.release import Release
from generator.deploy.steps import Action, Change
from generator.deploy.world import Stack, World

FUNCTION, LOG_GROUP = "AWS::Lambda::Function", "AWS::Logs::LogGroup"


class Kept(NamedTuple):
    """Something that stays when its stack is gone, or comes to be with that."""

    region: str
    stack: str
    path: str
    type: str
    physical: str
    why: str


class Insides(NamedTuple):
    """What is in the stacks of a world, opened down through nested ones."""

    world: World
    """The same, with the templates of nested stacks."""
    kept: tuple[Kept, ...]
    protected: tuple[str, ...]
    """ARNs of load balancers that are protected from deletion."""


def look_inside(aws: Aws, release: Release, world: World) -> Insides:
    """Open every stack that is ours."""
    tops = [s for s in world.stacks.values() if is_ours(release, s)]
    instances = [
        (s.name, i.stack)
        for s in world.sets.values()
        if is_ours(release, s)
        for i in s.instances.values()
        if i.stack
    ]
    with ThreadPoolExecutor(LOOKERS) as pool:
        opened = list(pool.map(lambda stack: _open(aws, stack), tops))
        inner = list(pool.map(lambda pair: _open(aws, pair[1]), instances))
    names = [*(s.name for s in tops), *(name for name, _ in instances)]
    every = list(zip(names, [*opened, *inner], strict=True))
    stacks = {(stack.region, stack.name): stack for stack, _ in opened}
    return Insides(
        world=world._replace(stacks={**world.stacks, **stacks}),
        kept=tuple(k for name, (stack, parts) in every for k in _kept(name, stack, parts)),
        protected=tuple(arn for _, (s, parts) in every for arn in _protected(aws, s, parts)),
    )


def _open(aws: Aws, stack: Stack) -> tuple[Stack, tuple[Opened, ...]]:
    client = aws.client("cloudformation", stack.region)
    parts = tuple(open_stack(aws, stack.region, stack.id, stack.status, stack.updated))
    nested = {part.path: template_of(client, part.id) for part in parts if part.path}
    return stack._replace(nested=nested), parts


def _kept(name: str, stack: Stack, parts: tuple[Opened, ...]) -> Iterator[Kept]:
    held = {part.path_of(holding): holding for part in parts for holding in part.holdings}
    for change in removals(stack):
        if change.path in held and _is_left(change):
            physical = held[change.path].physical
            why = _why(change, _other_regions(stack, change))
            yield Kept(stack.region, name, change.path, change.type, physical, why)
    yield from _unknown_to_cloudformation(name, stack, held)


def _is_left(change: Change) -> bool:
    return change.action is Action.LEAVE or change.policy == "Snapshot"


def _why(change: Change, others: list[str]) -> str:
    if change.policy == "Snapshot":
        return "a last snapshot is made of it, and kept"
    content = STATEFUL.get(change.type, "what its DeletionPolicy guards")
    where = f", here and in {', '.join(others)}" if others else ""
    return f"keeps {content.partition(':')[0]}{where}"


def _other_regions(stack: Stack, change: Change) -> list[str]:
    """Further Regions in which the same resource stands."""
    above, _, name = change.path.rpartition("/")
    body = stack.nested_bodies[above] if above else stack.body
    listed = body["Resources"][name].get("Properties", {}).get(REPLICA_LISTS.get(change.type), [])
    return [r for entry in listed if isinstance(r := entry["Region"], str) and r != stack.region]


def _unknown_to_cloudformation(name: str, stack: Stack, held: dict[str, Holding]) -> Iterator[Kept]:
    """The log groups that Lambda makes by itself where a template has none."""
    groups = {h.physical for h in held.values() if h.type == LOG_GROUP}
    for path, holding in held.items():
        group = f"/aws/lambda/{holding.physical}"
        if holding.type == FUNCTION and group not in groups:
            why = "if the function ever logged: made by Lambda, unknown to CloudFormation"
            yield Kept(stack.region, name, path, LOG_GROUP, group, why)


def _protected(aws: Aws, stack: Stack, parts: tuple[Opened, ...]) -> Iterator[str]:
    arns = [h.physical for part in parts for h in part.holdings if h.type == LOAD_BALANCER]
    yield from protected(aws, stack.region, arns)
