"""Heights and axes of panels, in pixels: the same on the graphs and on the page."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from loadtest.report.panels import Chart, Lanes, Marks, Panel
from loadtest.report.scale import linear_ticks, log_ticks

HEAD = 24
"""A panel's title."""
KEY = 17
"""A line of its legend."""
LANE = 20
"""A lane of an alarm, or a row of labels."""
_FASTEST = 0.01
"""Milliseconds below which nothing is told apart."""
_LEAST, _LATENCY, _PADDING = 96, 196, 8


class Axis(NamedTuple):
    """Values from bottom to top."""

    ticks: tuple[float, ...]
    logarithmic: bool
    say: Callable[[float], str]

    def within(self, value: float) -> float:
        """The value, or the edge that it lies beyond: 0 has no place on a logarithmic axis."""
        return min(max(value, self.ticks[0]), self.ticks[-1])

    def share(self, value: float) -> float:
        """Where a value is, from 0 at the bottom to 1 at the top."""
        low, high, value = self.ticks[0], self.ticks[-1], self.within(value)
        if self.logarithmic:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    @property
    def labels(self) -> tuple[str, ...]:
        """The ticks in words."""
        return tuple(self.say(tick) for tick in self.ticks)


def axis_of(chart: Chart) -> Axis:
    """The axis that holds all of a chart's values and limits."""
    drawn = [y for line in chart.lines for points in line.segments for _, y in points]
    limits = [line.limit for line in chart.lines if line.limit is not None]
    positive = [value for value in (*drawn, *limits) if value > 0]
    if chart.logarithmic and positive:
        ticks = log_ticks(max(min(positive), _FASTEST), max(*positive, _FASTEST))
        return Axis(ticks if len(ticks) > 1 else (ticks[0], ticks[0] * 2), True, chart.say)
    return Axis(linear_ticks(max(positive, default=1.0), whole=chart.whole), False, chart.say)


def height_of(panel: Panel) -> int:
    """High enough for its legend."""
    match panel:
        case Chart():
            keys = len(panel.keys) + bool(panel.note)
            return max(_LATENCY if panel.logarithmic else _LEAST, HEAD + KEY * keys + _PADDING)
        case Lanes():
            return HEAD + LANE * (len(panel.lanes) + bool(panel.note))
        case Marks():
            return HEAD + LANE * (1 + max((mark.row or 0 for mark in panel.marks), default=0))
