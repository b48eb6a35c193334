"""Lines, lanes and ticks of a panel on matplotlib's axes, and the legend beside them."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from loadtest.report.axes import HEAD, KEY, LANE, Axis, axis_of
from loadtest.report.palette import TONES
from loadtest.report.panels import Chart, Lanes, Line, Mark, Marks

DPI = 96
GUTTER = 240
"""Pixels left of the time axis, for titles and legends."""
SIZE = 8.5
_POINTS = 72 / DPI
_EDGE, _SWATCH, _CLEAR = 12, 18, 12
_MOST_CHARACTERS, _MOST_IN_KEY = 34, 22
_THICK, _THIN = 13, 4


def colour(tone: str) -> str:
    """The colour of a tone on white."""
    return TONES[tone].light


def written(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    by: tuple[float, float],
    *,
    tone: str = "faint",
    data: bool = False,
    right: bool = False,
    middle: bool = False,
    weight: str = "normal",
) -> None:
    """Text so many pixels right and below of a place: of the axes, or of a moment (`data`)."""
    axes.annotate(
        text,
        at,
        (by[0] * _POINTS, -by[1] * _POINTS),
        xycoords=("data" if data else "axes fraction", "axes fraction"),
        textcoords="offset points",
        ha="right" if right else "left",
        va="center" if middle else ("bottom" if by[1] < 0 else "top"),
        size=SIZE,
        weight=weight,
        color=colour(tone),
        annotation_clip=False,
        bbox={"facecolor": colour("page"), "edgecolor": "none", "alpha": 0.8, "pad": 0.6},
    )


def beside(axes: Axes, top: float, text: str, *, tone: str = "ink", weight: str = "normal") -> None:
    """Text in the gutter, so many pixels below the panel's top."""
    written(axes, text, (0, 1), (_EDGE - GUTTER, top), tone=tone, weight=weight)


def shortened(text: str, most: int = _MOST_CHARACTERS) -> str:
    """Without its middle where it is too long: names differ at both ends."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"


def draw_chart(axes: Axes, chart: Chart) -> None:
    """The axis of values stands on the right, clear of the legend."""
    axis = axis_of(chart)
    axes.set_yscale("log" if axis.logarithmic else "linear")
    axes.minorticks_off()
    axes.set_yticks(axis.ticks, axis.labels)
    axes.set_ylim(axis.ticks[0], axis.ticks[-1])
    axes.yaxis.tick_right()
    for line in chart.lines:
        _draw_line(axes, line, axis)
        if line.limit is not None:
            axes.axhline(line.limit, color=colour(line.tone), linewidth=1, linestyle=(0, (6, 3)))
    for at, line in enumerate(chart.keys):
        _draw_key(axes, HEAD + KEY * at, line)
    beside(axes, HEAD + KEY * len(chart.keys), chart.note, tone="faint")


def _draw_line(axes: Axes, line: Line, axis: Axis) -> None:
    """A few pixels higher or lower where that keeps it apart from its like."""
    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    shift = ScaledTranslation(0, line.shift / DPI, figure.dpi_scale_trans)
    for points in line.segments:
        times = [time for time, _ in points]
        values = [axis.within(value) for _, value in points]
        if line.filled:
            floor, tone = axis.ticks[0], colour(line.tone)
            axes.fill_between(times, values, floor, color=tone, alpha=0.14, linewidth=0)
        axes.plot(
            times,
            values,
            color=colour(line.tone),
            linewidth=1.0 if line.dashed else 1.6,
            linestyle=(0, (2, 1.5)) if line.dashed else "solid",
            solid_joinstyle="round",
            transform=axes.transData + shift,
            clip_on=False,
        )


def _draw_key(axes: Axes, top: float, line: Line) -> None:
    left = _EDGE - GUTTER
    written(axes, "━", (0, 1), (left, top), tone=line.tone, weight="bold")
    written(axes, shortened(line.key, _MOST_IN_KEY), (0, 1), (left + _SWATCH, top), tone="ink")
    written(axes, line.summary, (0, 1), (-_CLEAR, top), right=True)


def draw_lanes(axes: Axes, lanes: Lanes, tall: int) -> None:
    """Thick where an alarm rings, thin where it does not."""
    _count_pixels(axes, tall)
    for at, lane in enumerate(lanes.lanes):
        middle = HEAD + LANE * (at + 0.5)
        text = shortened(f"{lane.label} {lane.place}")
        written(axes, text, (0, 1), (_EDGE - GUTTER, middle), tone="ink", middle=True)
        for span in lane.spans:
            thick = _THICK if span.tone == "ALARM" else _THIN
            axes.barh(middle, span.end - span.start, thick, span.start, color=colour(span.tone))
    if lanes.note:
        below = HEAD + LANE * (len(lanes.lanes) + 0.5)
        written(axes, lanes.note, (0, 1), (_EDGE - GUTTER, below), middle=True)


def draw_marks(axes: Axes, marks: Marks, tall: int) -> None:
    """A tick each, on the row where its label has room."""
    _count_pixels(axes, tall)
    for mark in marks.marks:
        middle = HEAD / 2 if mark.row is None else HEAD + LANE * (mark.row + 0.5)
        axes.vlines(mark.time, middle - 7, middle + 7, colors=colour(mark.tone), linewidth=2)
        if mark.row is not None:
            _label(axes, mark, middle)


def _label(axes: Axes, mark: Mark, middle: float) -> None:
    at, by = (mark.time, 1), (-6 if mark.flipped else 6, middle)
    written(axes, mark.label, at, by, tone="ink", data=True, right=mark.flipped, middle=True)


def _count_pixels(axes: Axes, tall: int) -> None:
    """The axis of a panel without values: pixels, downwards."""
    axes.set_ylim(tall, 0)
    axes.set_yticks([])
