"""The journal of a rollout, in the home Region's artifact bucket: who, what, when, how it ended.

CloudFormation knows what stands; the journal knows what it does not: which Regions a platform ever
had, so that a dropped one is looked at; how long each step took, for the next one's estimate; and
who did it. It is written in the background, whole, so losing the last second costs nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from generator.deploy.context import Outcome
from generator.deploy.executing.objects import read_object
from generator.deploy.failures import FAULTS, explained
from generator.deploy.looking.events import StackEvent
from generator.deploy.steps import Step, timing_key
from generator.deploy.waiting import clock

FORMAT = 1
LATEST = "rollout/journal.json"
SECONDS_BETWEEN_WRITES = 1.0


class Past(NamedTuple):
    """What the last journal tells."""

    regions: tuple[str, ...]
    seconds: Mapping[str, float]
    """How long a step took when it was last done, by its timing key."""


NOTHING_YET = Past((), {})


class Journal:
    """Notes a rollout's steps; an Observer. Writes once it is given a bucket."""

    def __init__(self, plan_id: str, caller: str, past: Past, regions: tuple[str, ...]) -> None:
        self._head = {"format": FORMAT, "plan": plan_id, "caller": caller, "began": clock()}
        self._regions = tuple(dict.fromkeys(regions))
        self._steps: dict[str, dict[str, Any]] = {}
        self._seconds = dict(past.seconds)
        self._lock = threading.Lock()
        self._dirty, self._over = threading.Event(), threading.Event()
        self._writer: threading.Thread | None = None
        self.trouble = ""
        """Why it could not be written; empty where it was."""

    def started(self, step: Step) -> None:
        """Note that a step began."""
        self._note(step.id, {"state": "running", "started": clock()})

    def happened(self, step: Step, event: StackEvent) -> None:
        """Not noted: CloudFormation keeps its events for 90 days itself."""

    def finished(self, step: Step, outcome: Outcome) -> None:
        """Note how a step ended."""
        entry = {"state": outcome.state, "started": outcome.started, "ended": outcome.ended}
        self._note(step.id, {**entry, "reason": outcome.reason})
        if outcome.state == "done":
            self._seconds[timing_key(step)] = round(outcome.ended - outcome.started, 3)

    def keep_in(self, client: Any, bucket: str, key_prefix: str) -> None:
        """From now on, write it there whenever something was noted."""
        self._dirty.set()
        self._writer = threading.Thread(
            target=self._write_on, args=(client, bucket, key_prefix + LATEST), daemon=True
        )
        self._writer.start()

    def close(self) -> None:
        """Write what is left, and stop."""
        self._over.set()
        self._dirty.set()
        if self._writer:
            self._writer.join()

    def text(self) -> str:
        """The journal as it is written."""
        with self._lock:
            data = {
                **self._head,
                "regions": list(self._regions),
                "seconds": self._seconds,
                "steps": self._steps,
            }
            return json.dumps(data, indent=1)

    def _note(self, step_id: str, entry: dict[str, Any]) -> None:
        with self._lock:
            self._steps[step_id] = entry
        self._dirty.set()

    def _write_on(self, client: Any, bucket: str, key: str) -> None:
        while True:
            self._dirty.wait()
            self._dirty.clear()
            last = self._over.is_set()
            try:
                client.put_object(Bucket=bucket, Key=key, Body=self.text().encode())
                self.trouble = ""
            except FAULTS as error:  # the rollout goes on; the next write holds all of it
                self.trouble = str(explained(error, "the journal"))
            if last:
                return
            self._over.wait(SECONDS_BETWEEN_WRITES)


def read_past(client: Any, bucket: str, key_prefix: str) -> Past:
    """What the journal in a bucket tells; nothing where there is none yet."""
    found = read_object(client, bucket, key_prefix + LATEST)
    if found is None:
        return NOTHING_YET
    data = json.loads(found.text)
    if data.get("format") != FORMAT:
        return NOTHING_YET
    return Past(tuple(data["regions"]), data["seconds"])
