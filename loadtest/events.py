"""What the platform did during a run, in the order in which it happened.

A file of events (`events.jsonl`) has one JSON object a line. Every line has `time` (seconds since
the epoch) and `kind`; the rest follows from the kind:

    {"time": 1774000000.0, "kind": "capacity", "place": "us-east-1", "in_service": 2, "desired": 3}
    {"time": 1774000060.0, "kind": "alarm", "place": "us-east-1", "name": "cpu", "state": "ALARM"}
    {"time": 1774000065.0, "kind": "activity", "place": "us-east-1", "text": "Launching i-0123"}

`place` is a Region, or whatever else has a capacity. `state` is CloudWatch's: OK, ALARM or
INSUFFICIENT_DATA. Whoever runs a platform may write such a file; for a run against AWS it is made
from CloudWatch and the group's activities.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generator.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How many instances serve, and how many are wanted, from this moment on."""

    time: float
    place: str
    in_service: int
    desired: int
    kind: str = "capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm's state from this moment on."""

    time: float
    place: str
    name: str
    state: str
    kind: str = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that was done: a scaling activity, a failure that was injected."""

    time: float
    place: str
    text: str
    kind: str = "activity"


Event = Capacity | Alarm | Activity
_KINDS: dict[str, type[Event]] = {"capacity": Capacity, "alarm": Alarm, "activity": Activity}


def event_line(event: Event) -> str:
    """An event as a line of the file."""
    return json.dumps(asdict(event), ensure_ascii=False) + "\n"


def read_events(path: Path) -> tuple[Event, ...]:
    """Events in order of time; none where there is no file. UsageError names a bad line."""
    if not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [_event(path, at, line) for at, line in enumerate(lines, 1) if line.strip()]
    return tuple(sorted(found, key=lambda event: event.time))


def _event(path: Path, at: int, line: str) -> Event:
    try:
        values: dict[str, Any] = json.loads(line)
        return _KINDS[values["kind"]](**values)
    except (ValueError, KeyError, TypeError) as error:
        kinds = ", ".join(_KINDS)
        raise UsageError(
            f"{path}:{at}: no event: {error}\n    kinds are {kinds}; see loadtest/events.py"
        ) from None
