"""What a plan shows: its steps, what they modify, and, last and together, what they destroy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from generator.cli.console import Paper
from generator.deploy.preview.digest import Placed, by_region, changes_of, destroyed
from generator.deploy.preview.risk import interruption_of
from generator.deploy.records.saved import as_data
from generator.deploy.steps import (
    Action,
    BakeStep,
    Change,
    Plan,
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
    *("step", "does", "where"),
    *("add ", "modify ", "replace ", "may replace ", "remove ", "leave "),
    *("known from", "why"),
)
ONLY_IF_USED = ("may replace ", "leave ", "why")


def show_plan(console: Paper, plan: Plan, *, full: bool = False) -> None:
    """Everything that a plan does; lists in full only where asked for."""
    if plan.steps:
        title = f"{plan.environment}: plan for account {plan.account}, home {plan.home}"
        _show_used(console, title, [row for step in plan.steps for row in _rows(step)])
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
                "step": gone.placed.step,
                "region": gone.region,
                "resource": gone.placed.change.name,
                "type": gone.placed.change.type,
                "action": gone.placed.change.action.value,
                "cost": gone.cost,
                "allow": gone.allow,
            }
            for gone in destroyed(changes_of(plan))
        ],
    }
    return json.dumps({**data, **shown}, indent=2, ensure_ascii=False)


def _show_used(console: Paper, title: str, rows: Sequence[Sequence[str]]) -> None:
    """The table of steps, without columns that are only there for what no step has."""
    used = [
        number
        for number, column in enumerate(COLUMNS)
        if column not in ONLY_IF_USED or any(row[number] for row in rows)
    ]
    columns = [COLUMNS[number] for number in used]
    console.table(title, columns, [[row[number] for number in used] for row in rows])


def _rows(step: Step) -> list[tuple[str, ...]]:
    """A step's rows: one, or one for each Region of a stack set."""
    nothing = ("",) * len(COUNTED)
    match step:
        case UploadStep():
            words = f"{len(step.files)} {'file' if len(step.files) == 1 else 'files'}"
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
                for number, (region, changes) in enumerate(by_region(step))
            ]


def _counts(changes: Sequence[Change]) -> tuple[str, ...]:
    count = Counter(change.action for change in changes)
    return tuple(str(count[action]) if count[action] else "" for action in COUNTED)


def _show_modified(console: Paper, changes: Sequence[Placed], *, full: bool) -> None:
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


def _show_destroyed(console: Paper, changes: Sequence[Placed], *, full: bool) -> None:
    """What is replaced, deleted or left behind: what is refused first, and all of that."""
    every = sorted(destroyed(changes), key=lambda gone: (not gone.allow, not gone.cost))
    refused = sum(bool(gone.allow) for gone in every)
    shown = every if full else every[: max(SHOWN, refused)]
    rows = [
        (
            gone.region,
            f"{gone.placed.layer}/{gone.placed.change.name}",
            gone.placed.change.type,
            gone.placed.change.action.value,
            gone.cost,
            gone.allow,
        )
        for gone in shown
    ]
    if rows:
        columns = ("where", "resource", "type", "is to", "cost", "to allow it, type")
        console.table("replaced, deleted or left behind", columns, rows)
        _tell_more(console, len(every) - len(shown))


def _show_list(
    console: Paper,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    full: bool,
) -> None:
    shown = rows if full else rows[:SHOWN]
    if shown:
        console.table(title, columns, shown)
        _tell_more(console, len(rows) - len(shown))


def _tell_more(console: Paper, count: int) -> None:
    if count > 0:
        console.line(f"  and {count} more: plan --all shows them")
