"""Secrets stay where they are: in no journal, lease, plan, report or screen of a rollout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.deploy.records.saved import write_plan
from tests.cli.typed import type_in
from tests.deploy.conftest import Deployer, pair
from tests.standing import REGIONS, Standing


@pytest.fixture
def secrets(standing: Standing) -> set[str]:
    """Every generated secret of the platform that stands, and the credentials in use."""
    found = set()
    for region in REGIONS:
        client = standing.account.client("secretsmanager", region)
        for entry in client.list_secrets()["SecretList"]:
            text = client.get_secret_value(SecretId=entry["ARN"])["SecretString"]
            found |= {str(value) for key, value in json.loads(text).items() if key != "username"}
    assert found
    return found


def test_what_is_kept_in_the_bucket(standing: Standing, secrets: set[str]) -> None:
    client = standing.account.client("s3", standing.release.home)
    bucket = standing.release.bucket_in(standing.release.home, standing.account.id)
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert any("journal" in key for key in keys)
    for key in keys:
        content = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        assert not [secret for secret in secrets if secret.encode() in content], key


def test_a_plan_file(standing: Standing, secrets: set[str], tmp_path: Path) -> None:
    changed = pair(cache={"node_type": "cache.m7g.xlarge"})
    write_plan(tmp_path / "plan.json", Deployer(tmp_path).plan(changed))
    text = (tmp_path / "plan.json").read_text()
    assert "ReplicationGroup" in text
    assert not [secret for secret in secrets if secret in text]


@pytest.mark.parametrize("command", ["status", "outputs", "drift"])
def test_the_screen(command: str, standing: Standing, secrets: set[str]) -> None:
    typed = type_in(command, "--env", "prod", "--json")
    assert typed.out, typed.err
    assert not [secret for secret in secrets if secret in typed.out + typed.err]
