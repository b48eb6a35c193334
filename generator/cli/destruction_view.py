"""What `destroy` shows: what goes, what stays and where it is found again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from generator.cli.console import Console
from generator.deploy.around.destroy import Destruction
from generator.deploy.release import Release
from generator.deploy.steps import Action, Change, DoSet, SetStep, StackStep, Step

NOT_OURS = "left: not tagged as this platform's"
LONGEST = 4
"""How many types are named before the rest is only counted."""


def show_destruction(console: Console, release: Release, destruction: Destruction) -> None:
    """All of it, before anybody is asked."""
    plan = destruction.plan
    rows = [row for step in plan.steps for row in _rows(step)]
    if rows:
        columns = ("Region", "stack", "goes ", "stays ", "most of it")
        console.table(f"{plan.environment} in account {plan.account}: deleted", columns, rows)
    show_kept(console, destruction)
    for arn in destruction.protected:
        console.line(f"deletion protection is turned off first: {arn}")
    for bucket in destruction.buckets:
        words = "emptied and deleted" if bucket.is_ours else NOT_OURS
        console.line(f"{bucket.name} in {bucket.region}: {words}")
    for name in destruction.strangers:
        console.line(f"{name}: {NOT_OURS}")
    guarded = {unit.name for unit in release.units if unit.administrator}
    names = sorted({s.name for s in plan.steps if isinstance(s, StackStep) and s.name in guarded})
    if names:
        console.line(f"an administrator's rights are needed for: {', '.join(names)}")


def show_kept(console: Console, destruction: Destruction) -> None:
    """What is kept: nothing will list it once its stack is gone."""
    rows = [
        (kept.region, kept.stack, kept.physical or "-", kept.type, kept.why)
        for kept in destruction.kept
    ]
    if rows:
        console.table("what stays", ("Region", "stack", "id", "type", "why"), rows)


def show_remains(console: Console, destruction: Destruction) -> None:
    """The end: what is left of it all."""
    if destruction.is_nothing:
        console.line(f"{destruction.plan.environment}: nothing stands")
        for bucket in destruction.buckets:
            console.line(f"{bucket.name} in {bucket.region}: {NOT_OURS}")
        rows = [(left.region, left.name, left.type) for left in destruction.leftovers]
        if rows:
            console.table("kept from before", ("Region", "name", "type"), rows)
        return
    show_kept(console, destruction)
    console.line("done")


def _rows(step: Step) -> list[tuple[str, ...]]:
    match step:
        case StackStep():
            return [(step.region, step.name, *_counts(step.changes))]
        case SetStep() if step.do is DoSet.REMOVE:
            return [(r, step.name, *_counts(step.changes.get(r, ()))) for r in step.places]
        case SetStep():
            return [(step.region, f"{step.name} (the set)", "1", "0", "")]
        case _:
            return []


def _counts(changes: Iterable[Change]) -> tuple[str, str, str]:
    every = list(changes)
    kept = [change for change in every if change.action is Action.LEAVE]
    gone = Counter(change.type for change in every if change.action is not Action.LEAVE)
    words = [f"{count} {name}" for name, count in gone.most_common(LONGEST)]
    more = [f"{len(gone) - LONGEST} more types"] if len(gone) > LONGEST else []
    return str(gone.total()), str(len(kept)), ", ".join(words + more)
