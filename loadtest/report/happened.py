"""A run's events as panels: capacity in steps, a lane an alarm, activities as labelled ticks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise, takewhile

from loadtest.events import Activity, Alarm, Capacity
from loadtest.report.during import during
from loadtest.report.panels import (
    NOTHING,
    Chart,
    Lane,
    Lanes,
    Line,
    Mark,
    Marks,
    Panel,
    Points,
    Reading,
    Span,
    Window,
)
from loadtest.report.scale import plain
from loadtest.results import Run

PLACES = 10
"""As many colours as there are for places; further ones use them again."""
MOST_LANES = 16
MOST_ROWS = 6
CHARACTERS = 100
"""How many characters of a label fit into the width of the time axis."""
_LONGEST = 60
_SHIFT = 2.2
_TOGETHER_SECONDS = 30.0
_INSTANCE = re.compile(r":? *\bi-[0-9a-f]{8,17}\b")


def happened(run: Run, window: Window) -> Iterator[Panel]:
    """The panels of what the platform did; none where nothing is known of it."""
    events = during(run.events, window)
    capacities = [event for event in events if isinstance(event, Capacity)]
    alarms = [event for event in events if isinstance(event, Alarm)]
    activities = [event for event in events if isinstance(event, Activity)]
    places = sorted({e.place for e in capacities} | {e.place for e in activities})
    tones = {place: f"place{at % PLACES}" for at, place in enumerate(places)}
    if capacities:
        lines = tuple(_capacity(capacities, tones, window))
        yield Chart("capacity", "Capacity", lines, whole=True, note="dashed: desired")
    if alarms:
        yield _alarms(alarms, window)
    if activities:
        yield Marks("activities", "Activities", tuple(_marks(activities, tones, window)))


def _capacity(
    events: Sequence[Capacity], tones: Mapping[str, str], window: Window
) -> Iterator[Line]:
    """For each place what is wanted, dashed, below what serves."""
    places = sorted({event.place for event in events})
    for at, place in enumerate(places):
        own = [event for event in events if event.place == place]
        shift = (at - (len(places) - 1) / 2) * _SHIFT
        desired = _steps([(e.time, float(e.desired)) for e in own], window)
        serving = _steps([(e.time, float(e.in_service)) for e in own], window)
        said = tuple(_readings([(e.time, f"{e.in_service} of {e.desired}") for e in own], window))
        peak = f"peak {max(event.in_service for event in own)}"
        yield Line("", tones[place], desired, (), "", dashed=True, shift=shift)
        yield Line(plain(place), tones[place], serving, said, peak, shift=shift)


def _steps(changes: Sequence[tuple[float, float]], window: Window) -> tuple[Points, ...]:
    """Level until it changes."""
    corners: list[tuple[float, float]] = []
    for (time, value), (until, _) in pairwise([*changes, (window.end, 0.0)]):
        start, end = window.offset(time), window.offset(until)
        corners += [(start, value), (end, value)] if end > start else []
    return (tuple(corners),) if corners else ()


def _readings(said: Iterable[tuple[float, str]], window: Window) -> Iterator[Reading]:
    yield Reading(0.0, NOTHING)
    for time, text in said:
        yield Reading(window.offset(time), text)


def _alarms(events: Sequence[Alarm], window: Window) -> Lanes:
    """Those that rang come first; of the others as many as there is room for."""
    keys = sorted({(event.place, event.name) for event in events})
    prefix = _common_prefix([name for _, name in keys])
    lanes = []
    for place, name in keys:
        own = [(e.time, e.state) for e in events if (e.place, e.name) == (place, name)]
        label = plain(name.removeprefix(prefix))
        lanes.append(Lane(label, plain(place), tuple(_spans(own, window))))
    lanes.sort(key=lambda lane: (_first_rang(lane), lane.place, lane.label))
    hidden = len(lanes) - MOST_LANES
    note = f"and {hidden} more" if hidden > 0 else ""
    title = f"Alarms {plain(prefix)}…" if prefix else "Alarms"
    return Lanes("alarms", title, tuple(lanes[:MOST_LANES]), note)


def _common_prefix(names: Sequence[str]) -> str:
    """What all names begin with, up to a hyphen: said once, it leaves room for what differs."""
    heads = [name.split("-")[:-1] for name in names]
    shared = takewhile(lambda parts: len(set(parts)) == 1, zip(*heads, strict=False))
    return "".join(f"{parts[0]}-" for parts in shared) if len(set(names)) > 1 else ""


def _spans(changes: Sequence[tuple[float, str]], window: Window) -> Iterator[Span]:
    for (time, state), (until, _) in pairwise([*changes, (window.end, "")]):
        start, end = window.offset(time), window.offset(until)
        if end > start:
            tone = state if state in ("ALARM", "OK") else "INSUFFICIENT_DATA"
            yield Span(start, end, plain(state), tone)


def _first_rang(lane: Lane) -> float:
    return min((s.start for s in lane.spans if s.state == "ALARM"), default=float("inf"))


def _marks(
    activities: Sequence[Activity], tones: Mapping[str, str], window: Window
) -> Iterator[Mark]:
    """Labels from left to right, each on the first row that is free there."""
    free = [0.0] * MOST_ROWS
    for time, place, text in sorted(_grouped(activities)):
        label = f"{plain(place)}: {text}" if len(tones) > 1 else text
        at, width = window.offset(time) / window.seconds, (len(label) + 2) / CHARACTERS
        flipped = at + width > 1
        start = max(0.0, at - width) if flipped else at
        row = next((row for row, until in enumerate(free) if until <= start), None)
        if row is not None:
            free[row] = start + width
        yield Mark(window.offset(time), label, tones[place], row, flipped)


def _grouped(activities: Sequence[Activity]) -> Iterator[tuple[float, str, str]]:
    """Alike activities of one place within half a minute, told once with their number."""
    alike = sorted(activities, key=lambda activity: (*_kind(activity), activity.time))
    for (place, text), own in groupby(alike, _kind):
        for together in _bursts(list(own)):
            count = f"{len(together)} × " if len(together) > 1 else ""
            yield together[0].time, place, f"{count}{text}"


def _kind(activity: Activity) -> tuple[str, str]:
    return activity.place, headline(activity.text)


def _bursts(activities: Sequence[Activity]) -> Iterator[Sequence[Activity]]:
    burst = [activities[0]]
    for activity in activities[1:]:
        if activity.time - burst[0].time > _TOGETHER_SECONDS:
            yield burst
            burst = []
        burst.append(activity)
    yield burst


def headline(text: str) -> str:
    """An activity's first line, without the ids of instances, and not longer than a label."""
    first = next(iter(text.splitlines()), "")
    words = plain(_INSTANCE.sub("", first)) or plain(first)
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
