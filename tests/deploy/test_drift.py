"""Drift is found wherever it hides: in nested stacks, in stack set instances, past a set."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from generator.deploy.around.drift import Drift, find_drift, past_their_set
from generator.deploy.around.masking import HIDDEN
from generator.deploy.looking.look import look
from generator.deploy.world import World
from tests.deploy.conftest import prod
from tests.deploy.stubbed import Script, StubbedAws, scripted
from tests.deploy.support import NOTHING, built, with_instance, with_stack
from tests.deploy.support import standing as as_built
from tests.standing import HOME, OTHER, Standing

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SERVICE_LOGS = "/gtm-prod/service"


def silent(name: str, done: int, total: int) -> None:
    """No progress."""


def drift_of(standing: Standing) -> Drift:
    world = look(standing.aws, standing.release, standing.account.id)
    return find_drift(standing.aws, world, frozenset(), threading.Event(), silent)


@pytest.fixture
def short_retention(standing: Standing) -> Iterator[None]:
    """Somebody shortens a log group's retention, which a nested stack made."""
    logs = standing.account.client("logs", OTHER)
    (group,) = logs.describe_log_groups(logGroupNamePrefix=SERVICE_LOGS)["logGroups"]
    logs.put_retention_policy(logGroupName=SERVICE_LOGS, retentionInDays=1)
    yield
    logs.put_retention_policy(logGroupName=SERVICE_LOGS, retentionInDays=group["retentionInDays"])


@pytest.fixture
def open_role(standing: Standing) -> Iterator[None]:
    """Somebody lets everybody at a role, which a stack set instance made."""
    iam, name = standing.account.client("iam"), f"gtm-prod-backup-{OTHER}"
    before = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    after = {"Version": "2012-10-17", "Statement": [statement]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(after))
    yield
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(before))


def test_what_nobody_touched_is_clean(standing: Standing) -> None:
    drift = drift_of(standing)
    assert drift.is_clean
    world = look(standing.aws, standing.release, standing.account.id)
    tops = len(world.stacks) + sum(len(s.instances) for s in world.sets.values())
    assert drift.stacks > tops, "nested stacks are asked by themselves"
    assert standing.aws.mutating_calls == 0


@pytest.mark.usefixtures("short_retention")
def test_a_change_in_a_nested_stack_is_found_with_both_values(standing: Standing) -> None:
    (found,) = drift_of(standing).drifted
    assert (found.region, found.stack) == (OTHER, "gtm-prod-regional/Compute")
    assert (found.path, found.status) == ("ServiceLogGroup", "MODIFIED")
    assert [(d.path, d.expected, d.actual) for d in found.differences] == [
        ("/RetentionInDays", "90", "1")
    ]


@pytest.mark.usefixtures("open_role")
def test_a_change_in_a_stack_set_instance_is_found(standing: Standing) -> None:
    (found,) = drift_of(standing).drifted
    assert (found.region, found.stack) == (OTHER, "gtm-prod-database-replica")
    assert found.type == "AWS::IAM::Role"


def test_an_instance_that_was_updated_past_its_set_is_found(tmp_path: Path) -> None:
    world = as_built(built(tmp_path, prod()))
    assert list(past_their_set(world)) == []
    name = "gtm-prod-health-check"
    stack = world.sets[name].instances["eu-west-1"].stack
    assert stack is not None
    changed = stack.body
    changed["Resources"]["EndpointCheck"]["Properties"]["HealthCheckConfig"]["Port"] = 8443
    moved = stack._replace(template=json.dumps(changed))
    world = with_instance(world, name, "eu-west-1", stack=moved)
    assert list(past_their_set(world)) == [f"{name} in eu-west-1"]


# --- what the local AWS does not do -------------------------------------------------------------

STACK = "arn:aws:cloudformation:ap-northeast-2:111122223333:stack/gtm-prod-storage/1"
NONE_INSIDE: tuple[str, dict[str, Any], None] = (
    "list_stack_resources",
    {"StackResourceSummaries": []},
    None,
)


def one_stack(tmp_path: Path, status: str = "CREATE_COMPLETE") -> World:
    world = with_stack(
        as_built(built(tmp_path, prod())), HOME, "gtm-prod-storage", id=STACK, status=status
    )
    return NOTHING._replace(
        stacks={(HOME, "gtm-prod-storage"): world.stacks[HOME, "gtm-prod-storage"]}
    )


def ask(world: World, script: Script, secrets: frozenset[str] = frozenset()) -> Drift:
    with scripted({("cloudformation", HOME): script}) as aws:
        return find_drift(aws, world, secrets, threading.Event(), silent)


def detection(status: str, reason: str = "") -> tuple[str, dict[str, Any], dict[str, Any]]:
    answer = {
        "StackId": STACK,
        "StackDriftDetectionId": "1",
        "DetectionStatus": status,
        "Timestamp": NOW,
    }
    reasons = {"DetectionStatusReason": reason} if reason else {}
    expected = {"StackDriftDetectionId": "1"}
    return "describe_stack_drift_detection_status", {**answer, **reasons}, expected


STARTED: tuple[str, dict[str, Any], dict[str, Any]] = (
    "detect_stack_drift",
    {"StackDriftDetectionId": "1"},
    {"StackName": STACK},
)


def drifts(
    *entries: dict[str, Any], token: str = ""
) -> tuple[str, dict[str, Any], dict[str, Any] | None]:
    more = {"NextToken": token} if token else {}
    return "describe_stack_resource_drifts", {"StackResourceDrifts": [*entries], **more}, None


def drifted(name: str, path: str = "/Tags/0", actual: str = "other") -> dict[str, Any]:
    difference = {
        "PropertyPath": path,
        "ExpectedValue": "{{resolve:…}}",
        "ActualValue": actual,
        "DifferenceType": "NOT_EQUAL",
    }
    return {
        "StackId": STACK,
        "LogicalResourceId": name,
        "ResourceType": "AWS::S3::Bucket",
        "StackResourceDriftStatus": "MODIFIED",
        "PropertyDifferences": [difference],
        "Timestamp": NOW,
    }


def test_a_detection_is_waited_for_and_all_its_pages_are_read(tmp_path: Path) -> None:
    template = ("get_template", {"TemplateBody": "{}"}, None)
    script = [
        NONE_INSIDE,
        STARTED,
        detection("DETECTION_IN_PROGRESS"),
        detection("DETECTION_COMPLETE"),
        drifts(drifted("LogBucket"), token="more"),
        drifts(drifted("ArtifactBucket")),
        template,
    ]
    found = ask(one_stack(tmp_path), script)
    assert [d.path for d in found.drifted] == ["LogBucket", "ArtifactBucket"]


def test_a_detection_that_somebody_else_runs_is_waited_for(tmp_path: Path) -> None:
    message = "Drift detection is already in progress for stack"
    busy = ("detect_stack_drift", {"Error": {"Code": "ValidationError", "Message": message}}, None)
    script = [NONE_INSIDE, busy, STARTED, detection("DETECTION_COMPLETE"), drifts()]
    assert ask(one_stack(tmp_path), script).is_clean


def test_what_could_not_be_looked_at_is_not_clean(tmp_path: Path) -> None:
    failed = detection("DETECTION_FAILED", "AccessDenied on LogBucket")
    found = ask(one_stack(tmp_path), [NONE_INSIDE, STARTED, failed, drifts()])
    assert not found.is_clean
    assert [u.reason for u in found.unchecked] == ["AccessDenied on LogBucket"]


def test_a_stack_that_is_being_changed_is_not_asked(tmp_path: Path) -> None:
    found = ask(one_stack(tmp_path, "UPDATE_IN_PROGRESS"), [NONE_INSIDE])
    assert [u.reason for u in found.unchecked] == ["it is UPDATE_IN_PROGRESS"]


def test_ctrl_c_does_not_wait_for_detections(tmp_path: Path) -> None:
    """One stack is done; the other's detection goes on, and would for ever."""
    built_world = as_built(built(tmp_path, prod()))
    world = NOTHING._replace(
        stacks={key: s for key, s in built_world.stacks.items() if key[1] == "gtm-prod-storage"}
    )
    over = [NONE_INSIDE, (*STARTED[:2], None), detection("DETECTION_COMPLETE"), drifts()]
    endless = [NONE_INSIDE, (*STARTED[:2], None), *[detection("DETECTION_IN_PROGRESS")] * 100]
    scripts: dict[tuple[str, str], Script] = {
        ("cloudformation", HOME): over,
        ("cloudformation", OTHER): endless,
        ("cloudformation", "eu-west-1"): endless,
    }

    def interrupted(name: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        find_drift(StubbedAws(scripts), world, frozenset(), stop, interrupted)
    assert stop.is_set()


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    body = {
        "Resources": {
            "LogBucket": {"Properties": {"Header": "{{resolve:secretsmanager:s:SecretString:v}}"}}
        }
    }
    script = [
        NONE_INSIDE,
        STARTED,
        detection("DETECTION_COMPLETE"),
        drifts(
            drifted("LogBucket", "/Header", "the-secret-itself"),
            drifted("LogBucket", "/Name", "a name with hush-hush in it"),
        ),
        ("get_template", {"TemplateBody": json.dumps(body)}, None),
    ]
    found = ask(one_stack(tmp_path), script, secrets=frozenset({"hush-hush"}))
    first, second = (d.differences[0] for d in found.drifted)
    assert (first.expected, first.actual) == (HIDDEN, HIDDEN)
    assert "hush-hush" not in second.actual
