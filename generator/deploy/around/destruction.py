"""The way back, as a plan: everything of an environment that stands, users before what they use.

Forwards a layer is made after what it names in `after` and what its parameters are carried from. So
backwards it goes before these, in every Region: the way in first (records, edge), then the regional
roots, the tables, their keys, the roles that CloudFormation works in, and the buckets last. A stack
set loses its instances before it goes itself. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.deploy.places import rectangles
from generator.deploy.planning import release_hash
from generator.deploy.planning.deletions import delete_step, removals
from generator.deploy.release import PLATFORM_TAG, Kind, Release, Unit
from generator.deploy.steps import DoSet, Plan, SetStep, Step
from generator.deploy.world import INOPERABLE, Instance, Stack, StackSet, World

WHY = "the environment is destroyed"


def plan_destruction(release: Release, world: World) -> Plan:
    """Delete all that bears the platform's tag; nothing else, whatever its name."""
    return Plan(
        environment=release.environment,
        prefix=release.prefix,
        home=release.home,
        account=world.account,
        fingerprint=world.fingerprint,
        release=release_hash(release),
        steps=tuple(_Backwards(release, world).steps()),
        unchanged=0,
        tags=release.stack_tags,
    )


def strangers(release: Release, world: World) -> tuple[str, ...]:
    """What has a name of ours and not our tag: somebody else's, and left."""
    stacks = [f"{s.name} in {s.region}" for s in world.stacks.values() if not is_ours(release, s)]
    sets = [f"stack set {s.name}" for s in world.sets.values() if not is_ours(release, s)]
    return (*stacks, *sets)


def is_ours(release: Release, standing: Stack | StackSet) -> bool:
    """Whether a rollout of this environment made it."""
    return standing.tags.get(PLATFORM_TAG) == release.prefix


class _Backwards:
    """Makes the steps, each after those of all that uses what it removes."""

    def __init__(self, release: Release, world: World) -> None:
        self._release = release
        self._sets = [s for s in world.sets.values() if is_ours(release, s)]
        self._stacks = [s for s in world.stacks.values() if is_ours(release, s)]
        self._ends: dict[str, tuple[str, ...]] = {}

    def steps(self) -> Iterator[Step]:
        """All of them, in an order that works."""
        before: tuple[str, ...] = ()
        for step in self._no_longer_built():
            before = (*before, step.id)
            yield step
        for unit in reversed(self._release.units):
            needs = (*before, *self._ends_of_users(unit))
            made = list(self._of_unit(unit, needs))
            self._ends[unit.layer] = tuple(step.id for step in made) or needs
            yield from made

    def _ends_of_users(self, unit: Unit) -> tuple[str, ...]:
        """Ids of the steps after which nothing uses the unit any more."""
        users = [
            user.layer
            for user in self._release.units
            if unit.layer in user.after
            or any(source.layer == unit.layer for source in user.carried.values())
        ]
        return tuple(dict.fromkeys(step for layer in users for step in self._ends[layer]))

    def _of_unit(self, unit: Unit, after: tuple[str, ...]) -> Iterator[Step]:
        if unit.kind is Kind.STACK_SET:
            for stack_set in self._sets:
                if stack_set.name == unit.name:
                    yield from self._of_set(unit.layer, stack_set, after)
        for stack in self._stacks:
            if unit.kind is Kind.STACK and stack.name == unit.name:
                yield delete_step(unit.layer, stack, after, WHY)

    def _no_longer_built(self) -> Iterator[Step]:
        """Layers of older releases: sets, then stacks, the youngest first, one after another."""
        names = {unit.name for unit in self._release.units}
        after: tuple[str, ...] = ()
        for stack_set in self._sets:
            if stack_set.name not in names:
                for step in self._of_set(self._layer(stack_set.name), stack_set, after):
                    after = (*after, step.id)
                    yield step
        for stack in sorted(self._stacks, key=lambda s: s.created, reverse=True):
            if stack.name not in names:
                step = delete_step(self._layer(stack.name), stack, after, WHY)
                after = (*after, step.id)
                yield step

    def _layer(self, name: str) -> str:
        return name.removeprefix(f"{self._release.prefix}-").replace("-", "_")

    def _of_set(self, layer: str, stack_set: StackSet, after: tuple[str, ...]) -> Iterator[Step]:
        """Its instances with their stacks; what can't go so, by itself; then the set."""
        made: tuple[str, ...] = ()
        for step in (
            *self._instances(layer, stack_set, after),
            *_stacks_of_broken_instances(layer, stack_set, (*after, f"{layer}/let-go")),
        ):
            made = (*made, step.id)
            yield step
        yield self._set_step(layer, stack_set, DoSet.DELETE, "delete-set", (*after, *made), {})

    def _instances(self, layer: str, stack_set: StackSet, after: tuple[str, ...]) -> Iterator[Step]:
        """A set takes one operation at a time, so one waits for the other."""
        every = stack_set.instances.items()
        sound = {where: i for where, i in every if i.status != INOPERABLE}
        broken = {where: i for where, i in every if i.status == INOPERABLE}
        for label, instances in (("drop-instances", sound), ("let-go", broken)):
            for number, places in enumerate(rectangles(instances)):
                chosen = {where: instances[where] for where in places}
                name = f"{label}-{number}" if number else label
                step = self._set_step(layer, stack_set, DoSet.REMOVE, name, after, chosen)
                after = (*after, step.id)
                yield step

    def _set_step(
        self,
        layer: str,
        stack_set: StackSet,
        do: DoSet,
        label: str,
        after: tuple[str, ...],
        instances: Mapping[str, Instance],
    ) -> SetStep:
        lets_go = label.startswith("let-go")
        return SetStep(
            id=f"{layer}/{label}",
            after=after,
            layer=layer,
            name=stack_set.name,
            region=self._release.home,
            do=do,
            places=tuple(instances),
            units=stack_set.units,
            call_as=stack_set.call_as,
            retain=lets_go,
            changes={
                where: removals(i.stack)
                for where, i in instances.items()
                if i.stack and not lets_go
            },
            why="CloudFormation could not delete their stacks" if lets_go else WHY,
        )


def _stacks_of_broken_instances(
    layer: str, stack_set: StackSet, after: tuple[str, ...]
) -> Iterator[Step]:
    """An INOPERABLE instance is let go with its stack left, which then goes by itself.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackInstance.html
    """
    for instance in stack_set.instances.values():
        if instance.status == INOPERABLE and instance.stack:
            yield delete_step(layer, instance.stack, after, WHY)
