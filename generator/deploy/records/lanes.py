"""A run as lanes: Region by Region, a lane for each stack and each stack-set instance.

The live tree, the final view and both timelines are drawn from these, so they can't disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from generator.deploy.context import Outcome
from generator.deploy.looking.events import StackEvent
from generator.deploy.records.recorder import Run
from generator.deploy.records.spans import Reading, Span, State, count_done, read_events
from generator.deploy.steps import BakeStep, Change, SetStep, StackStep, Step
from generator.deploy.world import NESTED

EVERYWHERE = ""
"""Region of what belongs to none, such as a bake."""

RESULTS = {
    "PENDING": State.WAITING,
    "RUNNING": State.RUNNING,
    "SUCCEEDED": State.DONE,
    "FAILED": State.FAILED,
    "CANCELLED": State.SKIPPED,
}
"""Statuses of a stack set operation's result in a Region.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationResultSummary.html
"""


class Lane(NamedTuple):
    """A step, or a stack set's instance in one Region."""

    region: str
    step: str
    span: Span
    done: int
    total: int
    """Resources that it changes, those of nested stacks included."""
    now: str = ""
    """The resource that is worked on."""
    nested: tuple[Nested, ...] = ()
    resources: tuple[Span, ...] = ()
    """Spans of resources; named by their path."""

    @property
    def state(self) -> State:
        """How it goes."""
        return self.span.state


class Nested(NamedTuple):
    """A nested stack of a lane, named by its path."""

    span: Span
    done: int
    total: int
    now: str


class Region(NamedTuple):
    """A Region's lanes, in the order of the plan."""

    name: str
    lanes: tuple[Lane, ...]


Told = tuple[float | None, Outcome | None, int]
"""All that a step's lanes depend on: its beginning, its end, and how many events it has."""
Memory = dict[str, tuple[Told, tuple[Lane, ...]]]
"""Lanes by step id, for who asks again and again while a run goes on."""


def regions_of(run: Run, memory: Memory | None = None) -> tuple[Region, ...]:
    """All lanes by Region, home first; of steps with nothing new, those of the memory."""
    known = {} if memory is None else memory
    by_region: dict[str, list[Lane]] = {run.plan.home: []}
    for step in run.plan.steps:
        for lane in _remembered(run, step, known):
            by_region.setdefault(lane.region, []).append(lane)
    return tuple(Region(name, tuple(lanes)) for name, lanes in by_region.items() if lanes)


def _remembered(run: Run, step: Step, memory: Memory) -> tuple[Lane, ...]:
    told = run.began.get(step.id), run.outcomes.get(step.id), len(run.events.get(step.id, ()))
    if step.id not in memory or memory[step.id][0] != told:
        memory[step.id] = told, tuple(_lanes(run, step))
    return memory[step.id][1]


def lanes_of_step(run: Run, step: Step) -> tuple[Lane, ...]:
    """The lanes of one step: one, but for a stack set one a Region."""
    return tuple(_lanes(run, step))


def short_name(step_id: str) -> str:
    """A step's id without its Region, which stands above it."""
    return re.sub(r"@[a-z0-9-]+", "", step_id)


def _lanes(run: Run, step: Step) -> Iterable[Lane]:
    match step:
        case SetStep() if step.places:
            return [_instance(run, step, where) for where in step.places]
        case StackStep():
            return [_stack(run, step)]
        case BakeStep():
            return [Lane(EVERYWHERE, step.id, _span(run, step.id, step.id), 0, 0)]
        case _:
            return [Lane(step.region, step.id, _span(run, step.id, short_name(step.id)), 0, 0)]


def _span(run: Run, step_id: str, name: str) -> Span:
    """A step's own span: its outcome where it has one."""
    outcome = run.outcomes.get(step_id)
    if outcome is None:
        state = State.RUNNING if step_id in run.began else State.WAITING
        return Span(name, state, run.began.get(step_id))
    state = State(outcome.state)
    if state is State.SKIPPED:
        return Span(name, state, reason=outcome.reason)
    return Span(name, state, outcome.started, outcome.ended, outcome.reason)


def _stack(run: Run, step: StackStep) -> Lane:
    reading = read_events(run.events.get(step.id, ()))
    span = _span(run, step.id, short_name(step.id))
    if span.state is State.RUNNING and reading.rolling_back:
        span = span._replace(state=State.ROLLING_BACK)
    over = span.state.over
    return Lane(
        region=step.region,
        step=step.id,
        span=span,
        done=_done(step.changes, reading, span.state),
        total=len(step.changes),
        now="" if over else reading.now,
        nested=tuple(_nested(step.changes, reading, span)),
        resources=tuple(_cut(resource, span) for resource in reading.resources),
    )


def _nested(changes: tuple[Change, ...], reading: Reading, lane: Span) -> Iterable[Nested]:
    """The nested stacks that began, then those that the plan still expects."""
    told = {span.name: span for span in reading.nested}
    for path in dict.fromkeys((*told, *_expected(changes))):
        inner = tuple(change for change in changes if change.path.startswith(f"{path}/"))
        span = _cut(told.get(path) or Span(path, State.WAITING, type=NESTED), lane)
        below = {p: s for p, s in reading.spans.items() if p.startswith(f"{path}/")}
        now = reading._replace(spans=below).now if not span.state.over else ""
        yield Nested(span, _done(inner, reading, span.state), len(inner), now)


def _expected(changes: tuple[Change, ...]) -> Iterable[str]:
    for change in changes:
        parts = change.path.split("/")
        yield from ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        if change.type == NESTED:
            yield change.path


def _done(changes: tuple[Change, ...], reading: Reading, state: State) -> int:
    """All of them where CloudFormation says so of the whole: some are never told of one by one."""
    return len(changes) if state is State.DONE else count_done(changes, reading)


def _cut(span: Span, lane: Span) -> Span:
    """Inside its step; what the step's end found still going ended as the step did."""
    if lane.started is None:
        return span
    span = span.within(lane.started, lane.ended)
    if span.state.over or not lane.state.over:
        return span
    unheard = span.state is State.WAITING and lane.state is not State.DONE
    return span._replace(state=State.SKIPPED if unheard else lane.state)


def _instance(run: Run, step: SetStep, where: str) -> Lane:
    """A stack set's instance; the operation's own end is the last word on those unheard of."""
    whole = _span(run, step.id, short_name(step.id))
    own = [event for event in run.events.get(step.id, ()) if event.path == where]
    span = _cut(_result_span(whole, own), whole) if own else whole
    total = len(step.changes.get(where, ()))
    return Lane(where, step.id, span, total if span.state is State.DONE else 0, total)


def _result_span(whole: Span, told: list[StackEvent]) -> Span:
    last = told[-1]
    state = RESULTS.get(last.status, State.RUNNING)
    starts = [event.time for event in told if event.status == "RUNNING"]
    started = None if state in (State.WAITING, State.SKIPPED) else [*starts, whole.started][0]
    return Span(whole.name, state, started, last.time if state.over else None, last.reason)


def totals(lanes: Iterable[Lane]) -> tuple[int, int]:
    """Resources done, and of how many."""
    counted = [(lane.done, lane.total) for lane in lanes]
    return sum(done for done, _ in counted), sum(total for _, total in counted)
