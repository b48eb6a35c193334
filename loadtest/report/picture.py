"""All panels of a run, in the order in which they are read: cause first, answer below."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from loadtest.gate import Slo
from loadtest.report.facts import response_of, sampled
from loadtest.report.happened import CHARACTERS, happened
from loadtest.report.measured import measured
from loadtest.report.panels import Panel, Window, window_of
from loadtest.report.scale import clock, plain
from loadtest.results import Run

_LATE = 0.85
"""From here on words have no room at the right of a line."""


class Moment(NamedTuple):
    """A moment that every panel marks; seconds since the run began."""

    time: float
    words: str
    """Empty where another moment's words speak for it."""
    flipped: bool
    """The words end at its line instead of beginning there."""


class Picture(NamedTuple):
    """What is drawn of a run."""

    title: str
    window: Window
    panels: tuple[Panel, ...]
    moments: tuple[Moment, ...]


def picture_of(run: Run, slo: Slo) -> Picture:
    """The panels of a run over its time axis, with the SLO's levels."""
    window = window_of(run)
    panels = (*measured(run, window, slo), *happened(run, window))
    return Picture(title_of(run), window, panels, _moments(run, window))


def title_of(run: Run) -> str:
    """What was run against what, and when."""
    about = run.about
    began = datetime.fromtimestamp(about.started, UTC)
    return plain(f"{about.profile} · {about.target} {about.host} · {began:%Y-%m-%d %H:%M:%S} UTC")


def _moments(run: Run, window: Window) -> tuple[Moment, ...]:
    """The first one's words stand left of its line, the next right of it, where there is room."""
    response = response_of(run)
    if response is None:
        return ()
    rises = window.offset(response.spike)
    rise = Moment(rises, f"load rises {clock(rises)}", True)
    if response.in_service is None:
        return (rise,)
    grows = window.offset(response.in_service)
    words = f"more capacity {clock(grows)}{sampled(run)}"
    return _clear(rise, Moment(grows, words, grows > _LATE * window.seconds), window)


def _clear(first: Moment, second: Moment, window: Window) -> tuple[Moment, Moment]:
    """No words over a line or over others: the first says both where they don't fit between."""
    between = (second.time - first.time) / window.seconds * CHARACTERS
    if not second.flipped or len(second.words) + 2 <= between:
        return first, second
    return first._replace(words=f"{first.words}, {second.words}"), second._replace(words="")
