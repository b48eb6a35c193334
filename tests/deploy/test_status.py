"""What stands is shown as it is; what is broken, outdated, missing or under way is named."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from generator.deploy.around.status import (
    Row,
    Status,
    instance_rows,
    missing,
    stack_rows,
    take_status,
)
from generator.deploy.records.lease import Lease
from generator.deploy.release import Release
from generator.deploy.world import World
from tests.deploy.conftest import prod
from tests.deploy.support import NOTHING, built, with_instance, with_stack
from tests.deploy.support import standing as as_built
from tests.standing import HOME, OTHER, SETTINGS, Standing


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return built(tmp_path_factory.mktemp("built"), prod())


@pytest.fixture
def world(release: Release) -> World:
    return as_built(release)


def status_of(release: Release, world: World) -> Status:
    """As taken, without AWS."""
    return Status(
        environment=release.environment,
        account=world.account,
        stacks=stack_rows(release, world),
        instances=tuple(instance_rows(release, world)),
        missing=tuple(missing(release, world)),
        in_flight=world.in_flight,
        lease="",
        last=None,
        health=(),
    )


def test_a_platform_as_it_was_deployed_has_nothing_to_tell(standing: Standing) -> None:
    status = take_status(standing.aws, standing.release)
    assert {(row.template, row.protected) for row in status.stacks} == {("current", True)}
    assert {(row.status, row.detail) for row in status.instances} == {("CURRENT", "SUCCEEDED")}
    assert (status.broken, status.missing, status.in_flight, status.lease) == ((), (), (), "")
    assert status.last is not None
    assert (status.last.end, status.last.unfinished) == ("done", ())
    assert standing.account.id in status.last.caller
    assert status.last.began <= status.last.ended
    assert standing.aws.mutating_calls == 0


def test_nested_stacks_are_shown_below_their_root(standing: Standing) -> None:
    rows = take_status(standing.aws, standing.release, nested=True).stacks
    nested = {row.path for row in rows if row.name == "gtm-prod-regional" and row.path}
    body = standing.release.body(standing.release.unit("regional").template)
    assert nested == {
        name
        for name, resource in body["Resources"].items()
        if resource["Type"] == "AWS::CloudFormation::Stack"
    }
    assert {row.status for row in rows} == {"CREATE_COMPLETE"}


def test_a_switch_that_was_never_set_is_said_so(standing: Standing) -> None:
    health = take_status(standing.aws, standing.release).health
    assert [h.region for h in health] == [HOME, OTHER]
    assert all(set(h.checks) == {"switch", "endpoint", "region"} for h in health)


def test_a_changed_build_makes_what_it_changes_outdated(standing: Standing, tmp_path: Path) -> None:
    changed = SETTINGS.model_copy(
        update={
            "load_balancer": SETTINGS.load_balancer.model_copy(
                update={"deregistration_delay_seconds": 61}
            )
        }
    )
    status = take_status(standing.aws, built(tmp_path, changed))
    outdated = {row.name for row in status.stacks if row.template == "outdated"}
    assert outdated == {"gtm-prod-regional"}
    assert status.broken == ()


def test_whoever_holds_the_lease_is_named(standing: Standing) -> None:
    release = standing.release
    client = standing.aws.client("s3", HOME)
    bucket = release.bucket_in(HOME, standing.account.id)
    lost = threading.Event()
    with Lease(client, bucket, release.key_prefix, "arn:of:somebody", lost.set).held():
        assert "arn:of:somebody" in take_status(standing.aws, release).lease
    assert take_status(standing.aws, release).lease == ""


@pytest.mark.parametrize(
    ("status", "broken"),
    [
        ("CREATE_COMPLETE", False),
        ("UPDATE_COMPLETE", False),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("UPDATE_ROLLBACK_COMPLETE", True),
        ("UPDATE_ROLLBACK_FAILED", True),
        ("ROLLBACK_COMPLETE", True),
        ("DELETE_FAILED", True),
    ],
)
def test_a_failed_operation_is_broken_until_it_is_mended(status: str, broken: bool) -> None:
    row = Row(HOME, "gtm-prod-regional", "", status, "", "current", True)
    assert row.is_broken is broken


def test_what_is_broken_is_named_with_its_place(release: Release, world: World) -> None:
    world = with_stack(world, OTHER, "gtm-prod-regional", status="UPDATE_ROLLBACK_FAILED")
    world = with_instance(world, "gtm-prod-health-check", "eu-west-1", status="OUTDATED")
    assert status_of(release, world).broken == (
        "gtm-prod-regional in us-east-1: UPDATE_ROLLBACK_FAILED",
        "gtm-prod-health-check in eu-west-1: CREATE_COMPLETE OUTDATED",
    )


def test_what_is_under_way_is_not_broken(release: Release, world: World) -> None:
    world = with_stack(world, OTHER, "gtm-prod-regional", status="UPDATE_IN_PROGRESS")
    status = status_of(release, world)
    assert status.in_flight == ("gtm-prod-regional in us-east-1: UPDATE_IN_PROGRESS",)
    assert status.broken == ()


def test_a_stack_of_an_older_release_is_not_built(release: Release, world: World) -> None:
    stack = world.stacks[HOME, "gtm-prod-database"]._replace(name="gtm-prod-aurora")
    world = world._replace(stacks={**world.stacks, (HOME, "gtm-prod-aurora"): stack})
    (row,) = [row for row in stack_rows(release, world) if row.name == "gtm-prod-aurora"]
    assert row.template == "not built"


def test_where_nothing_stands_all_is_missing(release: Release) -> None:
    status = status_of(release, NOTHING)
    assert (status.stacks, status.instances, status.broken) == ((), (), ())
    assert "gtm-prod-regional in eu-west-1" in status.missing
    assert "gtm-prod-health-check in us-east-1" in status.missing
