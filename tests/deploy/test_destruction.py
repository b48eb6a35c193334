"""The way back as a plan: users before what they use, and nothing that is somebody else's."""

from __future__ import annotations

import pytest

from generator.deploy.around.destruction import plan_destruction, strangers
from generator.deploy.release import PLATFORM_TAG, Release
from generator.deploy.steps import Action, Do, DoSet, SetStep, StackStep
from generator.deploy.world import StackSet, World
from tests.deploy.conftest import prod
from tests.deploy.support import (
    NOTHING,
    before,
    built,
    ids,
    standing,
    step_of,
    with_instance,
    with_stack,
)

HOME, REGIONS = "ap-northeast-2", ("ap-northeast-2", "us-east-1", "eu-west-1")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return built(tmp_path_factory.mktemp("built"), prod())


@pytest.fixture
def world(release: Release) -> World:
    return standing(release)


def test_everything_goes_once(release: Release, world: World) -> None:
    steps = plan_destruction(release, world).steps
    deleted = {(s.region, s.name) for s in steps if isinstance(s, StackStep) and s.do is Do.DELETE}
    assert deleted == set(world.stacks)
    sets = [s.name for s in steps if isinstance(s, SetStep) and s.do is DoSet.DELETE]
    assert sorted(sets) == sorted(world.sets)
    assert len({step.id for step in steps}) == len(steps)


@pytest.mark.parametrize("region", REGIONS)
def test_users_go_before_what_they_use(release: Release, world: World, region: str) -> None:
    assert before(
        plan_destruction(release, world),
        "dns@us-east-1/delete",
        "health_check/drop-instances",
        "health_check/delete-set",
        f"regional@{region}/delete",
        f"database@{HOME}/delete",
        "database_replica/drop-instances",
        "database_replica/delete-set",
        f"database_key@{HOME}/delete",
        f"foundation@{HOME}/delete",
        f"storage@{region}/delete",
    )


def test_the_way_in_goes_first(release: Release, world: World) -> None:
    plan = plan_destruction(release, world)
    assert before(plan, "edge@us-east-1/delete", f"regional@{HOME}/delete")
    assert before(plan, "global_monitoring@us-east-1/delete", "edge@us-east-1/delete")


def test_regions_go_side_by_side(release: Release, world: World) -> None:
    plan = plan_destruction(release, world)
    assert not before(plan, "regional@us-east-1/delete", "regional@eu-west-1/delete")
    assert not before(plan, "regional@eu-west-1/delete", "regional@us-east-1/delete")


def test_what_is_missing_in_between_does_not_break_the_order(
    release: Release, world: World
) -> None:
    """As after a destruction that was killed: the database is gone already."""
    stacks = {key: stack for key, stack in world.stacks.items() if key[1] != "gtm-prod-database"}
    plan = plan_destruction(release, world._replace(stacks=stacks))
    assert before(plan, "regional@eu-west-1/delete", "database_replica/drop-instances")


def test_a_set_without_instances_goes_at_once(release: Release, world: World) -> None:
    empty = world.sets["gtm-prod-health-check"]._replace(instances={})
    plan = plan_destruction(
        release, world._replace(sets={**world.sets, "gtm-prod-health-check": empty})
    )
    assert [i for i in ids(plan) if i.startswith("health_check")] == ["health_check/delete-set"]


def test_the_stack_of_an_inoperable_instance_goes_by_itself(release: Release, world: World) -> None:
    world = with_instance(world, "gtm-prod-health-check", "eu-west-1", status="INOPERABLE")
    plan = plan_destruction(release, world)
    assert before(
        plan,
        "health_check/drop-instances",
        "health_check/let-go",
        "health_check@eu-west-1/delete",
        "health_check/delete-set",
    )
    assert step_of(plan, "health_check/let-go").retain
    assert step_of(plan, "health_check/let-go").places == ("eu-west-1",)
    assert set(step_of(plan, "health_check/drop-instances").places) == {HOME, "us-east-1"}
    stack = world.sets["gtm-prod-health-check"].instances["eu-west-1"].stack
    assert stack is not None
    assert step_of(plan, "health_check@eu-west-1/delete").stack_id == stack.id


def test_layers_of_older_releases_go_first_and_the_youngest_of_them_before_the_others(
    release: Release, world: World
) -> None:
    model = world.stacks[HOME, "gtm-prod-database"]
    for name, created in (("gtm-prod-old", "2025-01-01"), ("gtm-prod-young", "2025-02-01")):
        stack = model._replace(name=name, created=created, id=f"arn:{name}")
        world = world._replace(stacks={**world.stacks, (HOME, name): stack})
    old_set: StackSet = world.sets["gtm-prod-health-check"]._replace(name="gtm-prod-old-set")
    world = world._replace(sets={**world.sets, "gtm-prod-old-set": old_set})
    plan = plan_destruction(release, world)
    assert before(
        plan,
        "old_set/delete-set",
        f"young@{HOME}/delete",
        f"old@{HOME}/delete",
        "dns@us-east-1/delete",
    )


def test_what_is_not_tagged_as_ours_is_left(release: Release, world: World) -> None:
    world = with_stack(world, HOME, "gtm-prod-database", tags={})
    other = {PLATFORM_TAG: "gtm-staging"}
    foreign = world.sets["gtm-prod-health-check"]._replace(tags=other)
    world = world._replace(sets={**world.sets, "gtm-prod-health-check": foreign})
    plan = plan_destruction(release, world)
    assert not [i for i in ids(plan) if i.startswith(("database@", "health_check"))]
    assert strangers(release, world) == (
        f"gtm-prod-database in {HOME}",
        "stack set gtm-prod-health-check",
    )


def test_what_holds_data_is_shown_as_left(release: Release, world: World) -> None:
    changes = step_of(plan_destruction(release, world), f"database@{HOME}/delete").changes
    left = {change.logical_id for change in changes if change.action is Action.LEAVE}
    assert left == {"SessionsTable", "RankingTable", "BackupVault"}


def test_remains_of_a_creation_hold_nothing(release: Release, world: World) -> None:
    world = with_stack(world, HOME, "gtm-prod-database", status="ROLLBACK_COMPLETE")
    assert step_of(plan_destruction(release, world), f"database@{HOME}/delete").changes == ()


def test_where_nothing_stands_nothing_is_done(release: Release) -> None:
    assert plan_destruction(release, NOTHING).steps == ()
