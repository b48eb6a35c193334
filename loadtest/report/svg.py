"""Curves as inline SVG, stretched over the time axis: a unit is a second across, a pixel down."""

from __future__ import annotations

from collections.abc import Sequence

from loadtest.report.axes import Axis
from loadtest.report.panels import Line, Points
from loadtest.report.thinning import thinned


def svg(lines: Sequence[Line], axis: Axis, *, tall: int, wide: int, seconds: float) -> str:
    """Curves over the axis' levels; a long run's in no more points than `wide` pixels show."""
    levels = "".join(f"M0 {tall * (1 - axis.share(tick)):.1f}H{seconds:.6g}" for tick in axis.ticks)
    drawn = "".join(
        _strokes(line, thinned(line.segments, seconds, wide), axis, tall) for line in lines
    )
    return (
        f'<svg viewBox="0 0 {seconds:.6g} {tall}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="level" d="{levels}"/>{drawn}</svg>'
    )


def _strokes(line: Line, segments: Sequence[Points], axis: Axis, tall: int) -> str:
    shapes = [_shape(points, axis, tall) for points in segments]
    kind = "dashed" if line.dashed else "line"
    moved = f' transform="translate(0 {-line.shift:.1f})"' if line.shift else ""
    tone = f"var(--{line.tone})"
    drawn = f'<path class="{kind}" style="stroke:{tone}"{moved} d="{"".join(shapes)}"/>'
    if not line.filled:
        return drawn
    closed = "".join(
        f"{shape}L{points[-1][0]:.6g} {tall}L{points[0][0]:.6g} {tall}Z"
        for shape, points in zip(shapes, segments, strict=True)
    )
    return f'<path class="area" style="fill:{tone}" d="{closed}"/>{drawn}'


def _shape(points: Points, axis: Axis, tall: int) -> str:
    corners = (f"{time:.6g} {tall * (1 - axis.share(value)):.1f}" for time, value in points)
    return "M" + "L".join(corners)
