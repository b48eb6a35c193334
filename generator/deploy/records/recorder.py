"""What a rollout did, kept while it goes: its screen and its timeline are drawn from this alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from generator.deploy.context import Outcome
from generator.deploy.looking.events import StackEvent
from generator.deploy.steps import Plan, Step
from generator.deploy.waiting import clock


class Run(NamedTuple):
    """A rollout up to a moment. Times are seconds since the epoch."""

    plan: Plan
    began: Mapping[str, float]
    """By step id; only steps that began."""
    outcomes: Mapping[str, Outcome]
    """By step id, in the order in which they ended."""
    events: Mapping[str, tuple[StackEvent, ...]]
    """By step id, as CloudFormation told them while the step went on."""
    calls: Mapping[str, int] = {}
    """Requests sent, by `service:Operation`."""


class Recorder:
    """An Observer that keeps everything it is told."""

    def __init__(self, plan: Plan, now: Callable[[], float] = clock) -> None:
        self._plan, self._now = plan, now
        self._began: dict[str, float] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._events: dict[str, list[StackEvent]] = {}
        self._lock = threading.Lock()

    def started(self, step: Step) -> None:
        """A step began."""
        with self._lock:
            self._began[step.id] = self._now()

    def happened(self, step: Step, event: StackEvent) -> None:
        """Keep it; what a bake undoes afterwards is the bake's, not the step's."""
        with self._lock:
            if step.id not in self._outcomes:
                self._events.setdefault(step.id, []).append(event)

    def finished(self, step: Step, outcome: Outcome) -> None:
        """A step ended."""
        with self._lock:
            self._outcomes[step.id] = outcome

    def run(self, calls: Mapping[str, int] | None = None) -> Run:
        """Everything so far."""
        with self._lock:
            events = {step_id: tuple(told) for step_id, told in self._events.items()}
            return Run(
                self._plan, dict(self._began), dict(self._outcomes), events, dict(calls or {})
            )
