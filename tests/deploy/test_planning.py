"""The plan: a pure function; from nothing, where all stands, and for any change at all."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from generator.deploy.planning import Wishes, make_plan
from generator.deploy.release import Kind, Release
from generator.deploy.steps import Action, Plan, SetStep, StackStep
from generator.deploy.world import World
from generator.settings.model import Settings
from generator.settings.relations import broken
from tests.deploy.conftest import prod
from tests.deploy.soundness import (
    assert_backward_order,
    assert_complete,
    assert_forward_order,
    assert_sound,
)
from tests.deploy.support import NOTHING, before, built, ids, over, standing, step_of, with_stack
from tests.settings.strategies import settings_data

SEOUL, VIRGINIA, IRELAND, TOKYO = "ap-northeast-2", "us-east-1", "eu-west-1", "ap-northeast-1"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return built(tmp_path_factory.mktemp("built"), over(SEOUL, VIRGINIA, IRELAND))


@pytest.fixture(scope="module")
def world(release: Release) -> World:
    return standing(release)


@pytest.fixture(scope="module")
def fresh(release: Release) -> Plan:
    """Nothing stands yet."""
    return make_plan(release, NOTHING)


def test_every_unit_is_made_once_in_each_of_its_regions(fresh: Plan, release: Release) -> None:
    made = [s for s in fresh.steps if isinstance(s, (StackStep, SetStep))]
    stacks = sorted((s.layer, s.region) for s in made if isinstance(s, StackStep))
    added = sorted((s.layer, region) for s in made if isinstance(s, SetStep) for region in s.places)
    wanted = {
        kind: sorted((u.layer, r) for u in release.units if u.kind is kind for r in u.regions)
        for kind in Kind
    }
    assert stacks == wanted[Kind.STACK]
    assert added == wanted[Kind.STACK_SET]
    assert fresh.unchanged == 0


def test_the_home_root_is_first_and_the_others_follow(fresh: Plan) -> None:
    for other in (VIRGINIA, IRELAND):
        assert before(fresh, f"regional@{SEOUL}", f"regional@{other}")


def test_files_go_up_when_the_bucket_stands(fresh: Plan) -> None:
    for region in (SEOUL, VIRGINIA, IRELAND):
        assert before(fresh, f"storage@{region}", f"upload@{region}", f"regional@{region}")


def test_what_a_layer_needs_is_over_before_it(fresh: Plan, release: Release) -> None:
    assert_forward_order(fresh, release)


def test_it_shows_what_nested_stacks_make(fresh: Plan) -> None:
    shown = {change.path for change in step_of(fresh, f"regional@{IRELAND}").changes}
    assert {"Network", "Network/Vpc", "Cache/ReplicationGroup"} <= shown


def test_nobody_has_to_wait_for_a_bake(fresh: Plan) -> None:
    assert not [step for step in fresh.steps if step.kind == "bake"]


def test_only_one_region_is_what_it_needs_and_no_more(release: Release) -> None:
    plan = make_plan(release, NOTHING, Wishes(regions=(IRELAND,)))
    assert_sound(plan)
    assert f"regional@{IRELAND}" in ids(plan)
    assert f"regional@{SEOUL}" in ids(plan), "the canary is first"
    assert f"edge@{VIRGINIA}" not in ids(plan)


def test_there_is_nothing_to_do(release: Release, world: World) -> None:
    plan = make_plan(release, world)
    assert plan.steps == ()
    assert plan.unchanged == sum(len(unit.regions) for unit in release.units)


def test_the_set_keeps_the_parameters_that_it_has_where_regions_change_places(
    release: Release,
) -> None:
    """Else an instance would get another Region's values on the way to its override."""
    unit = release.unit("health_check")
    values = {(IRELAND, unit.layer): {"HealthCheckFailures": "9"}}
    own = release._replace(parameters={**release.parameters, **values})
    turned = unit._replace(regions=unit.regions[::-1])
    units = tuple(turned if u is unit else u for u in own.units)
    assert turned.regions[0] == IRELAND
    assert make_plan(own._replace(units=units), standing(own)).steps == ()


def test_one_parameter_is_one_step_in_each_of_its_places(world: World, tmp_path: Path) -> None:
    release = built(tmp_path, prod(domain={"check_failures": 4}))
    plan = make_plan(release, standing(built(tmp_path, prod())))
    assert ids(plan) == ["health_check/update-set"]
    step = step_of(plan, "health_check/update-set")
    for region in (SEOUL, VIRGINIA, IRELAND):
        assert [(c.path, c.action) for c in step.changes[region]] == [
            ("EndpointCheck", Action.MODIFY)
        ]


def test_a_new_tag_shows_on_everything_that_carries_tags(tmp_path: Path) -> None:
    old = standing(built(tmp_path, prod()))
    plan = make_plan(built(tmp_path, prod(tags={"team": "web"})), old)
    changes = step_of(plan, f"database_key@{SEOUL}").changes
    assert ("DatabaseKey", ("Tags",)) in [(c.path, c.properties) for c in changes]
    assert {change.action for change in changes} == {Action.MODIFY}


def test_roots_that_serve_are_updated_in_waves_with_a_bake_after_each(tmp_path: Path) -> None:
    old = standing(built(tmp_path, prod()))
    changed = built(tmp_path, prod(load_balancer={"deregistration_delay_seconds": 61}))
    plan = make_plan(changed, old, Wishes(regions_at_once=1, bake_minutes=2))
    roots = [f"regional@{region}" for region in (SEOUL, VIRGINIA, IRELAND)]
    bakes = [f"bake@{region}" for region in (SEOUL, VIRGINIA, IRELAND)]
    assert before(plan, roots[0], bakes[0], roots[1], bakes[1], roots[2], bakes[2])


def test_protection_that_somebody_took_off_is_put_back(release: Release, world: World) -> None:
    bare = with_stack(world, SEOUL, "gtm-prod-foundation", protected=False)
    assert ids(make_plan(release, bare)) == [f"foundation@{SEOUL}"]
    open_ = with_stack(world, SEOUL, "gtm-prod-foundation", policy="")
    assert ids(make_plan(release, open_)) == [f"foundation@{SEOUL}"]


@st.composite
def two_settings(draw: st.DrawFn) -> tuple[Settings, Settings]:
    """Settings of one platform at two times: some sections and Regions differ."""
    old, other = draw(settings_data()), draw(settings_data())
    fixed = {"project", "environment", "home_region", "organization"}
    new: dict[str, Any] = dict(old)
    for key in sorted({*old, *other} - fixed):
        changed = {name: value for name, value in new.items() if name != key}
        changed |= {key: other[key]} if key in other else {}
        new = changed if draw(st.booleans()) and _is_valid(changed) else new
    for region in new["regions"]:
        fewer = {**new, "regions": [r for r in new["regions"] if r is not region]}
        new = fewer if draw(st.booleans()) and _is_valid(fewer) else new
    return Settings.model_validate(old), Settings.model_validate(new)


def _is_valid(data: dict[str, Any]) -> bool:
    try:
        return not list(broken(Settings.model_validate(data), frozenset()))
    except ValidationError:
        return False


@settings(max_examples=10)
@given(two_settings())
def test_any_change_makes_a_sound_plan(pair: tuple[Settings, Settings]) -> None:
    with TemporaryDirectory() as folder:
        old, new = (
            built(Path(folder) / when, s) for when, s in zip(("old", "new"), pair, strict=True)
        )
    for start, end in ((old, new), (new, old)):
        plan = make_plan(end, standing(start))
        assert_sound(plan)
        assert_forward_order(plan, end)
        assert_backward_order(plan, start)
        assert_complete(plan, start, end)
        assert make_plan(end, standing(end)).steps == ()
