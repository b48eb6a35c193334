"""The plan where Regions come and go, and where layers are turned off."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.deploy.planning import make_plan
from generator.deploy.preview.guard import dangers
from generator.deploy.release import Kind, Release
from generator.deploy.steps import Plan, SetStep, StackStep
from generator.deploy.world import World
from tests.deploy.conftest import prod
from tests.deploy.support import before, built, ids, over, standing, step_of

SEOUL, VIRGINIA, IRELAND, TOKYO = "ap-northeast-2", "us-east-1", "eu-west-1", "ap-northeast-1"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return built(tmp_path_factory.mktemp("built"), over(SEOUL, VIRGINIA, IRELAND))


@pytest.fixture(scope="module")
def world(release: Release) -> World:
    return standing(release)


@pytest.fixture(scope="module")
def moved(world: World, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Ireland goes and Tokyo comes."""
    release = built(tmp_path_factory.mktemp("moved"), over(SEOUL, VIRGINIA, TOKYO))
    return make_plan(release, world)


def test_what_comes_is_made_forwards(moved: Plan) -> None:
    assert before(
        moved,
        "database_replica/add-instances",
        f"database@{SEOUL}",
        f"regional@{TOKYO}",
        "health_check/add-instances",
    )
    assert before(moved, f"storage@{TOKYO}", f"upload@{TOKYO}", f"regional@{TOKYO}")


def test_what_goes_leaves_backwards(moved: Plan) -> None:
    assert before(
        moved,
        "health_check/drop-instances",
        f"regional@{IRELAND}/delete",
        f"database@{SEOUL}/drop-1",
        f"database@{SEOUL}/drop-2",
        "database_replica/drop-instances",
        f"storage@{IRELAND}/delete",
    )


def test_all_that_comes_is_there_before_anything_goes(moved: Plan) -> None:
    for step in ids(moved):
        if "drop" not in step and "delete" not in step:
            assert before(moved, step, "health_check/drop-instances")


def test_each_update_shows_only_what_it_adds_to_the_one_before(moved: Plan) -> None:
    parts = {
        step.id: [c.part for c in step.changes if c.part]
        for step in moved.steps
        if isinstance(step, StackStep) and step.layer == "database"
    }
    assert parts == {
        f"database@{SEOUL}": [],
        f"database@{SEOUL}/drop-1": [],
        f"database@{SEOUL}/drop-2": ["Replicas/eu-west-1", "Replicas/eu-west-1"],
    }


def test_what_the_region_holds_is_dangerous_to_drop(moved: Plan) -> None:
    found = {(d.region, d.change.logical_id) for d in dangers(moved)}
    assert found == {
        (IRELAND, "SessionsTable"),
        (IRELAND, "RankingTable"),
        (IRELAND, "ReplicationGroup"),
        (IRELAND, "CacheSecret"),
        (IRELAND, "LoadBalancer"),
    }


def test_a_stack_whose_drop_is_still_to_come_is_not_unchanged(world: World, tmp_path: Path) -> None:
    release = built(tmp_path, over(SEOUL, VIRGINIA))
    plan = make_plan(release, world)
    touched = {(s.layer, s.region) for s in plan.steps if isinstance(s, StackStep)}
    stacks = [(u.layer, r) for u in release.units if u.kind is Kind.STACK for r in u.regions]
    sets = {s.layer for s in plan.steps if isinstance(s, SetStep) and s.do.value == "update set"}
    instances = [
        r
        for u in release.units
        if u.kind is Kind.STACK_SET and u.layer not in sets
        for r in u.regions
    ]
    assert plan.unchanged == len([s for s in stacks if s not in touched]) + len(instances)


def test_the_last_template_is_the_built_one(moved: Plan) -> None:
    assert step_of(moved, f"database@{SEOUL}/drop-2").template not in moved.templates
    assert step_of(moved, f"database@{SEOUL}/drop-1").template in moved.templates


def test_what_uses_another_goes_first(world: World, tmp_path: Path) -> None:
    off = prod(edge={"enabled": False})
    release = built(tmp_path, off)
    gone = {name for _, name in world.stacks if name not in {unit.name for unit in release.units}}
    assert "gtm-prod-edge" in gone
    plan = make_plan(release, world)
    deleted = [s.name for s in plan.steps if isinstance(s, StackStep) and s.do == "delete"]
    assert set(deleted) == gone
    made = [name for _, name in world.stacks]
    assert deleted == sorted(deleted, key=made.index, reverse=True)
    forward = [i for i in ids(plan) if not i.endswith("/delete")]
    for step_id in forward:
        assert before(plan, step_id, f"edge@{VIRGINIA}/delete")


def test_a_set_goes_after_its_instances(world: World, tmp_path: Path) -> None:
    plan = make_plan(built(tmp_path, over(SEOUL)), world)
    assert before(
        plan, "database_replica/drop-instances", "database_replica/delete-set"
    ) or "database_replica/delete-set" not in ids(plan)


def test_an_empty_set_is_deleted_at_once(release: Release, world: World) -> None:
    old = world.sets["gtm-prod-health-check"]._replace(name="gtm-prod-old", instances={})
    plan = make_plan(release, world._replace(sets={**world.sets, old.name: old}))
    assert ids(plan) == ["old/delete-set"]


def test_what_does_not_bear_our_tag_stays(release: Release, world: World) -> None:
    foreign = world.stacks[SEOUL, "gtm-prod-foundation"]._replace(name="gtm-prod-x", tags={})
    theirs = world.sets["gtm-prod-health-check"]._replace(name="gtm-prod-y", tags={})
    both = world._replace(
        stacks={**world.stacks, (SEOUL, "gtm-prod-x"): foreign},
        sets={**world.sets, "gtm-prod-y": theirs},
    )
    assert make_plan(release, both).steps == ()
