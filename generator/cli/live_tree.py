"""The live tree: Regions, their stacks, the nested stacks of those at work. Pure.

It is folded until it fits the screen: what is finished first, then what waits, at last everything
but one line a Region. So it never scrolls, however many Regions there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from generator.cli.drawing import Line, Picture, Piece, Tone, shorten
from generator.cli.live_rows import Row, in_columns, lane_row, nested_row, region_row, state_of
from generator.deploy.records.estimate import estimate
from generator.deploy.records.lanes import Lane, Nested, Region, totals
from generator.deploy.records.recorder import Run
from generator.deploy.records.spans import State, real_failures
from generator.deploy.records.timeline import going_for

FAILURES = 3
"""Shown at once; the final view has them all."""


class Detail(NamedTuple):
    """What is shown below a Region's own line."""

    finished: bool = False
    """Regions in which everything is done."""
    waiting: bool = False
    """Regions in which nothing has begun."""
    idle: bool = False
    """Steps that are not at work, in all other Regions."""
    at_work: bool = True
    nested: bool = True
    """Nested stacks at work."""
    nested_idle: bool = False
    """All nested stacks of steps at work."""


DETAILS = (
    Detail(finished=True, waiting=True, idle=True, nested_idle=True),
    Detail(waiting=True, idle=True, nested_idle=True),
    Detail(waiting=True, idle=True),
    Detail(idle=True),
    Detail(),
    Detail(nested=False),
    Detail(at_work=False),
)
"""From the most detail to the least."""


class Scene(NamedTuple):
    """What is drawn."""

    run: Run
    regions: tuple[Region, ...]
    past: Mapping[str, float]
    """How long steps took before, by step id."""
    now: float


def draw_tree(scene: Scene, width: int, height: int) -> Picture:
    """The whole screen: overall progress, the tree, failures so far."""
    run, regions, past, now = scene
    head = _headline(run, regions, past, now, width)
    most = min(FAILURES, height // 4)
    failures = [_failure(text, width) for text in _failures(run)[:most]]
    room = max(height - len(head) - len(failures), 0)
    return [*head, *in_columns(_fitting(regions, now, room), width), *failures]


def _fitting(regions: tuple[Region, ...], now: float, room: int) -> list[Row]:
    """The rows with the most detail that fit; cut where even one a Region is too much."""
    rows: list[Row] = []
    for detail in DETAILS:
        rows = [row for region in regions for row in _rows(region, detail, now)]
        if len(rows) <= room:
            return rows
    shown = rows[: max(room - 1, 0)]
    rest = Row(0, f"{len(rows) - len(shown)} more", State.WAITING, "", "")
    return [*shown, rest][:room]


def _rows(region: Region, detail: Detail, now: float) -> Iterator[Row]:
    """A Region's line, and below it what the detail wants."""
    at_work = [lane for lane in region.lanes if _is_active(lane)]
    yield _with_news(region_row(region, now), at_work if not detail.at_work else [], now)
    for lane in region.lanes if _is_unfolded(region, detail) else at_work:
        if detail.at_work:
            yield lane_row(lane, now)
            yield from (nested_row(nested, now) for nested in _shown(lane, detail))


def _is_unfolded(region: Region, detail: Detail) -> bool:
    """Whether steps that are not at work are shown too."""
    if state_of(region) is State.DONE:
        return detail.finished
    if all(lane.span.started is None for lane in region.lanes):
        return detail.waiting
    return detail.idle


def _shown(lane: Lane, detail: Detail) -> Iterator[Nested]:
    for nested in lane.nested if detail.nested and _is_active(lane) else ():
        at_work = nested.span.started is not None and not nested.span.state.over
        if at_work or detail.nested_idle:
            yield nested


def _with_news(row: Row, at_work: list[Lane], now: float) -> Row:
    """A Region's only line says what is made there."""
    return row._replace(note=lane_row(at_work[-1], now).note or row.note) if at_work else row


def _is_active(lane: Lane) -> bool:
    """Whether somebody looking on wants to see it: it goes on, or went wrong."""
    return lane.state is State.RUNNING or lane.state.bad


def _headline(
    run: Run, regions: Iterable[Region], past: Mapping[str, float], now: float, width: int
) -> list[Line]:
    times = _times(run, past, now)
    parts = [run.plan.environment, *_progress(run, regions), *times]
    while len(parts) > 1 + len(times) and len(" · ".join(parts)) > width:
        del parts[-1 - len(times)]
    return [(Piece(shorten(" · ".join(parts), width), Tone.STRONG),)]


def _progress(run: Run, regions: Iterable[Region]) -> list[str]:
    """How far the whole is; what is less important stands last."""
    steps = sum(outcome.state == State.DONE for outcome in run.outcomes.values())
    done, total = totals(lane for region in regions for lane in region.lanes)
    return [f"{steps} of {len(run.plan.steps)} steps", f"{done} of {total} resources"]


def _times(run: Run, past: Mapping[str, float], now: float) -> list[str]:
    began = min(run.began.values(), default=now)
    return [text for text in (going_for(now - began), time_left(run, past, now)) if text]


def time_left(run: Run, past: Mapping[str, float], now: float) -> str:
    """The estimate in words; nothing where there is none."""
    left = estimate(run, past, now)
    if left.seconds is None or len(run.outcomes) == len(run.plan.steps):
        return ""
    if left.seconds < 1 and left.late:
        return "longer than last time"
    return f"about {going_for(max(left.seconds, 1))} left"


def _failures(run: Run) -> list[str]:
    """What went wrong so far, as soon as it is known."""
    found = []
    for step in run.plan.steps:
        outcome = run.outcomes.get(step.id)
        told = real_failures(run.events.get(step.id, ()))
        if told:
            found.append(f"{step.id}: {told[0].path or 'stack'}: {told[0].reason}")
        elif outcome and State(outcome.state).bad:
            found.append(f"{step.id}: {outcome.reason.removeprefix(f'{step.id}: ')}")
    return found


def _failure(text: str, width: int) -> Line:
    return (Piece(shorten(f"✗ {text}", width), Tone.BAD),)
