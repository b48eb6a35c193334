"""The plan: a pure function from a release and what stands to frozen steps.

Forwards, what is made or changed follows what it needs, stack by stack and Region by Region: a
step waits for those that it needs, not for a whole layer. Backwards, at the end, what is no longer
wanted goes: first what uses, then what is used.
"""

from __future__ import annotations

import hashlib
import json

from generator.deploy.places import region_of
from generator.deploy.planning.parts import with_needs
from generator.deploy.planning.reach import refuse_another_reach
from generator.deploy.planning.removals import plan_removals
from generator.deploy.planning.sketch import Sketch, Wishes
from generator.deploy.planning.stack_sets import plan_stack_set
from generator.deploy.planning.stacks import plan_stack
from generator.deploy.planning.waves import plan_waves
from generator.deploy.release import PLATFORM_TAG, Kind, Release
from generator.deploy.steps import Plan, Step
from generator.deploy.world import Stack, World
from generator.errors import Refused

__all__ = ["NO_WISHES", "Wishes", "make_plan", "release_hash"]

NO_WISHES = Wishes()
EXPRESS_ENVIRONMENT = "dev"


def make_plan(release: Release, world: World, wishes: Wishes = NO_WISHES) -> Plan:
    """Everything that is left to do so that `release` stands; nothing where it does.

    Raises Refused where the home Region moved, which CloudFormation can't follow, and where
    somebody else's stack has the name of one of ours.
    """
    _refuse_another_home(release, world)
    _refuse_strangers(release, world)
    _refuse_express(release, wishes)
    refuse_another_reach(release, world)
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


def _refuse_strangers(release: Release, world: World) -> None:
    """A stack or set that was not made by a rollout is not ours to change.

    One that was only reviewed, or whose creation was rolled back, holds nothing.
    """
    units = {unit.name: unit.regions for unit in release.units}
    standing = [s for s in world.stacks.values() if s.region in units.get(s.name, ())]
    found = [f"{s.name} in {s.region}" for s in standing if _is_strange(release, s)]
    sets = [s for s in world.sets.values() if s.name in units]
    found += [f"stack set {s.name}" for s in sets if s.tags.get(PLATFORM_TAG) != release.prefix]
    if found:
        raise Refused(
            f"{release.environment}: not made by a rollout of it: {', '.join(found)}\n"
            f"    delete what is in the way, or tag it {PLATFORM_TAG}={release.prefix} to have it "
            "taken over"
        )


def _is_strange(release: Release, stack: Stack) -> bool:
    holds = stack.status not in ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")
    return holds and stack.tags.get(PLATFORM_TAG) != release.prefix


def _refuse_express(release: Release, wishes: Wishes) -> None:
    """Express mode says done before resources serve, so nothing after it can be trusted."""
    if wishes.express and release.environment != EXPRESS_ENVIRONMENT:
        raise Refused(
            f"{release.environment}: express mode is for {EXPRESS_ENVIRONMENT} only: it reports a "
            "stack done before its resources serve, so a bake or the next Region would build on "
            "sand\n    leave --express out"
        )


def _wanted(steps: tuple[Step, ...], regions: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps of these Regions and whatever they need; all, where none are named."""
    if not regions:
        return steps
    return with_needs(steps, [step.id for step in steps if _is_in(step, regions)])


def _is_in(step: Step, regions: tuple[str, ...]) -> bool:
    match step.kind:
        case "stack set":
            return any(region_of(where) in regions for where in step.places)
        case "bake":
            return False
        case _:
            return step.region in regions
