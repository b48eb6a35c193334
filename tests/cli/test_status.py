"""`status`, `outputs` and `drift` as a person types them: words, JSON, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.typed import Typed, type_in
from tests.standing import OTHER, Standing

SERVICE_LOGS = "/gtm-prod/service"


def test_status_is_a_table_and_exits_0(standing: Standing) -> None:
    typed = type_in("status", "--env", "prod")
    assert typed.code == 0
    assert "gtm-prod-regional" in typed.out
    assert "evacuation switch" in typed.out
    assert "last rollout:" in typed.out
    assert standing.account.id in typed.out


@pytest.mark.usefixtures("standing")
def test_status_all_shows_nested_stacks() -> None:
    assert "LoadBalancer" not in type_in("status", "--env", "prod").out
    assert "LoadBalancer" in type_in("status", "--env", "prod", "--all").out


@pytest.mark.usefixtures("standing")
def test_status_as_json_is_one_document() -> None:
    data = json.loads(type_in("status", "--env", "prod", "--json").out)
    assert data["broken"] == []
    assert {row["template"] for row in data["stacks"]} == {"current"}
    assert {health["region"] for health in data["health"]} == {"ap-northeast-2", "us-east-1"}


@pytest.mark.usefixtures("standing")
def test_outputs_as_json_name_region_layer_and_value() -> None:
    data = json.loads(type_in("outputs", "--env", "prod", "--json").out)
    (vpc,) = (o for o in data if o["name"] == "VpcId" and o["region"] == OTHER)
    assert vpc["value"].startswith("vpc-")
    assert vpc["layer"] == "regional"


@pytest.mark.usefixtures("standing")
def test_no_drift_exits_0() -> None:
    typed = type_in("drift", "--env", "prod")
    assert (typed.code, typed.out.startswith("no drift in")) == (0, True)


@pytest.fixture
def drifted(standing: Standing) -> Iterator[None]:
    logs = standing.account.client("logs", OTHER)
    (group,) = logs.describe_log_groups(logGroupNamePrefix=SERVICE_LOGS)["logGroups"]
    logs.put_retention_policy(logGroupName=SERVICE_LOGS, retentionInDays=1)
    yield
    days = group["retentionInDays"]
    logs.put_retention_policy(logGroupName=SERVICE_LOGS, retentionInDays=days)


@pytest.mark.usefixtures("drifted")
def test_drift_exits_1_and_shows_expected_and_actual() -> None:
    typed = type_in("drift", "--env", "prod")
    assert typed.code == 1
    (row,) = (line for line in typed.out.splitlines() if "ServiceLogGroup" in line)
    assert row.split()[-3:] == ["/RetentionInDays", "90", "1"]
    data = json.loads(type_in("drift", "--env", "prod", "--json").out)
    assert [d["path"] for d in data["drifted"]] == ["ServiceLogGroup"]


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("command", ["status", "outputs", "drift", "destroy"])
def test_an_environment_that_was_not_built_is_bad_input(command: str) -> None:
    typed: Typed = type_in(command, "--env", "staging")
    assert typed.code == 2
    assert "python -m generator build --env staging" in typed.err
