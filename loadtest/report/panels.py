"""A run as panels over one time axis: what is drawn, not how.

The graphs (`charts`) and the page (`plots`) draw the same panels, so they can't disagree.
Times are seconds since the run began. A line is segments, broken where nothing was measured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from loadtest.report.scale import number
from loadtest.results import Run

Points = tuple[tuple[float, float], ...]
NOTHING = "–"


class Reading(NamedTuple):
    """What is read at a moment, from then on."""

    time: float
    text: str


class Line(NamedTuple):
    """A curve, and what it reads at each moment."""

    label: str
    """Empty where another line speaks for it."""
    tone: str
    """Its colour: a key of the palette."""
    segments: tuple[Points, ...]
    readings: tuple[Reading, ...]
    summary: str
    """What is said of the whole run."""
    filled: bool = False
    dashed: bool = False
    shift: float = 0.0
    """Pixels upwards, so that equal lines lie side by side."""
    limit: float | None = None
    """The level that is not to be exceeded, drawn in the line's colour."""
    asked: str = ""
    """That level in words."""

    @property
    def key(self) -> str:
        """What a legend calls it."""
        return f"{self.label} · {self.asked}" if self.asked else self.label


class Chart(NamedTuple):
    """Curves over one axis of values."""

    key: str
    title: str
    lines: tuple[Line, ...]
    logarithmic: bool = False
    whole: bool = False
    """Values are counts."""
    say: Callable[[float], str] = number
    """How a value is written."""
    note: str = ""

    @property
    def keys(self) -> tuple[Line, ...]:
        """The lines of its legend."""
        return tuple(line for line in self.lines if line.label)


class Span(NamedTuple):
    """A state that lasted."""

    start: float
    end: float
    state: str
    tone: str
    """Of CloudWatch's three states; any other is drawn as no data."""


class Lane(NamedTuple):
    """The states of one thing, one after the other."""

    label: str
    place: str
    spans: tuple[Span, ...]


class Lanes(NamedTuple):
    """Things that have states, each on its lane."""

    key: str
    title: str
    lanes: tuple[Lane, ...]
    note: str = ""


class Mark(NamedTuple):
    """Something that happened at a moment; alike things of the same time are one mark."""

    time: float
    label: str
    tone: str
    row: int | None
    """Where its label has room; None where it has none, and the mark stands alone."""
    flipped: bool
    """The label ends at the mark instead of beginning there."""


class Marks(NamedTuple):
    """What happened, as labelled ticks."""

    key: str
    title: str
    marks: tuple[Mark, ...]


Panel = Chart | Lanes | Marks


class Window(NamedTuple):
    """The time axis: from the run's first moment to its last, as seconds since the epoch."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is; never 0."""
        return self.end - self.start

    def offset(self, time: float) -> float:
        """Seconds since the run began, kept within the window."""
        return min(max(time, self.start), self.end) - self.start

    def holds(self, time: float) -> bool:
        """Whether a moment lies in the run."""
        return self.start <= time <= self.end


def window_of(run: Run) -> Window:
    """All that was measured; at least a second."""
    start = min([run.about.started, *(row.start for row in run.overall)])
    ends = [row.start + row.seconds for row in run.overall]
    return Window(start, max([start + 1, run.about.started + run.about.seconds, *ends]))
