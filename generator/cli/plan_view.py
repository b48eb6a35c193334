"""What a plan shows: its steps, what they modify, and, last and together, what they destroy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from generator.cli.console import Console
from generator.deploy.guard import DESTRUCTIVE, Danger, dangers_of, permission
from generator.deploy.risk import cost_of, interruption_of
from generator.deploy.saved import as_data
from generator.deploy.steps import (
    Action,
    BakeStep,
    Change,
    Plan,
    SetStep,
    StackStep,
    Step,
    UploadStep,
)

SHOWN = 25
"""Rows of a list at most, unless all are asked for; what holds state is always shown."""

COUNTED = (
    Action.ADD,
    Action.MODIFY,
    Action.REPLACE,
    Action.MAY_REPLACE,
    Action.REMOVE,
    Action.LEAVE,
)
COLUMNS = (
    "step",
    "does",
    "where",
    "add ",
    "modify ",
    "replace ",
    "may replace ",
    "remove ",
    "keep ",
    "known from",
    "why",
)


class Placed(NamedTuple):
    """A change, the step that makes it, and the Region in which it is made."""

    step: str
    layer: str
    region: str
    change: Change


def show_plan(console: Console, plan: Plan, *, full: bool = False) -> None:
    """Everything that a plan does; lists in full only where asked for."""
    if plan.steps:
        title = f"{plan.environment}: plan for account {plan.account}, home {plan.home}"
        console.table(title, COLUMNS, [row for step in plan.steps for row in _rows(step)])
    changes = tuple(changes_of(plan))
    _show_modified(console, changes, full=full)
    _show_destroyed(console, changes, full=full)
    console.line(summary(plan))


def summary(plan: Plan) -> str:
    """The plan in one line."""
    count = Counter(placed.change.action for placed in changes_of(plan))
    maybe = f" ({count[Action.MAY_REPLACE]} more maybe)" if count[Action.MAY_REPLACE] else ""
    kept = f", {count[Action.LEAVE]} to leave behind" if count[Action.LEAVE] else ""
    return (
        f"{count[Action.ADD]} to add, {count[Action.MODIFY]} to change, "
        f"{count[Action.REPLACE]} to replace{maybe}, {count[Action.REMOVE]} to remove{kept}, "
        f"{plan.unchanged} {'stack' if plan.unchanged == 1 else 'stacks'} unchanged"
    )


def plan_as_json(plan: Plan) -> str:
    """The plan for another program: its steps, its sums, and what it would destroy."""
    count = Counter(placed.change.action for placed in changes_of(plan))
    data = as_data(plan)
    data.pop("templates")
    shown: dict[str, Any] = {
        "summary": {action.value: count[action] for action in COUNTED},
        "destroys": [
            {
                "step": placed.step,
                "region": placed.region,
                "resource": placed.change.name,
                "type": placed.change.type,
                "action": placed.change.action.value,
                "cost": cost_of(placed.change),
                "allow": permit,
            }
            for placed, permit in _destroyed(changes_of(plan))
        ],
    }
    return json.dumps({**data, **shown}, indent=2, ensure_ascii=False)


def changes_of(plan: Plan) -> Iterator[Placed]:
    """Every change of a plan, in its order."""
    for step in plan.steps:
        for region, changes in _by_region(step):
            for change in changes:
                yield Placed(step.id, _layer(step), region, change)


def _by_region(step: Step) -> Iterator[tuple[str, tuple[Change, ...]]]:
    match step:
        case StackStep():
            yield step.region, step.changes
        case SetStep():
            for region in step.regions or (step.region,):
                yield region, step.changes.get(region, ())
        case _:
            return


def _layer(step: Step) -> str:
    return step.layer if isinstance(step, (StackStep, SetStep)) else ""


def _rows(step: Step) -> list[tuple[str, ...]]:
    """A step's rows: one, or one for each Region of a stack set."""
    nothing = ("",) * len(COUNTED)
    match step:
        case UploadStep():
            words = f"{len(step.files)} {'template' if len(step.files) == 1 else 'templates'}"
            return [(step.id, "upload", step.region, *nothing, "", words)]
        case BakeStep():
            watched = f"watches {', '.join(step.alarms)}" if step.alarms else "waits"
            where = ", ".join(name.partition("@")[2] for name in step.wave)
            return [(step.id, f"bake {step.minutes:g} min", where, *nothing, "", watched)]
        case _:
            return [
                (
                    "" if number else step.id,
                    step.do.value,
                    region,
                    *_counts(changes),
                    step.source,
                    step.why,
                )
                for number, (region, changes) in enumerate(_by_region(step))
            ]


def _counts(changes: Sequence[Change]) -> tuple[str, ...]:
    count = Counter(change.action for change in changes)
    return tuple(str(count[action]) if count[action] else "" for action in COUNTED)


def _show_modified(console: Console, changes: Sequence[Placed], *, full: bool) -> None:
    """Resources that change in place: one row each, however many Regions have it."""
    places: dict[tuple[str, Change], list[str]] = {}
    for placed in changes:
        if placed.change.action is Action.MODIFY:
            places.setdefault((placed.layer, placed.change), []).append(placed.region)
    rows = [
        (
            ", ".join(dict.fromkeys(regions)),
            f"{layer}/{change.name}",
            change.type,
            ", ".join(change.properties),
            interruption_of(change),
        )
        for (layer, change), regions in places.items()
    ]
    _show_list(
        console, "modified", ("where", "resource", "type", "properties", "interrupts"), rows, full
    )


def _show_destroyed(console: Console, changes: Sequence[Placed], *, full: bool) -> None:
    """What is replaced, deleted or left behind: what holds state first, and all of that."""
    rows = [
        (
            placed.region,
            f"{placed.layer}/{placed.change.name}",
            placed.change.type,
            placed.change.action.value,
            cost_of(placed.change),
            permit,
        )
        for placed, permit in _destroyed(changes)
    ]
    asked = [row for row in rows if row[-1]]
    rest = [row for row in rows if not row[-1]]
    columns = ("where", "resource", "type", "is to", "cost", "to allow it, type")
    shown = rest if full else rest[: max(SHOWN - len(asked), 0)]
    if rows:
        console.table("replaced, deleted or left behind", columns, [*asked, *shown])
        _tell_more(console, len(rest) - len(shown))


def _destroyed(changes: Iterable[Placed]) -> Iterator[tuple[Placed, str]]:
    """What goes, with what to type so that it may; that is empty where nothing need be typed."""
    every = tuple(changes)
    dangerous = _dangerous(every)
    for placed in every:
        danger = dangerous.get((placed.step, placed.region, placed.change))
        if placed.change.action in (*DESTRUCTIVE, Action.LEAVE):
            yield (
                placed._replace(region=danger.region) if danger else placed,
                permission(danger) if danger else "",
            )


def _dangerous(changes: Sequence[Placed]) -> dict[tuple[str, str, Change], Danger]:
    stacks: dict[tuple[str, str], list[Change]] = {}
    for placed in changes:
        stacks.setdefault((placed.step, placed.region), []).append(placed.change)
    return {
        (step, region, danger.change): danger
        for (step, region), listed in stacks.items()
        for danger in dangers_of(step, region, listed)
    }


def _show_list(
    console: Console,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    full: bool,
) -> None:
    shown = rows if full else rows[:SHOWN]
    if shown:
        console.table(title, columns, shown)
        _tell_more(console, len(rows) - len(shown))


def _tell_more(console: Console, count: int) -> None:
    if count > 0:
        console.line(f"  and {count} more: plan --all shows them")
