"""Small runs, made to measure."""

from __future__ import annotations

from typing import Any

from loadtest.events import Event
from loadtest.results import EVERYTHING, About, Row, Run

START = 1_774_000_000.0


def about(**changes: Any) -> About:
    """A run of a minute that was completed; any part may be changed."""
    values: dict[str, Any] = {
        "profile": "steady",
        "profile_sha256": "5f" * 32,
        "code_sha256": "c0" * 32,
        "target": "origin",
        "host": "https://www.example.com",
        "started": START,
        "seconds": 60.0,
    }
    return About(**values | changes)


def row(name: str = EVERYTHING, /, **changes: Any) -> Row:
    """A thousand requests in a minute, with latencies that grow with their percentile."""
    values: dict[str, Any] = {
        "start": START,
        "seconds": 60.0,
        "method": "" if name == EVERYTHING else "GET",
        "name": name,
        "requests": 1000,
        "failures": 5,
        "users": 10,
        **dict(zip(("p50", "p75", "p90", "p95", "p99", "p999"), range(10, 70, 10), strict=True)),
        "longest": 70.0,
    }
    return Row(**values | changes)


def run(
    *totals: Row, intervals: tuple[Row, ...] = (), events: tuple[Event, ...] = (), **changes: Any
) -> Run:
    """A run with these totals."""
    return Run(about(**changes), intervals, totals, events=events)
