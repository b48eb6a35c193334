"""Intervals as curves: where each point is, and what is read when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from loadtest.report.panels import NOTHING, Line, Points, Reading, Window
from loadtest.report.scale import number
from loadtest.results import Row

Value = Callable[[Row], float | None]
"""What is drawn of an interval; None where it has no such value."""


def curve(
    rows: Sequence[Row],
    window: Window,
    label: str,
    tone: str,
    value: Value,
    *,
    filled: bool = False,
    say: Callable[[float], str] = number,
    limit: float | None = None,
) -> Line:
    """A value an interval at a time, and what is asked of it at most."""
    values = [_finite(value(row)) for row in rows]
    known = [each for each in values if each is not None]
    return Line(
        label,
        tone,
        tuple(_segments(rows, values, window)),
        tuple(_readings(rows, values, window, say)),
        f"peak {say(max(known))}" if known else NOTHING,
        filled,
        limit=limit,
        asked="" if limit is None else f"SLO {say(limit)}",
    )


def _finite(value: float | None) -> float | None:
    """What is no number has no place on an axis."""
    return value if value is not None and math.isfinite(value) else None


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
