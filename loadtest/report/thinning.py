"""A long run's curves in few points a pixel, and no peak lost.

First, lowest, highest and last value of a pixel are all of a line that is seen there (M4).
https://www.vldb.org/pvldb/vol7/p797-jugel.pdf
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from loadtest.report.panels import Points

_A_PIXEL = 4
"""Points."""


def thinned(segments: Sequence[Points], seconds: float, pixels: int) -> tuple[Points, ...]:
    """The same picture, in at most four points for each pixel of the time axis.

    A gap narrower than a pixel is closed. Unchanged where there are no more points than that.
    """
    if sum(map(len, segments)) <= _A_PIXEL * pixels:
        return tuple(segments)
    wide = seconds / pixels
    return tuple(tuple(_seen(stretch, wide)) for stretch in _joined(segments, wide))


def _joined(segments: Sequence[Points], wide: float) -> Iterator[Points]:
    stretch: Points = ()
    for points in segments:
        if stretch and points[0][0] - stretch[-1][0] >= wide:
            yield stretch
            stretch = ()
        stretch += points
    yield stretch


def _seen(points: Points, wide: float) -> Iterator[tuple[float, float]]:
    """Between pixels the line goes as it went; a step's two values keep their order."""
    for _, group in groupby(points, lambda point: point[0] // wide):
        of_pixel = list(group)
        values = [value for _, value in of_pixel]
        kept = {0, values.index(min(values)), values.index(max(values)), len(values) - 1}
        yield from (of_pixel[at] for at in sorted(kept))
