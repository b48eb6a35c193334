"""Each request name over the run's time axis: which one became slow or failed, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from loadtest.gate import request_label
from loadtest.report.curves import Value, curve
from loadtest.report.measured import LATENCIES, errors_of, rate_of
from loadtest.report.panels import Line, Window
from loadtest.report.scale import milliseconds, percent
from loadtest.results import EVERYTHING, Row, Run

MOST_NAMES = 40
"""More than can be looked at; the least asked for are left out."""


class Named(NamedTuple):
    """A request name's curves."""

    label: str
    rate: Line
    p50: Line
    p99: Line
    errors: Line


def names_of(run: Run) -> Sequence[Row]:
    """The totals of all request names, the most asked for first."""
    own = (row for row in run.totals if row.name != EVERYTHING)
    return sorted(own, key=lambda row: (-row.requests, row.name, row.method))


def by_name(run: Run, window: Window) -> Iterator[Named]:
    """The curves of the names that were most asked for."""
    everything = [row for row in run.overall if row.seconds > 0]
    own: dict[tuple[str, str], dict[float, Row]] = defaultdict(dict)
    for row in run.intervals:
        own[row.method, row.name][row.start] = row
    for total in names_of(run)[:MOST_NAMES]:
        yield _named(request_label(total), everything, own[total.method, total.name], window)


def _named(
    label: str, everything: Sequence[Row], own: Mapping[float, Row], window: Window
) -> Named:
    rate, errors = _of(own, rate_of, 0.0), _of(own, errors_of)
    p50, p99 = (_of(own, LATENCIES[name]) for name in ("p50", "p99"))
    return Named(
        label,
        curve(everything, window, "requests/s", "requests", rate, filled=True),
        curve(everything, window, "p50", "p50", p50, say=milliseconds),
        curve(everything, window, "p99", "p99", p99, say=milliseconds),
        curve(everything, window, "errors", "failures", errors, filled=True, say=percent),
    )


def _of(own: Mapping[float, Row], value: Value, absent: float | None = None) -> Value:
    """A name has a row only where it was asked for: the intervals are those of all requests."""
    return lambda row: value(own[row.start]) if row.start in own else absent
