"""A run's intervals as charts: what was sent, how fast it was answered, what it consumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from loadtest.gate import Slo, percentile_label
from loadtest.report.curves import Value, curve
from loadtest.report.panels import Chart, Window
from loadtest.report.scale import milliseconds, percent
from loadtest.results import Row, Run


def measured(run: Run, window: Window, slo: Slo) -> Iterator[Chart]:
    """The charts of what was sent and what came back; none where nothing was."""
    if not run.overall:
        return
    rows = [row for row in run.overall if row.seconds > 0]
    yield _requests(rows, window)
    yield _latency(rows, window, slo)
    yield _errors(rows, window, slo)
    yield _users(rows, window)
    if run.about.target == "table" or any(_units(row) for row in rows):
        yield _capacity_units(rows, window)


def rate_of(row: Row) -> float:
    """Requests a second."""
    return row.rate


def errors_of(row: Row) -> float | None:
    """Percent of the requests that failed; of none there is no share."""
    return row.error_percent if row.requests else None


def _answered(value: Value) -> Value:
    """Without requests there is no latency, though the row says 0."""
    return lambda row: value(row) if row.requests else None


LATENCIES: Mapping[str, Value] = {
    "p50": _answered(lambda row: row.p50),
    "p95": _answered(lambda row: row.p95),
    "p99": _answered(lambda row: row.p99),
    "p999": _answered(lambda row: row.p999),
}
"""Milliseconds by percentile, as rows and the palette call them."""


def _requests(rows: Sequence[Row], window: Window) -> Chart:
    line = curve(rows, window, "requests/s", "requests", rate_of, filled=True)
    return Chart("requests", "Requests", (line,))


def _latency(rows: Sequence[Row], window: Window, slo: Slo) -> Chart:
    lines = tuple(
        curve(rows, window, percentile_label(name), name, value, say=milliseconds, limit=limit)
        for name, value in LATENCIES.items()
        for limit in (slo.latencies.get(name),)
    )
    return Chart("latency", "Latency", lines, logarithmic=True, say=milliseconds)


def _errors(rows: Sequence[Row], window: Window, slo: Slo) -> Chart:
    most = slo.error_percent
    line = curve(
        rows, window, "failed", "failures", errors_of, filled=True, say=percent, limit=most
    )
    return Chart("errors", "Errors", (line,), say=percent)


def _users(rows: Sequence[Row], window: Window) -> Chart:
    line = curve(rows, window, "users", "users", lambda row: float(row.users), filled=True)
    return Chart("users", "Users", (line,), whole=True)


def _capacity_units(rows: Sequence[Row], window: Window) -> Chart:
    lines = (
        curve(rows, window, "read units/s", "reads", lambda row: row.read_units / row.seconds),
        curve(rows, window, "write units/s", "writes", lambda row: row.write_units / row.seconds),
        curve(rows, window, "throttles/s", "failures", lambda row: row.throttles / row.seconds),
    )
    return Chart("table", "DynamoDB", lines)


def _units(row: Row) -> float:
    return row.read_units + row.write_units + row.throttles
