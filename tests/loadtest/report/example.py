"""A run that looks like a real one: a spike, alarms, and a fleet that grows to meet it.

A small model makes it: a Region's load is shared by its instances, latency rises with their load,
what they can't take fails. Nothing here is random but for a seed, so pictures can be compared.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from functools import cache

from loadtest.events import Activity, Alarm, Capacity, Event
from loadtest.gate import Slo
from loadtest.results import EVERYTHING, INTERVAL_SECONDS, About, Failure, Row, Run

START = 1_774_000_000.0
SECONDS = 720.0
SPIKE = 180.0
CALM = 540.0
PER_INSTANCE = 320.0
"""Requests a second that an instance serves."""
HOME, AWAY = "ap-northeast-2", "us-east-1"
SLO = Slo(
    p50_milliseconds=60,
    p99_milliseconds=400,
    error_percent=0.5,
    minimum_requests=10_000,
    by_name={"/api/sessions/[id]": Slo(p99_milliseconds=300)},
)
NAMES = {
    ("GET", "/api/sessions/[id]"): (0.42, 0.8),
    ("PUT", "/api/sessions/[id]"): (0.18, 1.3),
    ("POST", "/api/boards/[board]/scores"): (0.14, 1.5),
    ("GET", "/api/boards/[board]?top=10"): (0.16, 1.0),
    ("GET", "/static/[name]"): (0.10, 0.4),
}
"""Share of all requests and relative latency, by method and name."""


def about(**changes: object) -> About:
    """What was run; any part may be changed."""
    values: dict[str, object] = {
        "profile": "spike",
        "profile_sha256": "5f" * 32,
        "code_sha256": "c0" * 32,
        "target": "edge",
        "host": "https://www.example.com",
        "started": START,
        "seconds": SECONDS,
    }
    return About(**values | changes)  # type: ignore[arg-type]


@cache
def spike_run(places: tuple[str, ...] = (HOME, AWAY), seconds: float = SECONDS) -> Run:
    """Users rise sixfold at SPIKE; each place adds instances until the latency is back."""
    rng = random.Random(4)
    starts = [START + at for at in _range(seconds)]
    rows = [row for start in starts for row in _interval(start, len(places), rng)]
    events = [event for at, place in enumerate(places) for event in _events(place, at)]
    events.sort(key=lambda event: event.time)
    return Run(
        about(seconds=seconds), tuple(rows), _totals(rows, seconds), _failures(rows), tuple(events)
    )


def _range(seconds: float) -> Sequence[float]:
    return [number * INTERVAL_SECONDS for number in range(int(seconds / INTERVAL_SECONDS))]


def users_at(at: float) -> int:
    """A ramp, a plateau, the spike, and the way back."""
    if at < SPIKE:
        return round(min(150.0, 10 + at * 3))
    if at < CALM:
        return round(min(900.0, 150 + (at - SPIKE) * 40))
    return round(max(150.0, 900 - (at - CALM) * 15))


def instances_at(at: float) -> float:
    """How many serve in one place; a new one is of full use only after a while."""
    changes = [(0, 2), (SPIKE + 150, 4), (SPIKE + 200, 6), (CALM + 150, 4)]
    serving = [count for time, count in changes if at >= time]
    warming = max(0.0, 1 - (at - SPIKE - 150) / 110) if SPIKE + 150 <= at < CALM else 0.0
    return serving[-1] * (1 - 0.45 * warming)


def _interval(start: float, places: int, rng: random.Random) -> Iterator[Row]:
    at = start - START
    users, fleet = users_at(at), instances_at(at) * places * PER_INSTANCE
    offered = users * 3.0 * rng.uniform(0.97, 1.03)
    load = offered / fleet
    served = min(offered, fleet * rng.uniform(0.96, 1.0))
    median = 11 / (1 - 0.95 * min(load, 1.0)) * max(1.0, load) * rng.uniform(0.92, 1.12)
    failing = max(0.0, load - 1.05) * 0.12 * rng.uniform(0.7, 1.3)
    own = [
        _row(start, key, share * served, median * slower, failing, users, rng)
        for key, (share, slower) in NAMES.items()
    ]
    yield from own
    yield _summed(start, own, users)


def _row(
    start: float,
    key: tuple[str, str],
    rate: float,
    median: float,
    failing: float,
    users: int,
    rng: random.Random,
) -> Row:
    requests = round(rate * INTERVAL_SECONDS)
    tail = rng.uniform(0.9, 1.25)
    p50, p99 = round(median, 1), round(median * 5.2 * tail, 1)
    return Row(
        start=start,
        seconds=INTERVAL_SECONDS,
        method=key[0],
        name=key[1],
        requests=requests,
        failures=round(requests * failing),
        users=users,
        p50=p50,
        p75=round(median * 1.5, 1),
        p90=round(median * 2.2, 1),
        p95=round(median * 2.9 * tail, 1),
        p99=p99,
        p999=round(p99 * rng.uniform(1.3, 2.6), 1),
        longest=round(p99 * rng.uniform(2.6, 3.4), 1),
        bytes=requests * 640,
    )


def _summed(start: float, rows: Sequence[Row], users: int) -> Row:
    """All names in one: counts add up, latencies are weighted (exact enough for a picture)."""
    return _merged(rows, EVERYTHING, "", start, INTERVAL_SECONDS, users)


def _totals(rows: Sequence[Row], seconds: float) -> tuple[Row, ...]:
    keys = dict.fromkeys((row.method, row.name) for row in rows)
    own = {key: [row for row in rows if (row.method, row.name) == key] for key in keys}
    return tuple(
        _merged(of, name, method, START, seconds, max(row.users for row in of))
        for (method, name), of in own.items()
    )


def _failures(rows: Sequence[Row]) -> tuple[Failure, ...]:
    """What a fleet without room answers; a few are not answered at all."""
    failed: dict[tuple[str, str], int] = dict.fromkeys(((row.method, row.name) for row in rows), 0)
    for row in rows:
        failed[row.method, row.name] += row.failures
    return tuple(
        Failure(method=method, name=name, reason=reason, requests=count)
        for reason, share in (("503 Service Unavailable", 0.98), ("TimeoutError", 0.02))
        for (method, name), own in failed.items()
        if name != EVERYTHING and (count := round(own * share))
    )


def _merged(
    rows: Sequence[Row], name: str, method: str, start: float, seconds: float, users: int
) -> Row:
    requests = sum(row.requests for row in rows)

    def weighted(values: Iterator[float]) -> float:
        pairs = zip(rows, values, strict=True)
        return round(sum(row.requests * v for row, v in pairs) / max(1, requests), 1)

    return Row(
        start=start,
        seconds=seconds,
        method=method,
        name=name,
        requests=requests,
        failures=sum(row.failures for row in rows),
        users=users,
        p50=weighted(row.p50 for row in rows),
        p75=weighted(row.p75 for row in rows),
        p90=weighted(row.p90 for row in rows),
        p95=weighted(row.p95 for row in rows),
        p99=weighted(row.p99 for row in rows),
        p999=weighted(row.p999 for row in rows),
        longest=max((row.longest for row in rows), default=0.0),
        bytes=sum(row.bytes for row in rows),
    )


def _events(place: str, at: int) -> Iterator[Event]:
    """What CloudWatch and the group's activities tell, each place a little later than the last."""
    begins, late = START - 30, START + SPIKE + 7.0 * at
    yield Capacity(time=begins, place=place, in_service=2, desired=2)
    yield from _alarm_events(place, begins, late)
    for wanted, after in ((4, 62.0), (6, 122.0)):
        yield from _launches(place, late + after, wanted)
    yield Capacity(time=late + 150, place=place, in_service=4, desired=6)
    yield Capacity(time=late + 200, place=place, in_service=6, desired=6)
    down = START + CALM + 140 + 5.0 * at
    for number in (1, 2):
        text = f"Terminating EC2 instance: {_instance(place, number)}"
        yield Activity(time=down + number, place=place, text=text)
    yield Capacity(time=down, place=place, in_service=6, desired=4)
    yield Capacity(time=down + 15, place=place, in_service=4, desired=4)


def _alarm_events(place: str, begins: float, late: float) -> Iterator[Event]:
    for name in ("gtm-dev-cpu-step", "gtm-dev-requests-per-target", "gtm-dev-latency-p99"):
        yield Alarm(time=begins, place=place, name=name, state="OK")
    yield Alarm(time=begins, place=place, name="gtm-dev-scale-in", state="INSUFFICIENT_DATA")
    yield Alarm(time=late + 60, place=place, name="gtm-dev-cpu-step", state="ALARM")
    yield Alarm(time=late + 90, place=place, name="gtm-dev-latency-p99", state="ALARM")
    yield Alarm(time=late + 118, place=place, name="gtm-dev-requests-per-target", state="ALARM")
    yield Alarm(time=late + 210, place=place, name="gtm-dev-cpu-step", state="OK")
    yield Alarm(time=late + 245, place=place, name="gtm-dev-latency-p99", state="OK")
    yield Alarm(time=late + 275, place=place, name="gtm-dev-requests-per-target", state="OK")
    yield Alarm(time=late + 120, place=place, name="gtm-dev-scale-in", state="OK")
    yield Alarm(time=START + CALM + 130, place=place, name="gtm-dev-scale-in", state="ALARM")


def _launches(place: str, time: float, wanted: int) -> Iterator[Event]:
    yield Capacity(time=time, place=place, in_service=2, desired=wanted)
    for number in (wanted - 1, wanted):
        text = (
            f"Launching a new EC2 instance: {_instance(place, number)}\n"
            f"A monitor alarm changed the desired capacity to {wanted}."
        )
        yield Activity(time=time + 3 + number, place=place, text=text)


def _instance(place: str, number: int) -> str:
    return f"i-0{math.prod(map(ord, place[:4])) * number:011x}"
