"""What the platform offers: the outputs that its layers publish, as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.deploy.around.masking import HIDDEN, secret_outputs
from generator.deploy.release import Kind, Release, Unit
from generator.deploy.world import Stack, World


class Output(NamedTuple):
    """One value that a person or a program may use. Never a secret's."""

    region: str
    layer: str
    name: str
    value: str
    description: str


def published(release: Release, world: World) -> tuple[Output, ...]:
    """All of them, layer by layer and Region by Region; only of what stands."""
    return tuple(
        output
        for unit in release.units
        for stack in _stacks(unit, world)
        for output in _of(unit, stack)
    )


def _stacks(unit: Unit, world: World) -> Iterator[Stack]:
    if unit.kind is Kind.STACK:
        found = (world.stack(region, unit.name) for region in unit.regions)
        yield from (stack for stack in found if stack)
    elif unit.name in world.sets:
        instances = world.sets[unit.name].instances.values()
        yield from (instance.stack for instance in instances if instance.stack)


def _of(unit: Unit, stack: Stack) -> Iterator[Output]:
    """The stack's own template decides what is secret: it may be an older one."""
    declared, secret = stack.body.get("Outputs", {}), secret_outputs(stack.body)
    for name in unit.published:
        if name in stack.outputs:
            value = HIDDEN if name in secret else stack.outputs[name]
            description = str(declared.get(name, {}).get("Description", ""))
            yield Output(stack.region, unit.layer, name, value, description)
