"""The function that renews the password of Aurora's administrator, step by step."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.stub import Stubber

from tests.functions.conftest import FUNCTIONS

SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:gtm-test/aurora-abcdef"
TOKEN, BEFORE = "n" * 32, "o" * 32
CLUSTER = "gtm-test-aurora"
WRITER = f"arn:aws:rds:us-east-1:111122223333:cluster:{CLUSTER}"
READER = f"arn:aws:rds:eu-west-1:111122223333:cluster:{CLUSTER}"
OLD, NEW = ({"username": "administrator", "password": word * 64} for word in "on")
SOURCE = FUNCTIONS / "rotate_aurora_password.py"


class Rotation(NamedTuple):
    """The loaded function, and the services that it sees."""

    handler: Callable[[dict[str, str], None], None]
    secrets: Stubber
    rds: Stubber
    asked_regions: list[str]
    slept: list[float]

    def expect_stages(self, *stages: str) -> None:
        """The stages of the version that is to become the password."""
        known = {BEFORE: ["AWSCURRENT"]} | ({TOKEN: list(stages)} if stages else {})
        answer = {"VersionIdsToStages": known}
        self.secrets.add_response("describe_secret", answer, {"SecretId": SECRET})

    def do(self, step: str) -> None:
        """One step, as Secrets Manager asks for it; all that was expected is asked for."""
        with self.secrets, self.rds:
            self.handler({"Step": step, "SecretId": SECRET, "ClientRequestToken": TOKEN}, None)
        self.secrets.assert_no_pending_responses()
        self.rds.assert_no_pending_responses()

    def expect_value(self, value: dict[str, str] | None, **asked: str) -> None:
        """What GetSecretValue answers; None: there is no such version."""
        if value is None:
            self.secrets.add_client_error("get_secret_value", "ResourceNotFoundException")
            return
        answer = {"SecretString": json.dumps(value)}
        self.secrets.add_response("get_secret_value", answer, {"SecretId": SECRET, **asked})

    def expect_pending(self, value: dict[str, str] | None) -> None:
        """What the pending version holds."""
        self.expect_value(value, VersionId=TOKEN, VersionStage="AWSPENDING")

    def expect_writer(self) -> None:
        """The writer is not where the function runs."""
        members = [{"DBClusterArn": READER, "IsWriter": False}]
        members += [{"DBClusterArn": WRITER, "IsWriter": True}]
        self.rds.add_response(
            "describe_global_clusters",
            {"GlobalClusters": [{"GlobalClusterMembers": members}]},
            {"GlobalClusterIdentifier": CLUSTER},
        )

    def expect_cluster(self, status: str, **waiting: str) -> None:
        """What the writer is doing."""
        cluster = {"Status": status, "PendingModifiedValues": waiting}
        asked = {"DBClusterIdentifier": CLUSTER}
        self.rds.add_response("describe_db_clusters", {"DBClusters": [cluster]}, asked)


@pytest.fixture
def rotation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rotation]:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    clients = {name: boto3.client(name, **keys) for name in ("secretsmanager", "rds")}
    regions: list[str] = []

    def client(service: str, region_name: str = "") -> Any:
        regions.append(region_name)
        return clients[service]

    monkeypatch.setattr(boto3, "client", client)
    monkeypatch.setenv("GLOBAL_CLUSTER", CLUSTER)
    spec = importlib.util.spec_from_file_location("rotate_aurora_password", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    stubbers = (Stubber(clients["secretsmanager"]), Stubber(clients["rds"]))
    yield Rotation(module.handler, *stubbers, regions, slept)
    for each in clients.values():
        each.close()


def test_the_first_step_makes_a_password_and_keeps_the_rest(rotation: Rotation) -> None:
    rotation.expect_stages("AWSPENDING")
    rotation.expect_pending(None)
    rotation.expect_value(OLD)
    asked = {"PasswordLength": 64, "ExcludePunctuation": True}
    made = {"RandomPassword": NEW["password"]}
    rotation.secrets.add_response("get_random_password", made, asked)
    rotation.secrets.add_response(
        "put_secret_value",
        {},
        {
            "SecretId": SECRET,
            "ClientRequestToken": TOKEN,
            "SecretString": json.dumps(NEW),
            "VersionStages": ["AWSPENDING"],
        },
    )
    rotation.do("createSecret")


def test_asked_again_it_keeps_the_password_that_the_cluster_may_have(rotation: Rotation) -> None:
    rotation.expect_stages("AWSPENDING")
    rotation.expect_pending(NEW)
    rotation.do("createSecret")


def test_the_second_step_changes_the_writer_in_its_own_region(rotation: Rotation) -> None:
    rotation.expect_stages("AWSPENDING")
    rotation.expect_writer()
    rotation.expect_pending(NEW)
    changed = {"DBClusterIdentifier": CLUSTER, "MasterUserPassword": NEW["password"]}
    rotation.rds.add_response("modify_db_cluster", {}, changed | {"ApplyImmediately": True})
    rotation.do("setSecret")
    assert rotation.asked_regions[-1] == "us-east-1"


def test_the_third_step_waits_until_rds_has_taken_it(rotation: Rotation) -> None:
    rotation.expect_stages("AWSPENDING")
    rotation.expect_writer()
    rotation.expect_cluster("available", MasterUserPassword="****")
    rotation.expect_cluster("resetting-master-credentials")
    rotation.expect_cluster("available")
    rotation.do("testSecret")
    assert len(rotation.slept) == 2


def test_rds_that_has_not_begun_yet_is_not_taken_for_done(rotation: Rotation) -> None:
    rotation.expect_stages("AWSPENDING")
    rotation.expect_writer()
    for status in ("available", "available", "resetting-master-credentials", "available"):
        rotation.expect_cluster(status)
    rotation.do("testSecret")


def test_a_change_that_was_over_before_the_first_look_takes_a_calm_minute(
    rotation: Rotation,
) -> None:
    rotation.expect_stages("AWSPENDING")
    rotation.expect_writer()
    for _ in range(7):
        rotation.expect_cluster("available")
    rotation.do("testSecret")
    assert sum(rotation.slept) == 60


def test_it_waits_no_longer_than_the_function_lives(rotation: Rotation) -> None:
    rotation.expect_stages("AWSPENDING")
    rotation.expect_writer()
    for _ in range(24):
        rotation.expect_cluster("resetting-master-credentials")
    with pytest.raises(TimeoutError, match=CLUSTER):
        rotation.do("testSecret")
    assert sum(rotation.slept) < 300


def test_the_last_step_makes_it_the_password(rotation: Rotation) -> None:
    rotation.expect_stages("AWSPENDING")
    rotation.expect_stages("AWSPENDING")
    moved = {"MoveToVersionId": TOKEN, "RemoveFromVersionId": BEFORE}
    asked = {"SecretId": SECRET, "VersionStage": "AWSCURRENT", **moved}
    rotation.secrets.add_response("update_secret_version_stage", {}, asked)
    rotation.do("finishSecret")


@pytest.mark.parametrize("step", ["createSecret", "setSecret", "testSecret", "finishSecret"])
def test_what_is_current_already_is_left_alone(rotation: Rotation, step: str) -> None:
    rotation.expect_stages("AWSCURRENT", "AWSPENDING")
    rotation.do(step)


def test_a_version_that_nobody_staged_is_refused(rotation: Rotation) -> None:
    rotation.expect_stages()
    with pytest.raises(ValueError, match="is not pending"):
        rotation.do("setSecret")


def test_a_password_is_in_no_log(rotation: Rotation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    rotation.expect_stages("AWSPENDING")
    rotation.expect_writer()
    rotation.expect_pending(NEW)
    rotation.rds.add_response("modify_db_cluster", {}, None)
    rotation.do("setSecret")
    assert "setSecret is done" in caplog.text
    assert NEW["password"] not in caplog.text


def test_it_fits_into_a_template() -> None:
    assert len(SOURCE.read_bytes()) <= 4096
