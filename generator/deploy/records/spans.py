"""A stack's events as spans of time: one for itself, each nested stack, each resource.

CloudFormation tells an event when something begins and one when it ends; a rollback tells the same
resources again. A resource that failed stays failed whatever the rollback makes of it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (status codes)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from generator.deploy.looking.events import CANCELLED, StackEvent
from generator.deploy.steps import Action, Change
from generator.deploy.world import NESTED

MADE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
GONE = frozenset({"DELETE_COMPLETE", "DELETE_SKIPPED"})
GOES = frozenset({Action.REMOVE, Action.LEAVE})


class State(StrEnum):
    """How something goes or ended; the words of an Outcome, and those before it."""

    WAITING = "waiting"
    RUNNING = "running"
    ROLLING_BACK = "rolling back"
    DONE = "done"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    REFUSED = "refused"
    DETACHED = "detached"
    SKIPPED = "not started"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (State.WAITING, State.RUNNING, State.ROLLING_BACK)

    @property
    def bad(self) -> bool:
        """Whether somebody has to look at it."""
        return self in (State.FAILED, State.REFUSED, State.ROLLING_BACK, State.ROLLED_BACK)


class Span(NamedTuple):
    """Something with a beginning and an end; both None before it begins, `ended` until it does."""

    name: str
    state: State
    started: float | None = None
    ended: float | None = None
    reason: str = ""
    type: str = ""

    def seconds(self, now: float) -> float:
        """How long it took, or has taken so far."""
        if self.started is None:
            return 0.0
        return max((now if self.ended is None else self.ended) - self.started, 0.0)

    def within(self, started: float, ended: float | None) -> Span:
        """The same, cut to what it belongs to: AWS's clock is not exactly ours."""
        if self.started is None:
            return self
        start, end = max(self.started, started), self.ended
        if ended is not None:
            start, end = min(start, ended), ended if end is None else min(end, ended)
        return self._replace(started=start, ended=end if end is None else max(end, start))


class Reading(NamedTuple):
    """What a stack's events say."""

    spans: dict[str, Span]
    """By path, in the order in which they began; the stack's own has the path ""."""
    finished: frozenset[tuple[str, bool]]
    """Paths of resources that are as the change wants them; whether by being gone."""
    rolling_back: bool

    @property
    def nested(self) -> tuple[Span, ...]:
        """Spans of nested stacks."""
        return tuple(s for path, s in self.spans.items() if path and s.type == NESTED)

    @property
    def resources(self) -> tuple[Span, ...]:
        """Spans of everything that is not a stack."""
        return tuple(s for path, s in self.spans.items() if path and s.type != NESTED)

    @property
    def now(self) -> str:
        """What was begun last and is not over; empty where nothing is under way."""
        going = [span for span in self.resources if not span.state.over]
        return max(going, key=lambda span: span.started or 0.0).name if going else ""


def read_events(events: Sequence[StackEvent]) -> Reading:
    """Spans and counts out of a stack's events, in the order in which they were told."""
    spans: dict[str, Span] = {}
    finished: set[tuple[str, bool]] = set()
    rolling_back = False
    for event in events:
        rolling_back = rolling_back or (not event.path and "ROLLBACK" in event.status)
        before = spans.get(event.path) or Span(event.path, State.WAITING, event.time)
        spans[event.path] = _after(before, event, rolling_back)
        if not rolling_back and event.status in MADE | GONE:
            finished.add((event.path, event.status in GONE))
    return Reading(spans, frozenset(finished), rolling_back)


def _after(span: Span, event: StackEvent, rolling_back: bool) -> Span:
    """A span once one more event was told about it."""
    going = event.status.endswith("_IN_PROGRESS")
    state = _state(event.status, rolling_back)
    reason = span.reason
    if span.state is State.FAILED or state is State.FAILED:
        state = State.FAILED
        reason = reason or event.reason
    ended = None if going and state is not State.FAILED else event.time
    return span._replace(state=state, ended=ended, reason=reason, type=event.type)


def _state(status: str, rolling_back: bool) -> State:
    back = rolling_back or "ROLLBACK" in status
    if status.endswith("_FAILED"):
        return State.FAILED
    if status.endswith("_IN_PROGRESS"):
        return State.ROLLING_BACK if back else State.RUNNING
    return State.ROLLED_BACK if back else State.DONE


def count_done(changes: Iterable[Change], reading: Reading) -> int:
    """How many of the changes are done."""
    return sum((change.path, change.action in GOES) in reading.finished for change in changes)


def real_failures(events: Iterable[StackEvent]) -> tuple[StackEvent, ...]:
    """Failures that say something: cancelled resources and stacks that only pass one on do not."""
    failed = [event for event in events if _says_why(event)]
    return tuple(e for e in failed if e.type != NESTED or not _passes_on(e, failed))


def _says_why(event: StackEvent) -> bool:
    if not event.status.endswith("FAILED"):
        return False
    reason = event.reason.lower()
    return not any(word in reason for word in CANCELLED)


def _passes_on(stack: StackEvent, failed: Iterable[StackEvent]) -> bool:
    below = f"{stack.path}/" if stack.path else ""
    return any(event.path != stack.path and event.path.startswith(below) for event in failed)
