"""How long a rollout will still take, from how long the same steps took before.

A step that was never done is likened to the same step in other Regions; where there is none, no
estimate is given rather than a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from generator.deploy.records.lanes import short_name
from generator.deploy.records.recorder import Run
from generator.deploy.records.spans import State
from generator.deploy.steps import BakeStep, Step, timing_key


class Estimate(NamedTuple):
    """What is left."""

    seconds: float | None
    """None where a step that is left has no history."""
    late: tuple[str, ...]
    """Steps that take longer than expected already."""


def estimate(run: Run, past: Mapping[str, float], now: float) -> Estimate:
    """The longest chain of what is left to do, by the seconds that steps took before."""
    known = {**past, **_measured(run)}
    steps = _to_come(run)
    expected = {step.id: _expected(step, known) for step in steps}
    late = tuple(s.id for s in steps if _is_late(run, s, expected[s.id], now))
    if any(seconds is None for seconds in expected.values()):
        return Estimate(None, late)
    return Estimate(_longest(run, steps, {k: v or 0.0 for k, v in expected.items()}, now), late)


def _measured(run: Run) -> dict[str, float]:
    """What this run has shown: home is done when the other Regions begin."""
    done = [outcome for outcome in run.outcomes.values() if outcome.state == State.DONE]
    return {timing_key(run.plan.step(o.step)): o.ended - o.started for o in done}


def _to_come(run: Run) -> list[Step]:
    """Steps that are not over; after a failure only those under way, for nothing new begins."""
    stopped = any(outcome.state != State.DONE for outcome in run.outcomes.values())
    left = [step for step in run.plan.steps if step.id not in run.outcomes]
    return [step for step in left if step.id in run.began or not stopped]


def _expected(step: Step, known: Mapping[str, float]) -> float | None:
    if isinstance(step, BakeStep):
        return step.minutes * 60
    key = timing_key(step)
    if key in known:
        return known[key]
    like = [s for name, s in known.items() if short_name(name) == short_name(key)]
    return median(like) if like else None


def _is_late(run: Run, step: Step, expected: float | None, now: float) -> bool:
    began = run.began.get(step.id)
    return expected is not None and began is not None and now - began > expected


def _longest(run: Run, steps: list[Step], expected: Mapping[str, float], now: float) -> float:
    """Steps stand after what they need, so one pass over them in order is enough."""
    ends: dict[str, float] = {}
    for step in steps:
        gone = now - run.began.get(step.id, now)
        begins = max((ends[name] for name in step.after if name in ends), default=0.0)
        ends[step.id] = begins + max(expected[step.id] - gone, 0.0)
    return max(ends.values(), default=0.0)
