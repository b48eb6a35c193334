"""A rollout as it goes."""

from __future__ import annotations

from generator.cli.console import Console
from generator.deploy.context import Outcome, StackEvent
from generator.deploy.steps import Step


class Lines:
    """An Observer that says a line when something begins, fails or ends."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def started(self, step: Step) -> None:
        """A step began."""
        self._console.line(f"{step.id}: started")

    def happened(self, step: Step, event: StackEvent) -> None:
        """Only failures are worth a line in a log."""
        if event.status.endswith("_FAILED"):
            self._console.line(f"{step.id}: {event.path} {event.status}: {event.reason}")

    def finished(self, step: Step, outcome: Outcome) -> None:
        """A step ended."""
        seconds = outcome.ended - outcome.started
        self._console.line(f"{step.id}: {outcome.state} in {seconds:.1f} s {outcome.reason}")
