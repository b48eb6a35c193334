"""What every plan has to be, whatever it is for."""

from __future__ import annotations

from generator.deploy.release import Release, places_of
from generator.deploy.steps import Plan, SetStep, StackStep
from tests.deploy.support import ACCOUNT, ACCOUNTS, ancestors


def assert_sound(plan: Plan) -> None:
    """Ids are unique, and each step comes after what it names."""
    seen: set[str] = set()
    for step in plan.steps:
        assert step.id not in seen
        assert set(step.after) <= seen
        seen.add(step.id)


def assert_forward_order(plan: Plan, release: Release) -> None:
    """What is made or changed waits for its needs, in its own Region at least."""
    done = ancestors(plan)
    forward = {
        s.id: s
        for s in plan.steps
        if isinstance(s, (StackStep, SetStep)) and "delete" not in s.id and "drop" not in s.id
    }
    units = {unit.layer: unit for unit in release.units}
    for step in forward.values():
        for layer in units[step.layer].after if step.layer in units else ():
            for other in forward.values():
                same = isinstance(step, SetStep) or isinstance(other, SetStep)
                if other.layer == layer and (same or other.region == step.region):
                    assert other.id in done[step.id], f"{step.id} does not wait for {other.id}"


def assert_backward_order(plan: Plan, old: Release) -> None:
    """A stack that goes waits for those in its Region that used it."""
    done = ancestors(plan)
    gone = {s.id: s for s in plan.steps if isinstance(s, StackStep) and s.do == "delete"}
    units = {unit.layer: unit for unit in old.units}
    for step in gone.values():
        for other in gone.values():
            if other.region == step.region and step.layer in units[other.layer].after:
                assert other.id in done[step.id], f"{step.id} does not wait for {other.id}"


def assert_complete(plan: Plan, old: Release, new: Release) -> None:
    """Every stack and instance is made, changed, removed or counted as unchanged, once."""
    stood, wanted = _places(old), _places(new)
    removed: set[tuple[str, str]] = set()
    touched: set[tuple[str, str]] = set()
    for step in plan.steps:
        if isinstance(step, StackStep):
            (removed if step.do == "delete" else touched).add((step.layer, step.region))
        elif isinstance(step, SetStep):
            places = {(step.layer, region) for region in step.places}
            (removed if step.do == "remove instances" else touched).update(places)
    assert removed == stood - wanted
    assert wanted - stood <= touched <= wanted
    assert plan.unchanged == len(wanted - touched)


def _places(release: Release) -> set[tuple[str, str]]:
    return {
        (unit.layer, where)
        for unit in release.units
        for where in places_of(unit, ACCOUNTS, ACCOUNT)
    }
