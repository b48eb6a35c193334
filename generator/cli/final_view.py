"""How a rollout ended: the same rows on a terminal and in a log."""

from __future__ import annotations

from generator.cli.console import Console
from generator.deploy.context import Outcome
from generator.deploy.records.lanes import Lane, regions_of
from generator.deploy.records.recorder import Run
from generator.deploy.records.spans import State
from generator.deploy.records.timeline import in_words, timeline_of

COLUMNS = ("Region", "step", "outcome", "time ", "resources ")
NEVER_REACHED = "the rollout ended before"


def show_final(console: Console, run: Run) -> None:
    """The table, then each failure with its first cause, then what was not started and why."""
    console.table(_title(run), COLUMNS, final_rows(run))
    for heading, reasons in (
        ("failed", _reasons(run, State.FAILED)),
        ("refused", _reasons(run, State.REFUSED)),
        ("left, while CloudFormation goes on", _reasons(run, State.DETACHED)),
        ("not started", _not_started(run)),
    ):
        if reasons:
            console.line(f"{heading}:")
        for step_id, reason in reasons.items():
            console.line(f"  {step_id}: {_indented(step_id, reason)}")


def final_rows(run: Run) -> list[tuple[str, ...]]:
    """A row for each stack, and for each instance of a stack set, by Region."""
    return [
        (region.name or "all Regions", lane.span.name, _outcome(lane), _time(lane), _count(lane))
        for region in regions_of(run)
        for lane in region.lanes
    ]


def _title(run: Run) -> str:
    done = sum(outcome.state == State.DONE for outcome in run.outcomes.values())
    took = in_words(timeline_of(run).makespan)
    return f"{run.plan.environment}: {done} of {len(run.plan.steps)} steps done in {took}"


def _outcome(lane: Lane) -> str:
    return str(State.SKIPPED if lane.state is State.WAITING else lane.state)


def _time(lane: Lane) -> str:
    span = lane.span
    if span.started is None or span.ended is None:
        return "-"
    return in_words(span.ended - span.started)


def _count(lane: Lane) -> str:
    return f"{lane.done}/{lane.total}" if lane.total else "-"


def _reasons(run: Run, state: State) -> dict[str, str]:
    return {o.step: o.reason for o in run.outcomes.values() if o.state == state}


def _not_started(run: Run) -> dict[str, str]:
    """Steps that a rollout gave up, and those that it never came to."""
    unheard = Outcome("", State.SKIPPED, 0, 0, NEVER_REACHED)
    ended = {step.id: run.outcomes.get(step.id, unheard) for step in run.plan.steps}
    return {
        step_id: outcome.reason
        for step_id, outcome in ended.items()
        if outcome.state == State.SKIPPED and step_id not in run.began
    }


def _indented(step_id: str, reason: str) -> str:
    """A reason of several lines below its first, without the step's name a second time."""
    return reason.removeprefix(f"{step_id}: ").replace("\n", "\n  ")
