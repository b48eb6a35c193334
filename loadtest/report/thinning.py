"""A long run's curves in as many points as there are pixels, and no peak lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from loadtest.report.panels import Points


def thinned(segments: Sequence[Points], seconds: float, pixels: int) -> tuple[Points, ...]:
    """The same picture: of each pixel of the time axis the lowest and the highest value.

    A gap narrower than a pixel is closed. Unchanged where there are no more points than that.
    """
    if sum(map(len, segments)) <= 2 * pixels:
        return tuple(segments)
    wide = seconds / pixels
    return tuple(tuple(_extremes(stretch, wide)) for stretch in _joined(segments, wide))


def _joined(segments: Sequence[Points], wide: float) -> Iterator[Points]:
    stretch: Points = ()
    for points in segments:
        if stretch and points[0][0] - stretch[-1][0] >= wide:
            yield stretch
            stretch = ()
        stretch += points
    yield stretch


def _extremes(points: Points, wide: float) -> Iterator[tuple[float, float]]:
    yield points[0]
    for _, group in groupby(points[1:-1], lambda point: point[0] // wide):
        of_pixel = list(group)
        yield from sorted({min(of_pixel, key=_value), max(of_pixel, key=_value)})
    yield points[-1]


def _value(point: tuple[float, float]) -> float:
    return point[1]
