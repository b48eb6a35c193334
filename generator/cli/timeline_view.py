"""The timeline as text: a bar for each step on one time axis, the critical path marked. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from generator.cli.drawing import Line, Picture, Piece, Tone, cut, shorten, shorten_path
from generator.deploy.records.lanes import Lane
from generator.deploy.records.spans import Span
from generator.deploy.records.timeline import Timeline, in_words, tick_words, ticks

CRITICAL, OTHER, BROKEN = "█", "░", "✗"
"""What bars are made of, and what ends that of something that failed."""
TICK_COLUMNS = 10
LEAST_AXIS = 8


def draw_timeline(timeline: Timeline, width: int) -> Picture:
    """Bars, then what the critical path was and how much of the makespan it is."""
    rows = list(_rows(timeline))
    longest = max((len(name) for name, _, _ in rows), default=0)
    name = max(min(longest, width // 2 - 6), 8)
    axis = max(width - name - 14, LEAST_AXIS)
    lines = [
        (Piece(f"{'':{name}}  {_scale(timeline, axis)}", Tone.QUIET),),
        *(_line(timeline, row, name, axis) for row in rows),
        *_summary(timeline, width),
    ]
    return [cut(line, width) for line in lines]


Row = tuple[str, Span | None, bool]
"""Name with its indent, what is drawn (nothing for a Region), whether it is critical."""


def _rows(timeline: Timeline) -> Iterator[Row]:
    for region in timeline.regions:
        yield region.name or "all Regions", None, False
        for lane in region.lanes:
            if lane.span.started is not None:
                yield from _lane_rows(lane, lane.step in timeline.critical)


def _lane_rows(lane: Lane, critical: bool) -> Iterator[Row]:
    """A lane; on the critical path with its nested stacks, for there the time is lost or won."""
    yield f"  {lane.span.name}", lane.span, critical
    begun = [nested for nested in lane.nested if nested.span.started is not None]
    for nested in begun if critical else ():
        parts = nested.span.name.split("/")
        yield f"  {'  ' * len(parts)}{parts[-1]}", nested.span, False


def _line(timeline: Timeline, row: Row, name: int, axis: int) -> Line:
    title, span, critical = row
    shown = shorten_path(title, name).ljust(name)
    if span is None:
        return (Piece(shown, Tone.STRONG),)
    before, length = columns(timeline, span, axis)
    tone = Tone.BAD if span.state.bad else Tone.BUSY if critical else Tone.QUIET
    seconds = in_words(span.seconds(timeline.start + timeline.makespan))
    return (
        Piece(f"{shown}  ", Tone.PLAIN if critical else Tone.QUIET),
        Piece(f"{' ' * before}{_bar(span, length, critical=critical)}".ljust(axis), tone),
        Piece(f"  {seconds:>10}"),
    )


def _bar(span: Span, length: int, *, critical: bool) -> str:
    drawn = (CRITICAL if critical else OTHER) * length
    return f"{drawn[:-1]}{BROKEN}" if drawn and span.state.bad else drawn


def columns(timeline: Timeline, span: Span, axis: int) -> tuple[int, int]:
    """Columns before a bar and of the bar itself: at least one for whatever began."""
    left, right = timeline.bar(span) or (0.0, 0.0)
    start = min(int(left * axis), axis - 1)
    return start, max(min(ceil(right * axis), axis) - start, 1)


def _scale(timeline: Timeline, axis: int) -> str:
    """Times above the axis, each beginning where its moment is."""
    text = ""
    for tick in ticks(timeline.makespan, max(axis // TICK_COLUMNS, 3)):
        column = int(timeline.offset(timeline.start + tick) * axis)
        label = f"|{tick_words(tick)}"
        if column >= len(text) and column + len(label) <= axis + TICK_COLUMNS:
            text = f"{text.ljust(column)}{label} "
    return text.rstrip()


def _summary(timeline: Timeline, width: int) -> Iterator[Line]:
    makespan, critical = in_words(timeline.makespan), in_words(timeline.critical_seconds)
    lengths = f"critical path {critical}, makespan {makespan}: {timeline.ratio:.2f}x"
    yield (Piece(shorten(f"{CRITICAL} {lengths}", width)),)
    for text in _wrapped(timeline.critical, width - 2):
        yield (Piece(f"  {text}", Tone.QUIET),)
    if timeline.run.calls:
        yield (Piece(shorten(_calls(timeline), width)),)


def _wrapped(chain: tuple[str, ...], width: int) -> Iterator[str]:
    line = ""
    for number, step_id in enumerate(chain):
        piece = step_id if number == 0 else f" → {step_id}"
        if line and len(line) + len(piece) > width:
            yield line
            line, piece = "", piece.lstrip()
        line += piece
    if line:
        yield line


def _calls(timeline: Timeline) -> str:
    calls = timeline.run.calls
    most = sorted(calls, key=lambda name: -calls[name])[:3]
    named = ", ".join(f"{name} {calls[name]}" for name in most)
    return f"API calls: {sum(calls.values())}, most of them {named}"
