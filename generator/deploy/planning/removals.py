"""Backwards: what stands and is no longer wanted goes, users before what they use.

Only what bears the platform's own tag is removed. It goes after everything that is made or
changed, so that traffic has moved before; and each layer only when nothing that uses it is left.
"""

from __future__ import annotations

from generator.deploy.places import rectangles
from generator.deploy.planning.deletions import delete_step, removals
from generator.deploy.planning.sketch import Sketch
from generator.deploy.planning.stacks import update_step
from generator.deploy.release import PLATFORM_TAG, Unit, places_of
from generator.deploy.steps import DoSet, SetStep, UploadStep
from generator.deploy.world import INOPERABLE, Stack, StackSet

WHY = "no longer in the settings"


def plan_removals(sketch: Sketch) -> None:
    """Append the removals, and the updates that had to wait for them, from users to used."""
    forward = tuple(step.id for step in sketch.steps if not isinstance(step, UploadStep))
    last = _unknown_units(sketch, forward)
    for unit in reversed(sketch.release.units):
        made = [*_dropped_stacks(sketch, unit, last), *_dropped_instances(sketch, unit, last)]
        last = (*last, *made)
        last = (*last, *_final_updates(sketch, unit, last))


def _unknown_units(sketch: Sketch, after: tuple[str, ...]) -> tuple[str, ...]:
    """Layers that are no longer built: sets, then stacks, the youngest first.

    What uses another stack was made after it, so the youngest is used by none.
    """
    names = {unit.name for unit in sketch.release.units}
    made = list(after)
    for standing in sketch.world.sets.values():
        if standing.name not in names and _is_ours(sketch, standing):
            layer = _layer_of(sketch, standing.name)
            every = tuple(standing.instances)
            made += _remove_instances(sketch, layer, standing, every, tuple(made))
            made.append(_delete_set(sketch, layer, standing, tuple(made)))
    stacks = [s for s in sketch.world.stacks.values() if s.name not in names]
    for stack in sorted(stacks, key=lambda s: s.created, reverse=True):
        if _is_ours(sketch, stack):
            layer = _layer_of(sketch, stack.name)
            made.append(sketch.add(delete_step(layer, stack, tuple(made), WHY)))
    return tuple(made)


def _dropped_stacks(sketch: Sketch, unit: Unit, after: tuple[str, ...]) -> list[str]:
    """Stacks of a layer in Regions that it no longer has."""
    return [
        sketch.add(delete_step(unit.layer, stack, after, WHY))
        for (region, name), stack in sketch.world.stacks.items()
        if name == unit.name and region not in unit.regions and _is_ours(sketch, stack)
    ]


def _dropped_instances(sketch: Sketch, unit: Unit, after: tuple[str, ...]) -> list[str]:
    standing = sketch.world.sets.get(unit.name)
    wanted = places_of(unit, sketch.world.accounts, sketch.world.account)
    dropped = tuple(p for p in standing.instances if p not in wanted) if standing else ()
    if standing is None or not _is_ours(sketch, standing):
        return []
    return _remove_instances(sketch, unit.layer, standing, dropped, after)


def _final_updates(sketch: Sketch, unit: Unit, after: tuple[str, ...]) -> list[str]:
    """The updates that drop Regions from a resource, now that nothing there uses it."""
    ids: list[str] = []
    for waiting, standing, updates in sketch.drops:
        if waiting is unit:
            for number, update in enumerate(updates, 1):
                needs = (*after, *ids[-1:])
                step = update_step(sketch, unit, standing, update, f"/drop-{number}", needs)
                ids.append(sketch.add(step))
    return ids


def _remove_instances(
    sketch: Sketch, layer: str, standing: StackSet, places: tuple[str, ...], after: tuple[str, ...]
) -> list[str]:
    """Those that work, with their stacks; then those that CloudFormation can't delete, without."""
    ids: list[str] = []
    for retain, label in ((False, "drop-instances"), (True, "drop-broken-instances")):
        chosen = (p for p in places if (standing.instances[p].status == INOPERABLE) is retain)
        for number, listed in enumerate(rectangles(chosen)):
            stacks = {where: standing.instances[where].stack for where in listed}
            step = SetStep(
                id=f"{layer}/{label}-{number}" if number else f"{layer}/{label}",
                after=(*after, *ids),
                layer=layer,
                name=standing.name,
                region=sketch.release.home,
                do=DoSet.REMOVE,
                places=listed,
                units=standing.units,
                call_as=standing.call_as,
                retain=retain,
                changes={} if retain else {r: removals(s) for r, s in stacks.items() if s},
                why=WHY,
            )
            ids.append(sketch.add(step))
    return ids


def _delete_set(sketch: Sketch, layer: str, standing: StackSet, after: tuple[str, ...]) -> str:
    step = SetStep(
        id=f"{layer}/delete-set",
        after=after,
        layer=layer,
        name=standing.name,
        region=sketch.release.home,
        do=DoSet.DELETE,
        units=standing.units,
        call_as=standing.call_as,
        why=WHY,
    )
    return sketch.add(step)


def _is_ours(sketch: Sketch, standing: Stack | StackSet) -> bool:
    return standing.tags.get(PLATFORM_TAG) == sketch.release.prefix


def _layer_of(sketch: Sketch, name: str) -> str:
    return name.removeprefix(f"{sketch.release.prefix}-").replace("-", "_")
