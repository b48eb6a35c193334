"""What belongs to a run of all that is known to have happened, before and after it too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from loadtest.events import Activity, Alarm, Event
from loadtest.report.panels import Window


def during(events: Iterable[Event], window: Window) -> tuple[Event, ...]:
    """Of events in order of time those within the window.

    A capacity or an alarm's state from before it is what the window begins with.
    """
    at_start: dict[tuple[str, ...], Event] = {}
    inside: list[Event] = []
    for event in events:
        if event.time <= window.start and not isinstance(event, Activity):
            at_start[_what(event)] = replace(event, time=window.start)
        elif window.holds(event.time):
            inside.append(event)
    return (*at_start.values(), *inside)


def _what(event: Event) -> tuple[str, ...]:
    """Whose state it is."""
    return (event.kind, event.place, event.name if isinstance(event, Alarm) else "")
