"""Small multiples: a row a request name, so that the one that became slow stands out.

A column has one scale, and every curve the time axis of the graphs above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from loadtest.report.axes import Axis, axis_of
from loadtest.report.by_name import MOST_NAMES, Named, by_name, names_of
from loadtest.report.panels import NOTHING, Chart, Line
from loadtest.report.picture import Picture
from loadtest.report.scale import clock, milliseconds, number, percent, plain
from loadtest.report.svg import svg
from loadtest.results import Run

_TALL, _WIDE = 40, 360
"""Pixels of a curve, at most."""


class _Column(NamedTuple):
    """The curves of one kind, a tuple a name, under one scale."""

    cells: Sequence[tuple[Line, ...]]
    axis: Axis
    head: str


def small_multiples(run: Run, picture: Picture) -> str:
    """Rate, latency and errors of the names that were most asked for."""
    named = list(by_name(run, picture.window))
    columns = list(_columns(named))
    rows = "\n".join(_row(each.label, at, columns, picture) for at, each in enumerate(named))
    heads = "".join(f'<th scope="col">{column.head}</th>' for column in columns)
    ends = f'<td class="ends"><span>0:00</span><span>{clock(picture.window.seconds)}</span></td>'
    return (
        f'<table class="small">\n<thead><tr><th scope="col">Request</th>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n<tr><th></th>{ends * len(columns)}</tr>\n</tbody>\n</table>{_rest(run)}"
    )


def _row(label: str, at: int, columns: Sequence[_Column], picture: Picture) -> str:
    cells = (f"<td>{_cell(column.cells[at], column.axis, picture)}</td>" for column in columns)
    return f'<tr><th scope="row">{escape(plain(label))}</th>{"".join(cells)}</tr>'


def _rest(run: Run) -> str:
    hidden = len(names_of(run)) - MOST_NAMES
    words = f"and {hidden:,} more that were asked for less: intervals.csv has them"
    return f'\n<p class="lead">{words}</p>' if hidden > 0 else ""


def _columns(named: Sequence[Named]) -> Iterator[_Column]:
    latency = Chart("", "", (), logarithmic=True, say=milliseconds)
    for title, chart, cells in (
        ("requests/s", Chart("", "", (), say=number), [(each.rate,) for each in named]),
        ("latency", latency, [(each.p50, each.p99) for each in named]),
        ("errors", Chart("", "", (), say=percent), [(each.errors,) for each in named]),
    ):
        axis = axis_of(chart._replace(lines=tuple(line for lines in cells for line in lines)))
        kind = ", logarithmic" if axis.logarithmic else ""
        scale = f"{axis.labels[0]} – {axis.labels[-1]}{kind}"
        yield _Column(cells, _of_two(axis), f"{_title(title, cells)} <small>{scale}</small>")


def _title(title: str, cells: Sequence[tuple[Line, ...]]) -> str:
    """Where a cell has several curves, whose is which."""
    lines = cells[0] if cells and len(cells[0]) > 1 else ()
    keys = (f'<i style="background:var(--{line.tone})"></i>{line.label}' for line in lines)
    return " ".join((title, *keys))


def _of_two(axis: Axis) -> Axis:
    """So low a curve has room for its lowest and highest level only."""
    return axis._replace(ticks=(axis.ticks[0], axis.ticks[-1]))


def _cell(lines: Sequence[Line], axis: Axis, picture: Picture) -> str:
    seconds = picture.window.seconds
    moments = "".join(
        f'<i class="moment" style="left:{moment.time / seconds:.3%}"></i>'
        for moment in picture.moments
    )
    drawn = svg(lines, axis, tall=_TALL, wide=_WIDE, seconds=seconds)
    return f'<div class="plot">{moments}{drawn}</div><small>{escape(_peak(lines))}</small>'


def _peak(lines: Sequence[Line]) -> str:
    """How high the last of them was, and when, if it ever rose."""
    line, of = lines[-1], f"{lines[-1].label} " if len(lines) > 1 else ""
    points = [point for segment in line.segments for point in segment]
    if not points:
        return NOTHING
    time, most = max(points, key=lambda point: point[1])
    when = f" at {clock(time)}" if most > 0 else ""
    return f"{of}{line.summary}{when}"
