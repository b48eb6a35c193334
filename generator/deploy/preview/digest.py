"""A plan read change by change: what happens where, and what goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from generator.deploy.preview.guard import DESTRUCTIVE, Danger, dangers_of, permission
from generator.deploy.preview.risk import cost_of
from generator.deploy.steps import Action, Change, Plan, SetStep, StackStep, Step


class Placed(NamedTuple):
    """A change, the step that makes it, and the Region in which it is made."""

    step: str
    layer: str
    region: str
    change: Change


class Destroyed(NamedTuple):
    """What goes or is left behind: where, what that costs, and what to type so that it may."""

    placed: Placed
    region: str
    cost: str
    allow: str
    """Empty where nothing need be typed."""


def changes_of(plan: Plan) -> Iterator[Placed]:
    """Every change of a plan, in its order."""
    for step in plan.steps:
        for region, changes in by_region(step):
            for change in changes:
                yield Placed(step.id, _layer(step), region, change)


def by_region(step: Step) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """A step's changes in each place that it works in; none of a step that changes no stack."""
    match step:
        case StackStep():
            yield step.region, step.changes
        case SetStep():
            for where in step.places or (step.region,):
                yield where, step.changes.get(where, ())
        case _:
            return


def _layer(step: Step) -> str:
    return step.layer if isinstance(step, (StackStep, SetStep)) else ""


def destroyed(changes: Iterable[Placed]) -> Iterator[Destroyed]:
    """What is replaced, deleted or left behind, in the plan's order."""
    every = tuple(changes)
    dangerous = _dangerous(every)
    for placed in every:
        danger = dangerous.get((placed.step, placed.region, placed.change))
        if danger:
            cost = cost_of(placed.change, danger.loss)
            yield Destroyed(placed, danger.region, cost, permission(danger))
        elif placed.change.action in (*DESTRUCTIVE, Action.LEAVE):
            yield Destroyed(placed, placed.region, cost_of(placed.change), "")


def _dangerous(changes: Sequence[Placed]) -> dict[tuple[str, str, Change], Danger]:
    stacks: dict[tuple[str, str], list[Change]] = {}
    for placed in changes:
        stacks.setdefault((placed.step, placed.region), []).append(placed.change)
    return {
        (step, region, danger.change): danger
        for (step, region), listed in stacks.items()
        for danger in dangers_of(step, region, listed)
    }
