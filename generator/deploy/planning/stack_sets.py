"""The steps of one stack set: the set, its new instances, its changed ones, its broken ones.

A set has one template and one set of parameters; a Region that differs has overrides. Updating a
set reaches the instances that it has, and makes none: new Regions are a step of their own.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.deploy.planning.sketch import ANYWHERE, Sketch
from generator.deploy.preview import additions_of, changes_between
from generator.deploy.release import Unit
from generator.deploy.steps import Change, DoSet, SetStep
from generator.deploy.world import (
    EMPTY_STATUSES,
    INOPERABLE,
    Instance,
    StackSet,
    as_told,
    same_template,
)

UPLOADED_FOR = (DoSet.CREATE, DoSet.UPDATE)


def plan_stack_set(sketch: Sketch, unit: Unit) -> None:
    """Whatever brings the set and its instances in the wanted Regions to what was built."""
    standing = sketch.world.sets.get(unit.name)
    base, overrides = _parameters(sketch, unit)
    maker = _Maker(sketch, unit, base)
    if standing is None:
        maker.step(DoSet.CREATE)
        present: frozenset[str] = frozenset()
    else:
        present = _bring_up_to_date(maker, standing, overrides)
    fresh = [region for region in unit.regions if region not in present]
    for values, regions in _alike(fresh, overrides):
        changes = {region: maker.added(values) for region in regions}
        maker.step(DoSet.ADD, tuple(regions), values, changes)
    sketch.unchanged += len(unit.regions) - len(maker.touched & set(unit.regions))
    sketch.settle(unit, ANYWHERE, maker.last)


def _bring_up_to_date(
    maker: _Maker, standing: StackSet, overrides: Mapping[str, Mapping[str, str]]
) -> frozenset[str]:
    """Steps for the instances that stand; the Regions that will still have one after these."""
    wanted = {r: i for r, i in standing.instances.items() if r in maker.unit.regions}
    broken = {region: i for region, i in wanted.items() if _is_broken(i)}
    for retain in (False, True):
        regions = tuple(r for r, i in broken.items() if (i.status == INOPERABLE) is retain)
        if regions:
            maker.step(DoSet.REMOVE, regions, retain=retain, why="what stands there is broken")
    sound = {region: i for region, i in wanted.items() if region not in broken}
    outdated = tuple(region for region, i in sound.items() if i.status != "CURRENT")
    if maker.differs_from(standing) or outdated:
        why = f"outdated: {', '.join(outdated)}" if outdated else ""
        changes = {r: maker.updated(i) for r, i in sound.items()}
        maker.step(DoSet.UPDATE, tuple(sound), changes=changes, why=why)
    moved = [r for r, i in sound.items() if dict(i.overrides) != dict(overrides[r])]
    for values, alike in _alike(moved, overrides):
        changes = {r: maker.overridden(sound[r], values) for r in alike}
        maker.step(DoSet.OVERRIDE, tuple(alike), values, changes)
    return frozenset(sound)


def _is_broken(instance: Instance) -> bool:
    """Whether nothing usable stands behind it, so that no update can reach it."""
    stack = instance.stack
    return instance.status == INOPERABLE or stack is None or stack.status in EMPTY_STATUSES


def _parameters(sketch: Sketch, unit: Unit) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The set's parameters, and by Region what differs from them.

    They are one Region's: of the one that has them already, so that no other is disturbed on the
    way to its overrides, or else of the first.
    """
    by_region = {region: sketch.release.parameters[region, unit.layer] for region in unit.regions}
    standing = sketch.world.sets.get(unit.name)
    fits = [v for v in by_region.values() if standing and v.items() <= standing.parameters.items()]
    base = dict(next(iter((*fits, *by_region.values())), {}))
    overrides = {
        region: {name: value for name, value in values.items() if base.get(name) != value}
        for region, values in by_region.items()
    }
    return base, overrides


def _alike(
    regions: Iterable[str], overrides: Mapping[str, Mapping[str, str]]
) -> list[tuple[dict[str, str], list[str]]]:
    """Regions with the same overrides together: a call takes one set of them."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for region in regions:
        groups.setdefault(tuple(sorted(overrides[region].items())), []).append(region)
    return [(dict(values), listed) for values, listed in groups.items()]


def _label(regions: tuple[str, ...], overrides: Mapping[str, str] | None, retain: bool) -> str:
    """Tells apart what may be there more than once."""
    return f"@{regions[0]}" if overrides or retain else ""


class _Maker:
    """Makes the steps of one set, one after another: a set takes one operation at a time."""

    def __init__(self, sketch: Sketch, unit: Unit, base: Mapping[str, str]) -> None:
        self.sketch, self.unit = sketch, unit
        self.values = {**base, **sketch.known_carried(unit)}
        self.body = sketch.release.body(unit.template)
        self.last: tuple[str, ...] = ()
        self.touched: set[str] = set()

    def differs_from(self, standing: StackSet) -> bool:
        """Whether the set itself is not as it was built."""
        release = self.sketch.release
        return (
            not same_template(standing.template, release.templates[self.unit.template])
            or not as_told(self.values).items() <= as_told(standing.parameters).items()
            or as_told(standing.tags) != as_told(release.stack_tags)
        )

    def added(self, overrides: Mapping[str, str]) -> tuple[Change, ...]:
        """What a new instance will make."""
        return additions_of(self.body, {**self.values, **overrides})

    def updated(self, instance: Instance) -> tuple[Change, ...]:
        """What an update of the set changes in an instance: the preview that StackSets lack."""
        stack = instance.stack
        assert stack is not None
        values = {**self.values, **instance.overrides}
        retagged = as_told(stack.tags) != as_told(self.sketch.release.stack_tags)
        return changes_between(stack.body, stack.parameters, self.body, values, retagged=retagged)

    def overridden(self, instance: Instance, overrides: Mapping[str, str]) -> tuple[Change, ...]:
        """What other overrides change in an instance, once the set is as it was built."""
        old, new = {**self.values, **instance.overrides}, {**self.values, **overrides}
        return changes_between(self.body, old, self.body, new)

    def step(
        self,
        do: DoSet,
        regions: tuple[str, ...] = (),
        overrides: Mapping[str, str] | None = None,
        changes: Mapping[str, tuple[Change, ...]] | None = None,
        *,
        retain: bool = False,
        why: str = "",
    ) -> None:
        """Append one operation, after the set's one before."""
        sketch, unit = self.sketch, self.unit
        home = sketch.release.home
        needs = self.last or sketch.needs(unit, ANYWHERE)
        if do in UPLOADED_FOR:
            needs = (*needs, sketch.upload(home, (unit.template,)))
        step = SetStep(
            id=f"{unit.layer}/{do.value.replace(' ', '-')}{_label(regions, overrides, retain)}",
            after=needs,
            layer=unit.layer,
            name=unit.name,
            region=home,
            do=do,
            regions=regions,
            template=unit.template,
            parameters=self.values,
            carried=unit.carried,
            overrides=overrides or {},
            retain=retain,
            changes=changes or {},
            why=why,
        )
        self.touched |= set(regions)
        self.last = (sketch.add(step),)
