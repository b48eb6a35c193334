"""The numbers that matter of a run, and how the platform answered the rise of its load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from loadtest.events import Alarm, Capacity
from loadtest.report.during import during
from loadtest.report.panels import window_of
from loadtest.report.scale import clock, duration, milliseconds, number, percent
from loadtest.results import Run

_RISE = 2.0
"""A load that never reached so many times its first value did not rise."""
_SAMPLES = 60
"""Seconds from one of CloudWatch's samples of a group to the next, each on a whole minute."""


class Response(NamedTuple):
    """When the load rose, and when what followed was seen: seconds since the epoch."""

    spike: float
    alarm: float | None
    """The first alarm after it."""
    desired: float | None
    """The first time that a place wanted more instances than at the spike."""
    in_service: float | None
    """The first time that a place had more of them in service."""


def spike_of(run: Run) -> float | None:
    """When the load first passed the middle between its first value and its highest.

    The load is the number of users, or the rate where users are not told. None where it never
    doubled.
    """
    rows = run.overall
    users = any(row.users for row in rows)
    loads = [float(row.users) if users else row.rate for row in rows]
    if not loads or max(loads) < _RISE * loads[0] or not max(loads):
        return None
    middle = (loads[0] + max(loads)) / 2
    return next(row.start for row, load in zip(rows, loads, strict=True) if load >= middle)


def response_of(run: Run) -> Response | None:
    """How long the platform took to notice, to decide and to serve; None without a spike."""
    spike = spike_of(run)
    if spike is None:
        return None
    events = during(run.events, window_of(run))
    rang = (e.time for e in events if isinstance(e, Alarm) and e.state == "ALARM")
    changes = [e for e in events if isinstance(e, Capacity)]
    desired = _first_above(spike, [(e.time, e.place, e.desired) for e in changes])
    serving = _first_above(spike, [(e.time, e.place, e.in_service) for e in changes])
    return Response(spike, min((t for t in rang if t > spike), default=None), desired, serving)


def _first_above(spike: float, changes: list[tuple[float, str, int]]) -> float | None:
    """When any place first had more than at the spike; one that shows up later began there."""
    at_spike: dict[str, int] = {}
    for time, place, count in changes:
        if time <= spike or place not in at_spike:
            at_spike[place] = count
        elif count > at_spike[place]:
            return time
    return None


def peak_in_service(run: Run) -> int | None:
    """The most instances that served at once during the run, over all places."""
    now: dict[str, int] = {}
    sums = []
    for event in during(run.events, window_of(run)):
        if isinstance(event, Capacity):
            now[event.place] = event.in_service
            sums.append(sum(now.values()))
    return max(sums, default=None)


def numbers_of(run: Run) -> Iterator[tuple[str, str]]:
    """What the page says at its top, each as a name and a value."""
    if total := run.total:
        yield "requests", f"{total.requests:,}"
        yield "rate", f"{number(total.rate)} /s"
        yield "p50", milliseconds(total.p50)
        yield "p99", milliseconds(total.p99)
        yield "p99.9", milliseconds(total.p999)
        yield "errors", percent(total.error_percent)
    if run.overall:
        yield "peak users", f"{max(row.users for row in run.overall):,}"
    peak = peak_in_service(run)
    if peak is not None:
        yield "peak in service", f"{peak:,}"
    if (response := response_of(run)) and response.in_service is not None:
        taken = duration(response.in_service - response.spike)
        yield "spike to more capacity", f"{taken}{sampled(run)}"


def sampled(run: Run) -> str:
    """How exact moments of capacity are: to a minute where CloudWatch's samples tell them.

    Such a run was aimed at stacks, and all that changed after its beginning is on whole minutes;
    a file of events may tell of the same stacks to the second.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
    """
    times = sorted({event.time for event in run.events if isinstance(event, Capacity)})
    by_minute = all(time % _SAMPLES == 0 for time in times[1:])
    return " ± 1 min" if run.about.environment and by_minute else ""


def response_words(run: Run) -> str:
    """The chain from spike to capacity in a sentence; empty where nothing is known of it."""
    response = response_of(run)
    if response is None or not run.events:
        return ""
    steps = {
        "the first alarm rang": (response.alarm, ""),
        "more instances were wanted": (response.desired, sampled(run)),
        "more were in service": (response.in_service, sampled(run)),
    }
    known = [
        f"{what} after {duration(time - response.spike)}{exact}"
        for what, (time, exact) in steps.items()
        if time is not None
    ]
    if not known:
        return ""
    return f"The load rose at {clock(response.spike - run.about.started)}; {', '.join(known)}."
