"""The plan in bad states: each has a way out, and what is not ours is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.deploy.planning import make_plan
from generator.deploy.release import Release
from generator.deploy.steps import SetStep
from generator.deploy.world import World
from generator.errors import Refused
from tests.deploy.conftest import prod
from tests.deploy.soundness import assert_sound
from tests.deploy.support import (
    before,
    built,
    ids,
    over,
    standing,
    step_of,
    with_instance,
    with_stack,
)

SEOUL, VIRGINIA, IRELAND, TOKYO = "ap-northeast-2", "us-east-1", "eu-west-1", "ap-northeast-1"
HEALTH_CHECK = "gtm-prod-health-check"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return built(tmp_path_factory.mktemp("built"), over(SEOUL, VIRGINIA, IRELAND))


@pytest.fixture(scope="module")
def world(release: Release) -> World:
    return standing(release)


def test_another_home(world: World, tmp_path: Path) -> None:
    moved = built(tmp_path, prod(home_region=VIRGINIA))
    with pytest.raises(Refused, match=f"stands with {SEOUL} as its home"):
        make_plan(moved, world)


def test_somebody_elses_stack_of_our_name(release: Release, world: World) -> None:
    theirs = with_stack(world, IRELAND, "gtm-prod-regional", tags={"owner": "them"})
    with pytest.raises(Refused, match="gtm-prod-regional in eu-west-1"):
        make_plan(release, theirs)


def test_somebody_elses_set_of_our_name(release: Release, world: World) -> None:
    name = "gtm-prod-health-check"
    theirs = world.sets[name]._replace(tags={})
    with pytest.raises(Refused, match="stack set gtm-prod-health-check"):
        make_plan(release, world._replace(sets={**world.sets, name: theirs}))


@pytest.mark.parametrize(
    "status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"]
)
def test_what_can_only_be_deleted_is_made_anew(release: Release, world: World, status: str) -> None:
    bad = with_stack(world, SEOUL, "gtm-prod-database-key", status=status)
    plan = make_plan(release, bad)
    assert ids(plan) == [f"database_key@{SEOUL}"]
    assert step_of(plan, f"database_key@{SEOUL}").do == "create anew"
    assert status in step_of(plan, f"database_key@{SEOUL}").why


def test_a_review_without_template_and_tags_is_made_anew(release: Release, world: World) -> None:
    reviewed = with_stack(
        world, SEOUL, "gtm-prod-database-key", status="REVIEW_IN_PROGRESS", template="", tags={}
    )
    assert step_of(make_plan(release, reviewed), f"database_key@{SEOUL}").do == "create anew"


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_a_stuck_rollback_is_finished_first(release: Release, world: World, status: str) -> None:
    stuck = with_stack(world, SEOUL, "gtm-prod-foundation", status=status)
    assert ids(make_plan(release, stuck)) == [f"foundation@{SEOUL}/repair"]


def test_an_update_that_is_due_follows_the_repair(release: Release, world: World) -> None:
    stuck = with_stack(
        world,
        SEOUL,
        "gtm-prod-foundation",
        status="UPDATE_ROLLBACK_FAILED",
        parameters={"DeployerPrincipals": "arn:aws:iam::1:role/x"},
    )
    plan = make_plan(release, stuck)
    assert before(plan, f"foundation@{SEOUL}/repair", f"foundation@{SEOUL}")


def test_a_rolled_back_update_is_tried_again_only_if_it_differs(
    release: Release, world: World
) -> None:
    back = with_stack(world, SEOUL, "gtm-prod-foundation", status="UPDATE_ROLLBACK_COMPLETE")
    assert make_plan(release, back).steps == ()


def test_an_outdated_one_is_updated_again(release: Release, world: World) -> None:
    late = with_instance(world, HEALTH_CHECK, IRELAND, status="OUTDATED")
    plan = make_plan(release, late)
    assert ids(plan) == ["health_check/update-set"]
    assert step_of(plan, "health_check/update-set").why == f"outdated: {IRELAND}"


def test_one_without_a_stack_is_made_again(release: Release, world: World) -> None:
    lost = with_instance(world, HEALTH_CHECK, IRELAND, status="OUTDATED", stack=None)
    plan = make_plan(release, lost)
    assert before(plan, "health_check/remove-instances", "health_check/add-instances")
    assert step_of(plan, "health_check/add-instances").places == (IRELAND,)


def test_an_inoperable_one_is_removed_without_its_stack(release: Release, world: World) -> None:
    stuck = with_instance(world, HEALTH_CHECK, IRELAND, status="INOPERABLE")
    plan = make_plan(release, stuck)
    (step,) = [s for s in plan.steps if isinstance(s, SetStep) and s.do == "remove instances"]
    assert (step.places, step.retain) == ((IRELAND,), True)


def test_both_kinds_at_once_are_two_steps(release: Release, world: World) -> None:
    worse = with_instance(world, HEALTH_CHECK, IRELAND, status="INOPERABLE")
    worst = with_instance(worse, HEALTH_CHECK, VIRGINIA, stack=None)
    plan = make_plan(release, worst)
    assert_sound(plan)
    removed = [s for s in plan.steps if isinstance(s, SetStep) and s.do == "remove instances"]
    assert [(s.places, s.retain) for s in removed] == [
        ((VIRGINIA,), False),
        ((IRELAND,), True),
    ]


def test_a_dropped_inoperable_one_leaves_without_its_stack(world: World, tmp_path: Path) -> None:
    stuck = with_instance(world, HEALTH_CHECK, IRELAND, status="INOPERABLE")
    plan = make_plan(built(tmp_path, over(SEOUL, VIRGINIA)), stuck)
    assert step_of(plan, "health_check/drop-broken-instances").retain


def test_overrides_that_somebody_set_are_taken_back(release: Release, world: World) -> None:
    stack = world.sets[HEALTH_CHECK].instances[IRELAND].stack
    assert stack
    mine = {"HealthCheckFailures": "9"}
    strange = with_instance(
        world,
        HEALTH_CHECK,
        IRELAND,
        overrides=mine,
        stack=stack._replace(parameters={**stack.parameters, **mine}),
    )
    plan = make_plan(release, strange)
    assert ids(plan) == ["health_check/change-overrides"]
    step = step_of(plan, "health_check/change-overrides")
    assert (step.places, dict(step.overrides)) == ((IRELAND,), {})
    assert [change.path for change in step.changes[IRELAND]] == ["EndpointCheck"]
