"""The rollout in words, line by line: what a log has instead of the live tree."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from generator.cli.console import Say
from generator.cli.live_tree import time_left
from generator.deploy.context import Outcome
from generator.deploy.looking.events import StackEvent
from generator.deploy.records.lanes import RESULTS, Lane, lanes_of_step, totals
from generator.deploy.records.recorder import Recorder, Run
from generator.deploy.records.spans import State, real_failures
from generator.deploy.records.timeline import going_for, in_words
from generator.deploy.steps import Step
from generator.deploy.waiting import clock
from generator.deploy.world import NESTED

SECONDS_BETWEEN_REMINDERS = 30.0
RESULT = "AWS::CloudFormation::StackSet"
"""Type of the events that tell how a stack set's operation stands in a Region."""


class Lines:
    """An Observer that records, and says a line when something begins, fails, ends, or lasts."""

    def __init__(
        self,
        recorder: Recorder,
        say: Say,
        past: Mapping[str, float],
        now: Callable[[], float] = clock,
    ) -> None:
        self._recorder, self._say, self._past, self._now = recorder, say, past, now
        self._heard: dict[str, float] = {}
        """When something was last said of a step that goes on."""
        self._began: float | None = None
        self._lock = threading.RLock()

    def started(self, step: Step) -> None:
        """A step began."""
        self._recorder.started(step)
        _, total = totals(lanes_of_step(self._recorder.run(), step))
        self._tell(step, f"started, {total} resources" if total else "started")

    def happened(self, step: Step, event: StackEvent) -> None:
        """Failures at once, and the beginning of a rollback."""
        self._recorder.happened(step, event)
        if event.type != NESTED and real_failures([event]):
            self._tell(step, f"{event.path} ({event.type}) {event.status}: {event.reason}")
        elif event.type == RESULT and RESULTS.get(event.status) in (State.DONE, State.SKIPPED):
            self._tell(step, f"{event.path} {RESULTS[event.status]}")
        elif not event.path and event.status.endswith("ROLLBACK_IN_PROGRESS"):
            self._tell(step, "rolling back")

    def finished(self, step: Step, outcome: Outcome) -> None:
        """A step ended; of those that never began the final view tells."""
        self._recorder.finished(step, outcome)
        if outcome.state != State.SKIPPED:
            self._tell(step, self._ending(step, outcome))
        with self._lock:
            self._heard.pop(step.id, None)

    def remind(self) -> None:
        """A line for each step of which nothing was heard for a while."""
        run = self._recorder.run()
        for step in run.plan.steps:
            if self._is_silent(step):
                self._tell(step, self._standing(run, step))

    def _is_silent(self, step: Step) -> bool:
        with self._lock:
            heard = self._heard.get(step.id)
            return heard is not None and self._now() - heard >= SECONDS_BETWEEN_REMINDERS

    def _standing(self, run: Run, step: Step) -> str:
        lanes = lanes_of_step(run, step)
        going = f"{_state(lanes)} for {going_for(self._now() - run.began[step.id])}"
        return _listed(going, _counted(run, step), *(lane.now for lane in lanes))

    def _ending(self, step: Step, outcome: Outcome) -> str:
        run = self._recorder.run()
        took = f"{outcome.state} in {in_words(outcome.ended - outcome.started)}"
        reason = outcome.reason.removeprefix(f"{step.id}: ").partition("\n")[0]
        done = sum(ended.state == State.DONE for ended in run.outcomes.values())
        left = time_left(run, self._past, self._now())
        whole = _listed(f"{done} of {len(run.plan.steps)} steps", left)
        why = f": {reason}" if reason else ""
        return f"{_listed(took, _counted(run, step))}{why} ({whole})"

    def _tell(self, step: Step, text: str) -> None:
        with self._lock:
            now = self._now()
            self._began = now if self._began is None else self._began
            self._heard[step.id] = now
            gone = int(now - self._began)
            self._say(f"{gone // 60:3}:{gone % 60:02}  {step.id}: {text}")


def _state(lanes: Iterable[Lane]) -> State:
    """Of a step that goes on; of a stack set's instances some may be over."""
    back = any(lane.state is State.ROLLING_BACK for lane in lanes)
    return State.ROLLING_BACK if back else State.RUNNING


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _counted(run: Run, step: Step) -> str:
    done, total = totals(lanes_of_step(run, step))
    return f"{done} of {total} resources" if total else ""
