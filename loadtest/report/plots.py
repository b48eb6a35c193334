"""Panels as HTML: inline SVG stretched over one shared time axis, and words that never stretch.

Everything has its place in percent of the time axis, so all panels and the crosshair agree at any
width. What is read at a moment is written here (`readings_of`); the page's script only looks it up.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import count

from loadtest.report.axes import HEAD, LANE, axis_of, height_of
from loadtest.report.panels import Chart, Lane, Lanes, Line, Mark, Marks, Panel
from loadtest.report.picture import Picture
from loadtest.report.scale import clock, time_ticks
from loadtest.report.svg import svg

WIDE = 1000
"""Pixels of the time axis where there is room for all."""
Reading = tuple[list[float], list[str]]
"""Moments (seconds since the run began), and the words that hold from each of them on."""


def charts_html(picture: Picture) -> str:
    """All panels, their time axis and the crosshair."""
    numbers = count()
    panels = "\n".join(_panel(panel, picture, numbers) for panel in picture.panels)
    return (
        f'<section id="charts" tabindex="0" data-seconds="{picture.window.seconds:.6g}" '
        'aria-label="Graphs over one time axis; arrow keys move the crosshair">\n'
        f'<div class="over">{_moments(picture)}</div>\n{panels}\n'
        f'<div class="under">{_times(picture)}</div>\n'
        '<div class="over"><div id="hair" hidden><output id="now"></output></div></div>\n</section>'
    )


def readings_of(picture: Picture) -> list[Reading]:
    """What each entry of the legends reads, in their order."""
    return [reading for panel in picture.panels for reading in _read(panel)]


def _read(panel: Panel) -> Iterator[Reading]:
    match panel:
        case Chart():
            for line in panel.keys:
                yield [each.time for each in line.readings], [each.text for each in line.readings]
        case Lanes():
            for lane in panel.lanes:
                yield [span.start for span in lane.spans], [_words(s.state) for s in lane.spans]
        case Marks():
            pass


def _panel(panel: Panel, picture: Picture, numbers: Iterator[int]) -> str:
    """The legend beside the plot; entries are numbered as `readings_of` counts them."""
    match panel:
        case Chart():
            legend = "".join(_key(line, next(numbers)) for line in panel.keys)
            drawn = _chart(panel, picture.window.seconds)
        case Lanes():
            legend = "".join(_name(lane, next(numbers)) for lane in panel.lanes)
            drawn = "".join(_lane(at, lane, picture) for at, lane in enumerate(panel.lanes))
        case Marks():
            legend, drawn = "", "".join(_mark(mark, picture) for mark in panel.marks)
    note = "" if isinstance(panel, Marks) or not panel.note else _item("", panel.note, "note")
    return (
        f'<figure class="panel {type(panel).__name__.lower()}" id="{panel.key}">\n'
        f"<figcaption><h2>{escape(panel.title)}</h2><ul>{legend}{note}</ul></figcaption>\n"
        f'<div class="plot" style="height:{_height(panel)}">{_grid(picture)}{drawn}</div>\n'
        "</figure>"
    )


def _height(panel: Panel) -> str:
    """Lanes are higher where their names stand above them."""
    if isinstance(panel, Lanes):
        return f"calc({HEAD}px + var(--lane) * {len(panel.lanes) + bool(panel.note)})"
    return f"{height_of(panel)}px"


def _key(line: Line, at: int) -> str:
    swatch = f'<i style="background:{_colour(line.tone)}"></i>'
    return _item(swatch, line.key, "key", _reading(at, line.summary))


def _name(lane: Lane, at: int) -> str:
    label = f"{lane.label} {lane.place}"
    return _item("", label, "lane", _reading(at, ""))


def _item(before: str, text: str, kind: str, after: str = "") -> str:
    words = escape(text)
    return f'<li class="{kind}">{before}<span title="{words}">{words}</span>{after}</li>'


def _reading(at: int, summary: str) -> str:
    return f'<output id="r{at}">{escape(summary)}</output>'


def _chart(chart: Chart, seconds: float) -> str:
    axis, tall = axis_of(chart), height_of(chart)
    labels = "".join(
        f'<span class="value" style="bottom:{axis.share(tick):.2%}">{escape(words)}</span>'
        for tick, words in zip(axis.ticks, axis.labels, strict=True)
    )
    limits = "".join(
        f'<i class="limit" style="bottom:{axis.share(line.limit):.2%};'
        f'color:{_colour(line.tone)}"></i>'
        for line in chart.lines
        if line.limit is not None
    )
    return f"{labels}{svg(chart.lines, axis, tall=tall, wide=WIDE, seconds=seconds)}{limits}"


def _lane(at: int, lane: Lane, picture: Picture) -> str:
    seconds = picture.window.seconds
    return "".join(
        f'<i class="state {span.tone}" style="--at:{at};left:{span.start / seconds:.3%};'
        f'width:{(span.end - span.start) / seconds:.3%}" '
        f'title="{escape(f"{lane.label} {lane.place}: {_words(span.state)}")} '
        f'from {clock(span.start)} to {clock(span.end)}"></i>'
        for span in lane.spans
    )


def _mark(mark: Mark, picture: Picture) -> str:
    top = 0 if mark.row is None else HEAD + LANE * mark.row
    words = escape(mark.label)
    label = "" if mark.row is None else f"<span>{words}</span>"
    return (
        f'<div class="mark{" flipped" if mark.flipped else ""}" title="{clock(mark.time)} {words}" '
        f'style="top:{top}px;left:{mark.time / picture.window.seconds:.3%};'
        f'--tone:{_colour(mark.tone)}">{label}</div>'
    )


def _grid(picture: Picture) -> str:
    seconds = picture.window.seconds
    ticks = (f'<i class="tick" style="left:{t / seconds:.3%}"></i>' for t in time_ticks(seconds))
    lines = (
        f'<i class="moment" style="left:{moment.time / seconds:.3%}"></i>'
        for moment in picture.moments
    )
    return "".join((*ticks, *lines))


def _moments(picture: Picture) -> str:
    return "".join(
        f'<span class="when{" flipped" if moment.flipped else ""}" '
        f'style="left:{moment.time / picture.window.seconds:.3%}">{escape(moment.words)}</span>'
        for moment in picture.moments
        if moment.words
    )


def _times(picture: Picture) -> str:
    seconds = picture.window.seconds
    return "".join(
        f'<span class="time" style="left:{tick / seconds:.3%}">{clock(tick)}</span>'
        for tick in time_ticks(seconds)
    )


def _words(state: str) -> str:
    return "no data" if state == "INSUFFICIENT_DATA" else state


def _colour(tone: str) -> str:
    """A tone of the palette, as the page's style defines it."""
    return f"var(--{tone})"
