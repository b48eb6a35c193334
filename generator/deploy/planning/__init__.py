"""The plan: a pure function from a release and what stands to frozen steps.

Forwards, what is made or changed follows what it needs, stack by stack and Region by Region: a
step waits for those that it needs, not for a whole layer. Backwards, at the end, what is no longer
wanted goes: first what uses, then what is used.
"""

from __future__ import annotations

import hashlib
import json

from generator.deploy.planning.removals import plan_removals
from generator.deploy.planning.sketch import Sketch, Wishes
from generator.deploy.planning.stack_sets import plan_stack_set
from generator.deploy.planning.stacks import plan_stack
from generator.deploy.planning.waves import plan_waves
from generator.deploy.release import Kind, Release
from generator.deploy.steps import Plan, Step
from generator.deploy.world import World
from generator.errors import Refused

__all__ = ["NO_WISHES", "Wishes", "make_plan", "release_hash"]

NO_WISHES = Wishes()


def make_plan(release: Release, world: World, wishes: Wishes = NO_WISHES) -> Plan:
    """Everything that is left to do so that `release` stands; nothing where it does.

    Raises Refused where the home Region moved: what is there can't be moved by CloudFormation.
    """
    _refuse_another_home(release, world)
    sketch = Sketch(release, world, wishes)
    for unit in release.units:
        if unit.kind is Kind.STACK_SET:
            plan_stack_set(sketch, unit)
        elif unit.layer == release.waves.layer:
            plan_waves(sketch, unit)
        else:
            for region in unit.regions:
                plan_stack(sketch, unit, region)
    plan_removals(sketch)
    return Plan(
        environment=release.environment,
        prefix=release.prefix,
        home=release.home,
        account=world.account,
        fingerprint=world.fingerprint,
        release=release_hash(release),
        steps=_wanted(tuple(sketch.steps), wishes.regions),
        unchanged=sketch.unchanged,
        tags=release.stack_tags,
        templates=sketch.templates,
    )


def release_hash(release: Release) -> str:
    """Names the built files; templates' names already hold their contents."""
    parameters = sorted(
        (*key, sorted(values.items())) for key, values in release.parameters.items()
    )
    units = [[unit.layer, unit.template, unit.regions, unit.after] for unit in release.units]
    facts = [release.prefix, release.home, units, parameters, sorted(release.tags.items())]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _refuse_another_home(release: Release, world: World) -> None:
    """Roles, zone and tables are made in the home Region under names that exist once."""
    base = release.unit("foundation").name
    homes = {region for region, name in world.stacks if name == base} - {release.home}
    if homes:
        raise Refused(
            f"{release.environment}: home_region is {release.home}, and the platform stands with "
            f"{', '.join(sorted(homes))} as its home\n"
            "    a home Region can't be moved: set it back, or build another environment beside it"
        )


def _wanted(steps: tuple[Step, ...], regions: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps of these Regions and whatever they need; all, where none are named."""
    if not regions:
        return steps
    by_id = {step.id: step for step in steps}
    queue = [step.id for step in steps if _is_in(step, regions)]
    kept: set[str] = set()
    while queue:
        step_id = queue.pop()
        if step_id not in kept:
            kept.add(step_id)
            queue += by_id[step_id].after
    return tuple(step for step in steps if step.id in kept)


def _is_in(step: Step, regions: tuple[str, ...]) -> bool:
    match step.kind:
        case "stack set":
            return any(region in regions for region in step.regions)
        case "bake":
            return False
        case _:
            return step.region in regions
