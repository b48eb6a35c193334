"""Where the time of a run went: makespan, critical path, bars on a common axis. Pure.

The critical path is read backwards: the step that ended last, then of those that it waited for the
one that ended last, and so on. Its steps never overlap, so their time together is at most the
makespan; what is missing is time in which the next step could have begun and did not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from generator.deploy.context import Outcome
from generator.deploy.records.lanes import Region, regions_of
from generator.deploy.records.recorder import Run
from generator.deploy.records.spans import Span, State

TICK_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)


class Timeline(NamedTuple):
    """A run to be drawn. Times are seconds since the epoch, lengths seconds."""

    run: Run
    start: float
    makespan: float
    critical: tuple[str, ...]
    """Ids of the steps on the critical path, first to last."""
    critical_seconds: float
    regions: tuple[Region, ...]

    @property
    def ratio(self) -> float:
        """Makespan by critical path; 1 where no time was lost between steps."""
        return self.makespan / self.critical_seconds if self.critical_seconds else 1.0

    def offset(self, moment: float) -> float:
        """Where a moment is on the axis, from 0 to 1."""
        return min(max((moment - self.start) / (self.makespan or 1.0), 0.0), 1.0)

    def bar(self, span: Span) -> tuple[float, float] | None:
        """Beginning and end on the axis; None for what never began."""
        if span.started is None:
            return None
        end = self.start + self.makespan if span.ended is None else span.ended
        return self.offset(span.started), self.offset(end)


def timeline_of(run: Run) -> Timeline:
    """Everything that the timelines show."""
    ran = _ran(run)
    start = min((outcome.started for outcome in ran.values()), default=0.0)
    critical = critical_path(run)
    return Timeline(
        run=run,
        start=start,
        makespan=max((outcome.ended for outcome in ran.values()), default=start) - start,
        critical=critical,
        critical_seconds=sum(_seconds(ran[step_id]) for step_id in critical),
        regions=regions_of(run),
    )


def critical_path(run: Run) -> tuple[str, ...]:
    """The chain of steps whose ends determined the makespan, first to last."""
    ran, needs = _ran(run), {step.id: step.after for step in run.plan.steps}
    chain: list[str] = []
    last = _last(ran.values())
    while last:
        chain.append(last.step)
        last = _last(ran[step_id] for step_id in needs[last.step] if step_id in ran)
    return tuple(reversed(chain))


def makespan_ratio(run: Run) -> float:
    """Makespan by critical path of the same run: what was lost between steps, as a factor."""
    return timeline_of(run).ratio


def ticks(seconds: float, most: int) -> tuple[float, ...]:
    """Round times from 0 to `seconds`, about evenly on the axis and at most `most` of them."""
    every: float = TICK_SECONDS[-1]
    while seconds / every > most - 1:
        every *= 2
    every = next((t for t in TICK_SECONDS if seconds / t <= most - 1), every)
    return tuple(number * every for number in range(int(seconds / every + 1e-9) + 1))


def tick_words(tick: float) -> str:
    """A round time as short as it can be said."""
    return f"{tick:g} s" if tick < 60 else in_words(tick)


def in_words(seconds: float) -> str:
    """A length of time for people: 0.4 s, 12 s, 3 min 04 s, 1 h 02 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def going_for(seconds: float) -> str:
    """The time of something that goes on: whole seconds, so that it does not flicker."""
    return f"{int(seconds)} s" if seconds < 10 else in_words(int(seconds))


def _ran(run: Run) -> dict[str, Outcome]:
    return {name: o for name, o in run.outcomes.items() if o.state != State.SKIPPED}


def _last(outcomes: Iterable[Outcome]) -> Outcome | None:
    return max(outcomes, key=lambda outcome: (outcome.ended, _seconds(outcome)), default=None)


def _seconds(outcome: Outcome) -> float:
    return outcome.ended - outcome.started
