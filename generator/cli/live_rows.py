"""Rows of the live tree, and the columns that they are set in. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.cli.drawing import Line, Piece, Tone, cut, shorten_path
from generator.deploy.records.lanes import Lane, Nested, Region, totals
from generator.deploy.records.spans import Span, State
from generator.deploy.records.timeline import going_for, in_words

MARKS = {
    State.WAITING: ("·", Tone.QUIET),
    State.RUNNING: ("●", Tone.BUSY),
    State.ROLLING_BACK: ("↺", Tone.BAD),
    State.DONE: ("✓", Tone.GOOD),
    State.ROLLED_BACK: ("↺", Tone.BAD),
    State.FAILED: ("✗", Tone.BAD),
    State.REFUSED: ("✗", Tone.BAD),
    State.DETACHED: ("-", Tone.QUIET),
    State.SKIPPED: ("-", Tone.QUIET),
}
LEAST_NOTE = 12
"""Columns below which the last column is left out."""


class Row(NamedTuple):
    """One line of the tree."""

    depth: int
    name: str
    state: State
    time: str
    resources: str
    note: str = ""


def state_of(region: Region) -> State:
    """A Region's state out of its lanes': the worst, else what goes on."""
    states = [lane.state for lane in region.lanes]
    for state in (State.FAILED, State.ROLLING_BACK, State.REFUSED, State.RUNNING, State.DETACHED):
        if state in states:
            return state
    if all(state is State.DONE for state in states):
        return State.DONE
    return State.SKIPPED if State.SKIPPED in states else State.WAITING


def region_row(region: Region, now: float) -> Row:
    """A Region in one line."""
    steps = sum(lane.state is State.DONE for lane in region.lanes)
    note = f"{steps} of {len(region.lanes)} steps"
    state, name = state_of(region), region.name or "all Regions"
    return Row(0, name, state, _time(_whole(region), now), _count(*totals(region.lanes)), note)


def _whole(region: Region) -> Span:
    """From the first beginning in a Region to the last end."""
    spans = [lane.span for lane in region.lanes if lane.span.started is not None]
    started = min((span.started or 0.0 for span in spans), default=None)
    ends = [span.ended for span in spans]
    ended = None if None in ends else max((end for end in ends if end), default=None)
    return Span(region.name, state_of(region), started, ended)


def lane_row(lane: Lane, now: float) -> Row:
    """A stack, or an instance of a stack set, in one line."""
    note = lane.now or ("rolling back" if lane.state is State.ROLLING_BACK else "")
    count = _count(lane.done, lane.total)
    return Row(1, lane.span.name, lane.state, _time(lane.span, now), count, note)


def nested_row(nested: Nested, now: float) -> Row:
    """A nested stack in one line, below what it is in."""
    span, parts = nested.span, nested.span.name.split("/")
    note = nested.now.removeprefix(f"{span.name}/")
    count = _count(nested.done, nested.total)
    return Row(1 + len(parts), parts[-1], span.state, _time(span, now), count, note)


def _time(span: Span, now: float) -> str:
    if span.started is None:
        return ""
    seconds = span.seconds(now)
    return in_words(seconds) if span.ended is not None else going_for(seconds)


def _count(done: int, total: int) -> str:
    return f"{done}/{total}" if total else ""


def in_columns(rows: list[Row], width: int) -> Iterator[Line]:
    """Rows as lines: mark and name, time, resources, and what is being made where there is room."""
    most = max((2 * row.depth + 2 + len(row.name) for row in rows), default=0)
    time = max((len(row.time) for row in rows), default=0)
    count = max((len(row.resources) for row in rows), default=0)
    name = max(min(most, width - time - count - 4), 8)
    note = width - name - time - count - 6
    return (cut(_line(row, name, time, count, note), width) for row in rows)


def _line(row: Row, name: int, time: int, count: int, note: int) -> Line:
    mark, tone = MARKS[row.state]
    indent = "  " * row.depth
    title = shorten_path(row.name, name - len(indent) - 2).ljust(name - len(indent) - 2)
    shown = Tone.STRONG if row.depth == 0 else _quiet_unless_going(row.state)
    pieces = (
        Piece(f"{indent}{mark} ", tone),
        Piece(title, shown),
        Piece(f"  {row.time:>{time}}  {row.resources:>{count}}", Tone.PLAIN),
    )
    if note < LEAST_NOTE or not row.note:
        return pieces
    return (*pieces, Piece(f"  {shorten_path(row.note, note)}", Tone.QUIET))


def _quiet_unless_going(state: State) -> Tone:
    return Tone.PLAIN if state is State.RUNNING or state.bad else Tone.QUIET
