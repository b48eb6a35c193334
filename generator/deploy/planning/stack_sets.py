"""The steps of one stack set: the set, its new instances, its changed ones, its broken ones.

A set has one template and one set of parameters; a Region that differs has overrides. Updating a
set reaches the instances that it has, and makes none: new Regions are a step of their own.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from generator.deploy.places import account_of, rectangles, region_of
from generator.deploy.planning.sketch import ANYWHERE, Sketch
from generator.deploy.preview import additions_of, changes_between
from generator.deploy.release import Unit, places_of
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
    """Whatever brings the set and its instances in the wanted places to what was built."""
    standing = sketch.world.sets.get(unit.name)
    wanted = places_of(unit, sketch.world.accounts, sketch.world.account)
    base, overrides = _parameters(sketch, unit, wanted)
    maker = _Maker(sketch, unit, base)
    if standing is None:
        maker.step(DoSet.CREATE)
        present: frozenset[str] = frozenset()
    else:
        present = _bring_up_to_date(maker, standing, overrides)
    fresh = [where for where in wanted if where not in present]
    for values, places in _alike(fresh, overrides):
        changes = {where: maker.added(values) for where in places}
        maker.step(DoSet.ADD, places, values, changes, why=_size(unit, places))
    sketch.unchanged += len(wanted) - len(maker.touched & set(wanted))
    sketch.settle(unit, ANYWHERE, maker.last)


def _size(unit: Unit, places: tuple[str, ...]) -> str:
    """How far a service-managed set reaches."""
    if unit.reach is None:
        return ""
    accounts = {account_of(where, "") for where in places}
    regions = {region_of(where) for where in places}
    return f"accounts x Regions: {len(accounts)} x {len(regions)}"


def _bring_up_to_date(
    maker: _Maker, standing: StackSet, overrides: Mapping[str, Mapping[str, str]]
) -> frozenset[str]:
    """Steps for the instances that stand; the places that will still have one after these."""
    wanted = {where: i for where, i in standing.instances.items() if where in overrides}
    own = maker.sketch.world.account
    broken = {where: i for where, i in wanted.items() if _is_broken(i, own)}
    for retain in (False, True):
        chosen = (where for where, i in broken.items() if (i.status == INOPERABLE) is retain)
        for places in rectangles(chosen):
            maker.step(DoSet.REMOVE, places, retain=retain, why="what stands there is broken")
    sound = {where: i for where, i in wanted.items() if where not in broken}
    outdated = tuple(where for where, i in sound.items() if i.status != "CURRENT")
    if maker.differs_from(standing) or outdated:
        why = f"outdated: {', '.join(outdated)}" if outdated else ""
        changes = {where: maker.updated(i, standing) for where, i in sound.items()}
        maker.step(DoSet.UPDATE, tuple(sound), changes=changes, why=why)
    moved = [where for where, i in sound.items() if dict(i.overrides) != dict(overrides[where])]
    for values, alike in _alike(moved, overrides):
        changes = {where: maker.overridden(sound[where], values) for where in alike}
        maker.step(DoSet.OVERRIDE, alike, values, changes)
    return frozenset(sound)


def _is_broken(instance: Instance, own: str) -> bool:
    """Whether nothing usable stands behind it, so that no update can reach it.

    What stands in another account can't be read: that it was made has to do.
    """
    if instance.status == INOPERABLE or not instance.stack_id:
        return True
    stack = instance.stack
    return instance.account == own and (stack is None or stack.status in EMPTY_STATUSES)


def _parameters(
    sketch: Sketch, unit: Unit, places: tuple[str, ...]
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The set's parameters, and by place what differs from them.

    They are one Region's: of the one that has them already, so that no other is disturbed on the
    way to its overrides, or else of the first.
    """
    by_region = {region: sketch.release.parameters[region, unit.layer] for region in unit.regions}
    standing = sketch.world.sets.get(unit.name)
    fits = [v for v in by_region.values() if standing and v.items() <= standing.parameters.items()]
    base = dict(next(iter((*fits, *by_region.values())), {}))
    differing = {
        region: {name: value for name, value in values.items() if base.get(name) != value}
        for region, values in by_region.items()
    }
    return base, {where: differing[region_of(where)] for where in places}


def _alike(
    places: Iterable[str], overrides: Mapping[str, Mapping[str, str]]
) -> list[tuple[dict[str, str], tuple[str, ...]]]:
    """Places that one call can name, with the same overrides: a call takes one set of them."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for where in places:
        groups.setdefault(tuple(sorted(overrides[where].items())), []).append(where)
    return [(dict(k), listed) for k, group in groups.items() for listed in rectangles(group)]


class _Maker:
    """Makes the steps of one set, one after another: a set takes one operation at a time."""

    def __init__(self, sketch: Sketch, unit: Unit, base: Mapping[str, str]) -> None:
        self.sketch, self.unit = sketch, unit
        self.values = {**base, **sketch.known_carried(unit)}
        self.body = sketch.release.body(unit.template)
        self.follows = bool(unit.reach and unit.reach.auto_deployment)
        self.last: tuple[str, ...] = ()
        self.touched: set[str] = set()

    def differs_from(self, standing: StackSet) -> bool:
        """Whether the set itself is not as it was built."""
        release = self.sketch.release
        return (
            not same_template(standing.template, release.templates[self.unit.template])
            or not as_told(self.values).items() <= as_told(standing.parameters).items()
            or as_told(standing.tags) != as_told(release.stack_tags)
            or standing.auto_deployment != self.follows
        )

    def added(self, overrides: Mapping[str, str]) -> tuple[Change, ...]:
        """What a new instance will make."""
        return additions_of(self.body, {**self.values, **overrides})

    def updated(self, instance: Instance, standing: StackSet) -> tuple[Change, ...]:
        """What an update of the set changes in an instance: the preview that StackSets lack.

        In another account, from what the set says that stands there.
        """
        stack, values = instance.stack, {**self.values, **instance.overrides}
        if stack is None:
            before = {**standing.parameters, **instance.overrides}
            return changes_between(json.loads(standing.template), before, self.body, values)
        retagged = as_told(stack.tags) != as_told(self.sketch.release.stack_tags)
        return changes_between(stack.body, stack.parameters, self.body, values, retagged=retagged)

    def overridden(self, instance: Instance, overrides: Mapping[str, str]) -> tuple[Change, ...]:
        """What other overrides change in an instance, once the set is as it was built."""
        old, new = {**self.values, **instance.overrides}, {**self.values, **overrides}
        return changes_between(self.body, old, self.body, new)

    def step(
        self,
        do: DoSet,
        places: tuple[str, ...] = (),
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
            needs = (*needs, sketch.upload(home, (unit.template,)), *self._archives())
        step = SetStep(
            id=f"{unit.layer}/{do.value.replace(' ', '-')}{self._label(places, overrides, retain)}",
            after=needs,
            layer=unit.layer,
            name=unit.name,
            region=home,
            do=do,
            places=places,
            units=unit.reach.units if unit.reach else (),
            call_as=unit.call_as,
            auto_deployment=self.follows,
            template=unit.template,
            parameters=self.values,
            carried=unit.carried,
            overrides=overrides or {},
            retain=retain,
            changes=changes or {},
            why=why,
        )
        self.touched |= set(places)
        self.last = (sketch.add(step),)

    def _archives(self) -> tuple[str, ...]:
        """What brings its instances' archives to the Regions in which they start."""
        files = self.unit.archives
        return tuple(self.sketch.upload(r, files) for r in self.unit.regions if files)

    def _label(
        self, places: tuple[str, ...], overrides: Mapping[str, str] | None, retain: bool
    ) -> str:
        """Tells apart what may be there more than once."""
        several = bool(overrides or retain or (self.unit.reach and places))
        return "@" + places[0].replace("/", "-") if several else ""
