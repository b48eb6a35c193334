"""The regional roots: home first, alone, as the canary; then the others.

Where users may be hurt, that is where a root is updated, the others go in waves of so many Regions,
and a bake after each wave decides whether the next one starts. New Regions serve nobody yet: they
only wait for home, and for one another so that no more than so many are made at once.
"""

from __future__ import annotations

from generator.deploy.planning.sketch import Sketch
from generator.deploy.planning.stacks import plan_stack
from generator.deploy.release import Unit
from generator.deploy.steps import BakeStep, Do, StackStep


def plan_waves(sketch: Sketch, unit: Unit) -> None:
    """Plan the roots of all Regions, in waves."""
    settings, wishes = sketch.release.waves, sketch.wishes
    size = wishes.regions_at_once or settings.regions_at_once
    others = [region for region in unit.regions if region != sketch.release.home]
    before: tuple[str, ...] = ()
    waves = [tuple(others[start : start + size]) for start in range(0, len(others), size)]
    for wave in [(sketch.release.home,), *waves]:
        made = _wave(sketch, unit, wave, before)
        before = _bake(sketch, wave, made) or made or before


def _wave(
    sketch: Sketch, unit: Unit, wave: tuple[str, ...], before: tuple[str, ...]
) -> tuple[str, ...]:
    start = len(sketch.steps)
    for region in wave:
        plan_stack(sketch, unit, region, before)
    new = sketch.steps[start:]
    return tuple(s.id for s in new if isinstance(s, StackStep) and s.layer == unit.layer)


def _bake(sketch: Sketch, wave: tuple[str, ...], made: tuple[str, ...]) -> tuple[str, ...]:
    """A bake, where the wave updates what serves; nothing to wait for otherwise."""
    asked = sketch.wishes.bake_minutes
    minutes = sketch.release.waves.bake_minutes if asked is None else asked
    updates = [s for s in sketch.steps if s.id in made and isinstance(s, StackStep)]
    if minutes <= 0 or not any(step.do is Do.UPDATE for step in updates):
        return ()
    step = BakeStep(
        id=f"bake@{wave[0]}",
        after=made,
        wave=made,
        minutes=minutes,
        alarms=sketch.release.waves.alarms,
    )
    return (sketch.add(step),)
