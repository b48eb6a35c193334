"""Several who look on as one, and nobody."""

from __future__ import annotations

import threading

from generator.deploy.context import Observer, Outcome
from generator.deploy.looking.events import StackEvent
from generator.deploy.steps import Step


class Observers:
    """Tells each of them, one thing at a time."""

    def __init__(self, observers: tuple[Observer, ...]) -> None:
        self._observers, self._lock = observers, threading.Lock()

    def started(self, step: Step) -> None:
        """A step began."""
        with self._lock:
            for observer in self._observers:
                observer.started(step)

    def happened(self, step: Step, event: StackEvent) -> None:
        """CloudFormation said something about one of its resources."""
        with self._lock:
            for observer in self._observers:
                observer.happened(step, event)

    def finished(self, step: Step, outcome: Outcome) -> None:
        """A step ended."""
        with self._lock:
            for observer in self._observers:
                observer.finished(step, outcome)


class _Nobody:
    """Looks on while a plan is made."""

    def started(self, step: Step) -> None:
        """Not seen."""

    def happened(self, step: Step, event: StackEvent) -> None:
        """Not seen."""

    def finished(self, step: Step, outcome: Outcome) -> None:
        """Not seen."""


NOBODY = _Nobody()
