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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generator.errors import UsageError

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


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
_LATEST = 1e11
"""Seconds since the epoch; what is later was meant as milliseconds."""


def event_line(event: Event) -> str:
    """An event as a line of the file, in ASCII: no character of a text can end or break it."""
    return json.dumps(asdict(event)) + "\n"


def read_events(path: Path) -> tuple[Event, ...]:
    """Events in order of time; none where there is no file. UsageError names a bad line."""
    if not path.is_file():
        return ()
    lines = path.read_bytes().split(b"\n")
    found = [_event(path, at, line) for at, line in enumerate(lines, 1) if line.strip()]
    return tuple(sorted(found, key=lambda event: event.time))


def fuller(known: Sequence[Event], found: Sequence[Event]) -> tuple[Event, ...]:
    """What is known by now, in order of time.

    Metrics arrive minutes late, and AWS forgets them, alarms' histories and activities in weeks. So
    of a place's capacity and of its alarms, which are whole only together, what was found counts
    unless more was known before. Activities are kept from both, for a person may have told some
    that AWS knows nothing of: one that is in both counts as it was found, with how it ended.
    """
    events = (*_states(known, found), *_activities(known, found))
    return tuple(sorted(events, key=lambda event: event.time))


def _states(known: Sequence[Event], found: Sequence[Event]) -> Iterator[Event]:
    for kind in (Capacity, Alarm):
        for place in dict.fromkeys(event.place for event in (*found, *known)):
            # Of as many, what was found.
            yield from max((_of(kind, place, found), _of(kind, place, known)), key=len)


def _of(kind: type[Event], place: str, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind) and event.place == place]


def _activities(known: Sequence[Event], found: Sequence[Event]) -> Iterator[Event]:
    yield from (event for event in found if isinstance(event, Activity))
    there = {_begun(event) for event in found if isinstance(event, Activity)}
    for event in known:
        if isinstance(event, Activity) and _begun(event) not in there:
            yield event


def _begun(activity: Activity) -> tuple[float, str, str]:
    """When, where and what, which stay the same while it goes on: its first line says what."""
    return activity.time, activity.place, activity.text.partition("\n")[0]


def _event(path: Path, at: int, line: bytes) -> Event:
    try:
        return _checked(json.loads(line))
    except (ValueError, TypeError) as error:
        kinds = ", ".join(_KINDS)
        raise UsageError(
            f"{path}:{at}: no event: {error}\n    kinds are {kinds}; see loadtest/events.py"
        ) from None


def _checked(values: Any) -> Event:
    """Raises ValueError or TypeError, in words, for anything but an event."""
    if not isinstance(values, dict) or values.get("kind") not in _KINDS:
        raise ValueError("it is of no kind")
    event = _KINDS[values["kind"]](**values)
    for name, value in values.items():
        is_right, asked = _ASKED.get(name, _TEXT)
        if not is_right(value):
            raise ValueError(f"{name} is {json.dumps(value)}, not {asked}")
    return event


def _is_time(value: Any) -> bool:
    """NaN is neither before nor after anything."""
    return type(value) in (int, float) and 0 <= value < _LATEST


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


_TEXT: tuple[Callable[[Any], bool], str] = (lambda value: isinstance(value, str), "a text")
_ASKED: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "time": (_is_time, "seconds since the epoch"),
    "in_service": (_is_count, "a whole number"),
    "desired": (_is_count, "a whole number"),
    "state": (lambda value: value in STATES, f"one of {', '.join(STATES)}"),
}
