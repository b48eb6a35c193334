"""The steps of one plain stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.deploy import phases
from generator.deploy.guard import stack_policy
from generator.deploy.planning.sketch import Sketch
from generator.deploy.preview import additions_of, changes_between
from generator.deploy.release import Release, Unit
from generator.deploy.steps import Do, StackStep
from generator.deploy.world import EMPTY_STATUSES, SETTLED_STATUSES, Stack, same_template


def plan_stack(sketch: Sketch, unit: Unit, region: str, after: tuple[str, ...] = ()) -> None:
    """Whatever brings this stack to what was built; nothing where it is that already."""
    needs = tuple(dict.fromkeys((*sketch.needs(unit, region), *after)))
    standing = sketch.world.stack(region, unit.name)
    if standing is None or standing.status in EMPTY_STATUSES:
        ids = [_create(sketch, unit, region, needs, standing)]
    else:
        ids = _repair(sketch, unit, standing, needs)
        ids += _update(sketch, unit, standing, tuple(ids) or needs)
    sketch.unchanged += not ids
    sketch.settle(unit, region, ids[-1:])


def _create(
    sketch: Sketch, unit: Unit, region: str, needs: tuple[str, ...], remains: Stack | None
) -> str:
    inline = not unit.after
    parameters = {**sketch.release.parameters[region, unit.layer], **sketch.known_carried(unit)}
    bodies = {name: sketch.release.body(name) for name in unit.nested}
    return sketch.add(
        StackStep(
            id=f"{unit.layer}@{region}",
            after=(*needs, *_upload(sketch, unit, region, unit.template)),
            layer=unit.layer,
            name=unit.name,
            region=region,
            do=Do.RECREATE if remains else Do.CREATE,
            template=unit.template,
            parameters=parameters,
            carried=unit.carried,
            role=_role(sketch.release, unit),
            inline=inline,
            stack_id=remains.id if remains else "",
            changes=additions_of(sketch.release.body(unit.template), parameters, bodies),
            why=f"it is {remains.status}, and can only be removed" if remains else "",
        )
    )


def _repair(sketch: Sketch, unit: Unit, standing: Stack, needs: tuple[str, ...]) -> list[str]:
    """A stuck rollback is finished before anything else is possible."""
    if standing.status in SETTLED_STATUSES:
        return []
    step = StackStep(
        id=f"{unit.layer}@{standing.region}/repair",
        after=needs,
        layer=unit.layer,
        name=unit.name,
        region=standing.region,
        do=Do.REPAIR,
        role=_role(sketch.release, unit),
        stack_id=standing.id,
        why=f"it is {standing.status}",
    )
    return [sketch.add(step)]


def _update(sketch: Sketch, unit: Unit, standing: Stack, needs: tuple[str, ...]) -> list[str]:
    """The updates that add, in order. Those that drop Regions are kept for the end."""
    new, old = sketch.release.body(unit.template), standing.body
    forward = tuple(phases.additions(old, new))
    drops = tuple(phases.drops(old, new))
    if drops:
        sketch.drops.append((unit, standing.region, drops))
    ids: list[str] = []
    for number, body in enumerate(forward, 1):
        last = number == len(forward) and not drops
        if number == 1 and body == old and not differs(sketch, unit, standing):
            continue
        name = unit.template if last else sketch.keep_template(unit.layer, body)
        label = f"/{number}" if len(forward) > 1 else ""
        ids.append(_update_step(sketch, unit, standing, body, name, label, tuple(ids) or needs))
    return ids


def differs(sketch: Sketch, unit: Unit, standing: Stack) -> bool:
    """Whether anything but the template is not as it was built."""
    wanted = {
        **sketch.release.parameters[standing.region, unit.layer],
        **sketch.known_carried(unit),
    }
    return (
        any(standing.parameters.get(name) != value for name, value in wanted.items())
        or dict(standing.tags) != dict(sketch.release.stack_tags)
        or not standing.protected
        or not same_template(standing.policy, stack_policy())
    )


def _update_step(
    sketch: Sketch,
    unit: Unit,
    standing: Stack,
    body: Mapping[str, Any],
    template: str,
    label: str,
    needs: tuple[str, ...],
) -> str:
    return sketch.add(update_step(sketch, unit, standing, body, template, label, needs))


def update_step(
    sketch: Sketch,
    unit: Unit,
    standing: Stack,
    body: Mapping[str, Any],
    template: str,
    label: str,
    needs: tuple[str, ...],
) -> StackStep:
    """One update of a stack that stands, with its changes as far as templates show them."""
    region = standing.region
    parameters = {**sketch.release.parameters[region, unit.layer], **sketch.known_carried(unit)}
    return StackStep(
        id=f"{unit.layer}@{region}{label}",
        after=(*needs, *_upload(sketch, unit, region, template)),
        layer=unit.layer,
        name=unit.name,
        region=region,
        do=Do.UPDATE,
        template=template,
        parameters=parameters,
        carried=unit.carried,
        role=_role(sketch.release, unit),
        inline=not unit.after,
        stack_id=standing.id,
        changes=changes_between(standing.body, standing.parameters, body, parameters),
    )


def _upload(sketch: Sketch, unit: Unit, region: str, template: str) -> tuple[str, ...]:
    return (sketch.upload(region, (template, *unit.nested)),) if unit.after else ()


def _role(release: Release, unit: Unit) -> str:
    return "" if unit.administrator else release.roles["provisioning"]
