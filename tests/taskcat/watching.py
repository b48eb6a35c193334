"""What became of stacks: waiting until all are done, and the first real cause where one failed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

LOG = logging.getLogger(__name__)


class Failed(Exception):
    """Stacks that did not become what they should; the message has the first cause of each."""


class Watcher:
    """What CFNTest takes for a printer: waits until nothing is in progress, one line a change.

    taskcat's own looks at a stack once a minute, and not at all at those that are done already.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._told: dict[str, str] = {}

    def report_test_progress(self, stacker: Any) -> None:
        """Raises nothing: what failed is for the caller to judge."""
        while self._look(stacker):
            time.sleep(self._seconds)

    def _look(self, stacker: Any) -> bool:
        for stack in stacker.stacks:
            stack.refresh()
            if self._told.get(stack.id) != stack.status:
                self._told[stack.id] = stack.status
                LOG.info("%-34s %-16s %s", stack.test_name, stack.region_name, stack.status)
        return bool(stacker.status()["IN_PROGRESS"])


def judge(stacks: Iterable[Any], wanted: str) -> None:
    """Raise Failed unless all are in that state; taskcat itself says so only when it deletes."""
    faults = [
        f"{stack.test_name} in {stack.region_name} is {stack.status}: {first_cause(stack)}"
        for stack in stacks
        if stack.status != wanted
    ]
    if faults:
        raise Failed("\n".join(faults))


def first_cause(stack: Any) -> str:
    """The earliest failure in the stack and its nested ones, in CloudFormation's words."""
    failures = [event for event in stack.error_events(refresh=True) if event.status_reason]
    if not failures:
        return str(stack.status_reason)
    first = min(failures, key=lambda event: event.timestamp)
    return f"{first.logical_id} ({first.type}): {first.status_reason}"
