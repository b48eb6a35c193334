"""Releases that were really built, and worlds in which they stand: for tests without AWS."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from generator.build.archive import Archive
from generator.build.write import replace_tree
from generator.deploy.built_files import read_release
from generator.deploy.places import account_of, region_of
from generator.deploy.preview.guard import stack_policy
from generator.deploy.release import Kind, Release, Unit, places_of
from generator.deploy.steps import Plan, Step
from generator.deploy.world import Instance, Stack, StackSet, World
from generator.settings.model import Settings
from tests.deploy.conftest import SERVICE, files, prod

ACCOUNT = "111122223333"
ACCOUNTS = (ACCOUNT, "222233334444")
"""Those of the organization's units."""

NOTHING = World(ACCOUNT, {}, {}, ACCOUNTS)


def over(*regions: str) -> Settings:
    """The settings of prod over these Regions, the first of them home."""
    return prod(regions=[{"name": region} for region in regions])


def built(folder: Path, settings: Settings, service: Archive = SERVICE) -> Release:
    """What a build writes, read back as a rollout reads it."""
    output = folder / settings.environment
    replace_tree(output, files(settings, service))
    return read_release(output)


def standing(release: Release) -> World:
    """The world in which exactly this release stands."""
    stacks: dict[tuple[str, str], Stack] = {}
    sets: dict[str, StackSet] = {}
    for unit in release.units:
        if unit.kind is Kind.STACK:
            for region in unit.regions:
                created = f"2026-01-01 00:00:{len(stacks):02}"
                stack = _stack(release, unit, unit.name, region, created)
                stacks[region, unit.name] = stack
        else:
            sets[unit.name] = _set(release, unit)
    return World(ACCOUNT, stacks, sets, ACCOUNTS)


def with_stack(world: World, region: str, name: str, **changes: Any) -> World:
    """The same world with one stack in another state."""
    stack = world.stacks[region, name]._replace(**changes)
    return world._replace(stacks={**world.stacks, (region, name): stack})


def with_instance(world: World, name: str, region: str, **changes: Any) -> World:
    """The same world with one stack set instance in another state."""
    stack_set = world.sets[name]
    instance = stack_set.instances[region]._replace(**changes)
    changed = stack_set._replace(instances={**stack_set.instances, region: instance})
    return world._replace(sets={**world.sets, name: changed})


def ids(plan: Plan) -> list[str]:
    """Ids of a plan's steps, uploads aside."""
    return [step.id for step in plan.steps if step.kind != "upload"]


def ancestors(plan: Plan) -> dict[str, set[str]]:
    """By step: every step that is surely over when it begins."""
    found: dict[str, set[str]] = {}
    for step in plan.steps:
        found[step.id] = set(step.after).union(*(found[needed] for needed in step.after))
    return found


def before(plan: Plan, *in_order: str) -> bool:
    """Whether each of these steps has to wait for the one named before it."""
    over = ancestors(plan)
    return all(first in over[then] for first, then in pairwise(in_order))


def step_of(plan: Plan, step_id: str) -> Any:
    """A step of any kind; its fields are asked for by tests that know the kind."""
    step: Step = plan.step(step_id)
    return step


def _stack(release: Release, unit: Unit, name: str, region: str, created: str) -> Stack:
    body = release.body(unit.template)
    return Stack(
        region=region,
        name=name,
        id=f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/1",
        status="CREATE_COMPLETE",
        template=release.templates[unit.template],
        parameters=_values(release, unit, region),
        outputs={output: _output(unit, region, output) for output in body.get("Outputs", {})},
        tags=release.stack_tags,
        protected=True,
        policy=stack_policy(),
        updated=created,
        created=created,
        nested=_nested(release, unit),
    )


def _output(unit: Unit, region: str, output: str) -> str:
    return f"{unit.layer}-{region}-{output}"


def _values(release: Release, unit: Unit, region: str) -> Mapping[str, str]:
    """As CloudFormation describes them: those given, and the defaults of the rest."""
    declared = release.body(unit.template).get("Parameters", {})
    return {
        **{name: str(p["Default"]) for name, p in declared.items() if "Default" in p},
        **release.parameters[region, unit.layer],
        **{
            name: _output(release.unit(source.layer), source.region, source.output)
            for name, source in unit.carried.items()
        },
    }


def _nested(release: Release, unit: Unit) -> dict[str, str]:
    """By logical id, the templates of a root's nested stacks."""
    found = {}
    for name, resource in release.body(unit.template)["Resources"].items():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            address = str(resource["Properties"]["TemplateURL"])
            (file,) = (nested for nested in unit.nested if nested in address)
            found[name] = release.templates[file]
    return found


def _set(release: Release, unit: Unit) -> StackSet:
    values = {region: _values(release, unit, region) for region in unit.regions}
    base = next(iter(values.values()))
    return StackSet(
        name=unit.name,
        template=release.templates[unit.template],
        parameters=base,
        tags=release.stack_tags,
        instances={
            where: _instance(release, unit, where, base)
            for where in places_of(unit, ACCOUNTS, ACCOUNT)
        },
        operations=(),
        units=unit.reach.units if unit.reach else (),
        service_managed=unit.reach is not None,
        call_as=unit.call_as,
        auto_deployment=bool(unit.reach and unit.reach.auto_deployment),
    )


def _instance(release: Release, unit: Unit, where: str, base: Mapping[str, str]) -> Instance:
    """Its stack can't be read in another account."""
    account, region = account_of(where, ACCOUNT), region_of(where)
    stack = _stack(release, unit, f"StackSet-{unit.name}-1", region, "")
    values = _values(release, unit, region)
    return Instance(
        region=region,
        account=account,
        status="CURRENT",
        detail="SUCCEEDED",
        reason="",
        overrides={k: v for k, v in values.items() if base.get(k) != v},
        stack=stack if account == ACCOUNT else None,
        stack_id=stack.id,
    )
