"""The steps of one plain stack."""

from __future__ import annotations

from typing import Any

from generator.deploy.planning import phases
from generator.deploy.planning.deletions import removals
from generator.deploy.planning.sketch import Sketch, Update
from generator.deploy.preview import additions_of, changes_between
from generator.deploy.preview.guard import stack_policy
from generator.deploy.release import Release, Unit
from generator.deploy.steps import Change, Do, StackStep
from generator.deploy.world import (
    EMPTY_STATUSES,
    SETTLED_STATUSES,
    Stack,
    as_told,
    same_body,
    same_template,
)


def plan_stack(sketch: Sketch, unit: Unit, region: str, after: tuple[str, ...] = ()) -> None:
    """Whatever brings this stack to what was built; nothing where it is that already."""
    needs = tuple(dict.fromkeys((*sketch.needs(unit, region), *after)))
    standing = sketch.world.stack(region, unit.name)
    if standing is None or standing.status in EMPTY_STATUSES:
        ids = [_create(sketch, unit, region, needs, standing)]
    else:
        ids = _repair(sketch, unit, standing, needs)
        ids += _update(sketch, unit, standing, tuple(ids) or needs)
    sketch.unchanged += not ids and not sketch.drops_of(unit, region)
    sketch.settle(unit, region, ids[-1:])


def _create(
    sketch: Sketch, unit: Unit, region: str, needs: tuple[str, ...], remains: Stack | None
) -> str:
    inline = not unit.after
    parameters = sketch.values(unit, region)
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
            express=_express(sketch, unit),
            inline=inline,
            stack_id=remains.id if remains else "",
            changes=(
                *_removals(remains),
                *additions_of(
                    sketch.release.body(unit.template),
                    parameters | {"AWS::Region": region},
                    bodies,
                ),
            ),
            why=f"it is {remains.status}, and can only be removed" if remains else "",
        )
    )


def _removals(remains: Stack | None) -> tuple[Change, ...]:
    """What is left of a stack that served, and could not be deleted altogether."""
    if remains is None or remains.status != "DELETE_FAILED":
        return ()
    return removals(remains)


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
    forward = [*phases.additions(old, new)]
    count = len(forward)
    updates = _updates(sketch, unit, standing, (*forward, *phases.drops(old, new)))
    if updates[count:]:
        sketch.drops.append((unit, standing, updates[count:]))
    if same_body(forward[0], old) and not differs(sketch, unit, standing):
        return []
    ids: list[str] = []
    for number, update in enumerate(updates[:count], 1):
        label = f"/{number}" if count > 1 else ""
        ids.append(
            sketch.add(update_step(sketch, unit, standing, update, label, tuple(ids) or needs))
        )
    return ids


def _updates(
    sketch: Sketch, unit: Unit, standing: Stack, bodies: tuple[dict[str, Any], ...]
) -> tuple[Update, ...]:
    """The updates through these templates, each from the one before; the last is the built one."""
    values = sketch.values(unit, standing.region)
    made: list[Update] = []
    before, values_before = standing.body, standing.parameters
    for body in bodies:
        is_last = len(made) == len(bodies) - 1
        name = unit.template if is_last else sketch.keep_template(unit.layer, body)
        made.append(Update(before, values_before, body, name))
        before, values_before = body, values
    return tuple(made)


def differs(sketch: Sketch, unit: Unit, standing: Stack) -> bool:
    """Whether anything but the template is not as it was built."""
    wanted = sketch.values(unit, standing.region)
    return (
        not as_told(wanted).items() <= as_told(standing.parameters).items()
        or _is_retagged(sketch, standing)
        or not standing.protected
        or not same_template(standing.policy, stack_policy())
    )


def _is_retagged(sketch: Sketch, standing: Stack) -> bool:
    return as_told(standing.tags) != as_told(sketch.release.stack_tags)


def update_step(
    sketch: Sketch,
    unit: Unit,
    standing: Stack,
    update: Update,
    label: str,
    needs: tuple[str, ...],
) -> StackStep:
    """One update of a stack that stands, with its changes as far as templates show them."""
    region = standing.region
    parameters = sketch.values(unit, region)
    retagged = update.values is standing.parameters and _is_retagged(sketch, standing)
    return StackStep(
        id=f"{unit.layer}@{region}{label}",
        after=(*needs, *_upload(sketch, unit, region, update.template)),
        layer=unit.layer,
        name=unit.name,
        region=region,
        do=Do.UPDATE,
        template=update.template,
        parameters=parameters,
        carried=unit.carried,
        role=_role(sketch.release, unit),
        express=_express(sketch, unit),
        inline=not unit.after,
        stack_id=standing.id,
        changes=changes_between(
            update.before, update.values, update.body, parameters, retagged=retagged
        ),
    )


def _upload(sketch: Sketch, unit: Unit, region: str, template: str) -> tuple[str, ...]:
    files = (template, *unit.nested, *unit.archives)
    return (sketch.upload(region, files),) if unit.after else ()


def _role(release: Release, unit: Unit) -> str:
    return "" if unit.administrator else release.roles["provisioning"]


def _express(sketch: Sketch, unit: Unit) -> bool:
    """Express mode, where asked for and possible: a custom resource's answer is waited for.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-express-mode.html
    """
    bodies = [sketch.release.body(name) for name in (unit.template, *unit.nested)]
    types = {resource["Type"] for body in bodies for resource in body["Resources"].values()}
    return sketch.wishes.express and not any(name.startswith("Custom::") for name in types)
