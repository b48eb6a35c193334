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
    """Plan the roots of all Regions: home, then the others so many at a time."""
    settings, wishes = sketch.release.waves, sketch.wishes
    size = wishes.regions_at_once or settings.regions_at_once
    home = sketch.release.home
    others = [region for region in unit.regions if region != home]
    canary = _wave(sketch, unit, (home,), ())
    before = _bake(sketch, canary) or canary
    if any(sketch.world.stack(region, unit.name) for region in others):
        _in_waves(sketch, unit, others, size, before)
    else:
        _side_by_side(sketch, unit, others, size, before)


def _in_waves(
    sketch: Sketch, unit: Unit, regions: list[str], size: int, before: tuple[str, ...]
) -> None:
    """Where some serve already: each wave waits for the one before, and for its bake."""
    for start in range(0, len(regions), size):
        wave = tuple(regions[start : start + size])
        made = _wave(sketch, unit, wave, before)
        before = _bake(sketch, made) or made or before


def _side_by_side(
    sketch: Sketch, unit: Unit, regions: list[str], size: int, before: tuple[str, ...]
) -> None:
    """Where none serves yet: each waits for the one that is `size` places before it."""
    made: list[tuple[str, ...]] = []
    for number, region in enumerate(regions):
        earlier = made[number - size] if number >= size else ()
        made.append(_wave(sketch, unit, (region,), (*before, *earlier)))


def _wave(
    sketch: Sketch, unit: Unit, wave: tuple[str, ...], before: tuple[str, ...]
) -> tuple[str, ...]:
    start = len(sketch.steps)
    for region in wave:
        plan_stack(sketch, unit, region, before)
    new = sketch.steps[start:]
    return tuple(s.id for s in new if isinstance(s, StackStep) and s.layer == unit.layer)


def _bake(sketch: Sketch, made: tuple[str, ...]) -> tuple[str, ...]:
    """A bake, where the wave updates what serves; nothing to wait for otherwise."""
    asked = sketch.wishes.bake_minutes
    minutes = sketch.release.waves.bake_minutes if asked is None else asked
    updates = [s for s in sketch.steps if s.id in made and isinstance(s, StackStep)]
    if minutes <= 0 or not any(step.do is Do.UPDATE for step in updates):
        return ()
    step = BakeStep(
        id=f"bake@{updates[0].region}",
        after=made,
        wave=made,
        minutes=minutes,
        alarms=sketch.release.waves.alarms,
    )
    return (sketch.add(step),)
