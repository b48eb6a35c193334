"""A run's intervals as charts: what was sent, how fast it was answered, what it consumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from loadtest.gate import Slo, percentile_label
from loadtest.report.panels import NOTHING, Chart, Limit, Line, Points, Reading, Window
from loadtest.report.scale import milliseconds, number
from loadtest.results import Row, Run


def measured(run: Run, window: Window, slo: Slo) -> Iterator[Chart]:
    """The charts of what was sent and what came back; none where nothing was."""
    if not run.overall:
        return
    yield _requests(run, window)
    yield _latency(run, window, slo)
    yield _users(run, window)
    if run.about.target == "table" or any(_units(row) for row in run.overall):
        yield _capacity_units(run, window)


def _requests(run: Run, window: Window) -> Chart:
    lines = (
        _line(run, window, "requests/s", "requests", lambda row: row.rate, filled=True),
        _line(run, window, "failures/s", "failures", _failures, filled=True),
    )
    return Chart("requests", "Requests", lines)


def _latency(run: Run, window: Window, slo: Slo) -> Chart:
    values: dict[str, Callable[[Row], float]] = {
        "p50": lambda row: row.p50,
        "p95": lambda row: row.p95,
        "p99": lambda row: row.p99,
        "p999": lambda row: row.p999,
    }
    lines = tuple(
        _line(run, window, percentile_label(tone), tone, _answered(value), say=milliseconds)
        for tone, value in values.items()
    )
    limits = tuple(
        Limit(most, f"SLO {percentile_label(tone)} {milliseconds(most)}", tone)
        for tone, most in slo.latencies.items()
    )
    return Chart("latency", "Latency", lines, limits, logarithmic=True)


def _answered(latency: Callable[[Row], float]) -> Callable[[Row], float | None]:
    """Without requests there is no latency, though the row says 0."""
    return lambda row: latency(row) if row.requests else None


def _users(run: Run, window: Window) -> Chart:
    line = _line(run, window, "users", "users", lambda row: float(row.users), filled=True)
    return Chart("users", "Users", (line,), whole=True)


def _capacity_units(run: Run, window: Window) -> Chart:
    lines = (
        _line(run, window, "read units/s", "reads", lambda row: row.read_units / row.seconds),
        _line(run, window, "write units/s", "writes", lambda row: row.write_units / row.seconds),
        _line(run, window, "throttles/s", "failures", lambda row: row.throttles / row.seconds),
    )
    return Chart("table", "DynamoDB", lines)


def _failures(row: Row) -> float:
    return row.failures / row.seconds


def _units(row: Row) -> float:
    return row.read_units + row.write_units + row.throttles


def _line(
    run: Run,
    window: Window,
    label: str,
    tone: str,
    value: Callable[[Row], float | None],
    *,
    filled: bool = False,
    say: Callable[[float], str] = number,
) -> Line:
    """A value over all requests, an interval at a time."""
    rows = [row for row in run.overall if row.seconds > 0]
    values = [value(row) for row in rows]
    known = [each for each in values if each is not None]
    return Line(
        label,
        tone,
        tuple(_segments(rows, values, window)),
        tuple(_readings(rows, values, window, say)),
        f"peak {say(max(known))}" if known else NOTHING,
        filled,
    )


def _segments(
    rows: Sequence[Row], values: Sequence[float | None], window: Window
) -> Iterator[Points]:
    """Through the middles of intervals, out to the ends of each unbroken stretch."""
    stretch: list[tuple[Row, float]] = []
    for row, value in zip(rows, values, strict=True):
        if stretch and (value is None or _apart(stretch[-1][0], row)):
            yield _through(stretch, window)
            stretch = []
        if value is not None:
            stretch.append((row, value))
    if stretch:
        yield _through(stretch, window)


def _through(stretch: Sequence[tuple[Row, float]], window: Window) -> Points:
    (first, opening), (last, closing) = stretch[0], stretch[-1]
    middles = [(window.offset(row.start + row.seconds / 2), value) for row, value in stretch]
    ends = window.offset(first.start), window.offset(last.start + last.seconds)
    return ((ends[0], opening), *middles, (ends[1], closing))


def _readings(
    rows: Sequence[Row],
    values: Sequence[float | None],
    window: Window,
    say: Callable[[float], str],
) -> Iterator[Reading]:
    """A value holds for its interval; where none follows at once, nothing is read."""
    before: Row | None = None
    for row, value in zip(rows, values, strict=True):
        if before and _apart(before, row):
            yield Reading(window.offset(before.start + before.seconds), NOTHING)
        yield Reading(window.offset(row.start), NOTHING if value is None else say(value))
        before = row


def _apart(before: Row, after: Row) -> bool:
    """Whether an interval is missing between two."""
    return after.start - (before.start + before.seconds) > 0.5 * before.seconds
