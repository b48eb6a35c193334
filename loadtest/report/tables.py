"""The tables of the page: objectives, request names, the comparison, events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from loadtest.baseline import Change, Compared, Comparison
from loadtest.events import Activity, Alarm, Capacity, Event
from loadtest.gate import Verdict, request_label
from loadtest.report.by_name import names_of
from loadtest.report.scale import clock, milliseconds, number, percent, plain
from loadtest.results import EVERYTHING, Row, Run

ALL = "all requests"
MOST_FAILURES = 50
"""Reasons that are told on the page."""


def objectives_table(verdict: Verdict) -> str:
    """What was asked, what was measured, and whether it was kept."""
    rows = (
        (
            _judged(objective.kept, "kept" if objective.kept else "missed"),
            label_of(objective.name),
            escape(objective.what),
            escape(objective.asked),
            escape(plain(objective.measured)),
        )
        for objective in verdict.objectives
    )
    return _table(("Verdict", "Request", "Objective", "Asked", "> Measured"), rows)


def names_table(run: Run) -> str:
    """The whole run, a row a request name, all requests last."""
    whole = (run.total,) if run.total else ()
    heads = ("requests", "rate", "errors", "p50", "p90", "p95", "p99", "p99.9", "longest")
    columns = ("Request", *(f"> {head}" for head in heads))
    return _table(columns, map(_name_cells, (*names_of(run), *whole)))


def _name_cells(row: Row) -> Sequence[str]:
    latencies = (row.p50, row.p90, row.p95, row.p99, row.p999, row.longest)
    return (
        label_of(EVERYTHING if row.name == EVERYTHING else request_label(row)),
        f"{row.requests:,}",
        f"{number(row.rate)} /s",
        percent(row.error_percent),
        *(escape(milliseconds(value)) for value in latencies),
    )


def failures_table(run: Run) -> str:
    """Why requests failed, the most frequent reason first."""
    total = sum(failure.requests for failure in run.failures)
    rows = (
        (
            label_of(f"{failure.method} {failure.name}".strip()),
            escape(plain(failure.reason)),
            f"{failure.requests:,}",
            percent(100 * failure.requests / total),
        )
        for failure in run.failures[:MOST_FAILURES]
    )
    table = _table(("Request", "Reason", "> Failed", "> of all failures"), rows)
    hidden = len(run.failures) - MOST_FAILURES
    more = f'\n<p class="lead">and {hidden:,} more: failures.csv has them</p>' if hidden > 0 else ""
    return table + more


def comparison_table(comparison: Comparison) -> str:
    """Each measure now, and its change against the baseline."""
    heads = next((row.changes for row in comparison.rows if row.changes), ())
    columns = ("Verdict", "Request", *(f"> {change.what}" for change in heads))
    return _table(columns, (_compared_cells(row, len(heads)) for row in comparison.rows))


def _compared_cells(row: Compared, width: int) -> Iterator[str]:
    words = row.note or ("no worse" if row.kept else "worse")
    yield escape(words) if row.note and row.kept else _judged(row.kept, words)
    yield label_of(row.label)
    yield from map(_change, row.changes) if row.changes else [""] * width


def _change(change: Change) -> str:
    kind = ' class="bad"' if change.worse else ""
    by = "" if change.percent is None or change.unit == "%" else f"{change.percent:+.0f} %"
    now, was = (escape(_say(value, change.unit)) for value in (change.now, change.before))
    return f'<span{kind} title="it was {was}">{now} <small>{by}</small></span>'


def _say(value: float, unit: str) -> str:
    match unit:
        case "ms":
            return milliseconds(value)
        case "%":
            return percent(value)
        case _:
            return f"{number(value)} {unit}"


def events_table(run: Run, start: float) -> str:
    """Everything that happened, in order, with the words that graphs have no room for."""
    rows = (
        (clock(event.time - start), label_of(event.place), *_told(event)) for event in run.events
    )
    return _table(("> Time", "Place", "What", "Detail"), rows)


def _told(event: Event) -> tuple[str, str]:
    match event:
        case Capacity():
            return "capacity", f"{event.in_service} in service, {event.desired} desired"
        case Alarm():
            words = escape(plain(event.state))
            state = _judged(False, words) if event.state == "ALARM" else words
            return "alarm", f"{escape(plain(event.name))}: {state}"
        case Activity():
            return "activity", "<br>".join(escape(plain(t)) for t in event.text.splitlines())


def label_of(name: str) -> str:
    """A name as a cell."""
    return ALL if name == EVERYTHING else f"<b>{escape(plain(name))}</b>"


def _judged(kept: bool, words: str) -> str:
    """Told by a sign as well as by colour."""
    return f'<span class="{"good" if kept else "bad"}">{"✓" if kept else "✗"} {words}</span>'


def _table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells are HTML; a column whose name begins with `> ` is aligned right."""
    kinds = [' class="right"' if column.startswith("> ") else "" for column in columns]
    head = "".join(
        f'<th scope="col"{kind}>{escape(column.removeprefix("> "))}</th>'
        for column, kind in zip(columns, kinds, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in rows
    )
    table = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return f'<div class="wide"><table>\n{table}\n</table></div>'
