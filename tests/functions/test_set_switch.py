"""The function of Region switch plans, as Lambda runs it, against the sandbox's CloudWatch."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest

from tests.functions.conftest import FUNCTIONS
from tests.local_aws import Account

HERE, THERE = "eu-west-1", "us-east-1"
NAMESPACE, METRIC, SWITCH = "gtm-test/evacuation", "Evacuated", "gtm-test-evacuated"
IMPAIRED = "ServiceImpaired"


@pytest.fixture
def function(account: Account, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Its source, in the environment that the template gives it, in the Region that takes users."""
    told = {
        "AWS_REGION": HERE,
        "SWITCH_NAMESPACE": NAMESPACE,
        "SWITCH_METRIC": METRIC,
        "SWITCH_ALARM": SWITCH,
        "IMPAIRED_ALARM_ARN": f"arn:aws:cloudwatch:{HERE}:{account.id}:alarm:{IMPAIRED}",
    }
    for name, value in {**account.environment(HERE), **told}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    spec = importlib.util.spec_from_file_location("set_switch", FUNCTIONS / "set_switch.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "WAIT_SECONDS", 0)
    return module


@pytest.fixture(autouse=True)
def alarms(account: Account) -> None:
    """A switch in both Regions, both in service, and the alarm that pages, quiet."""
    for region in (HERE, THERE):
        account.client("cloudwatch", region).put_metric_alarm(
            AlarmName=SWITCH,
            Namespace=NAMESPACE,
            MetricName=METRIC,
            Dimensions=[{"Name": "Region", "Value": region}],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="ignore",
        )
        ring(account, region, SWITCH, "OK")
    account.client("cloudwatch", HERE).put_composite_alarm(
        AlarmName=IMPAIRED, AlarmRule=f'ALARM("{SWITCH}")'
    )
    ring(account, HERE, IMPAIRED, "OK")


def ring(account: Account, region: str, name: str, state: str) -> None:
    """An alarm as CloudWatch would set it."""
    client = account.client("cloudwatch", region)
    client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="of a test")


def written(account: Account, region: str) -> list[float]:
    """The values that the metric of a Region's switch has, in that Region's CloudWatch."""
    now = datetime.now(UTC)
    found = account.client("cloudwatch", region).get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=METRIC,
        Dimensions=[{"Name": "Region", "Value": region}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )
    return [point["Maximum"] for point in found["Datapoints"]]


def test_it_takes_another_region_out_by_that_regions_own_metric(
    function: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVACUATED_REGION", THERE)
    assert function.handler({}, None) == {"region": THERE, "switch": "ALARM"}
    assert written(account, THERE) == [1.0]
    assert written(account, HERE) == []


def test_it_brings_its_own_region_back(function: ModuleType, account: Account) -> None:
    assert function.handler({}, None) == {"region": HERE, "switch": "OK"}
    assert written(account, HERE) == [0.0]


def test_a_region_is_not_evacuated_from_within(
    function: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same template has a function for each Region, and so one for its own."""
    monkeypatch.setenv("EVACUATED_REGION", HERE)
    with pytest.raises(RuntimeError, match="from another Region"):
        function.handler({}, None)
    assert written(account, HERE) == []


@pytest.mark.parametrize(
    ("alarm", "because"), [(SWITCH, "evacuated itself"), (IMPAIRED, "hurts its own users")]
)
def test_the_last_region_that_serves_well_is_not_left_alone(
    function: ModuleType,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    alarm: str,
    because: str,
) -> None:
    monkeypatch.setenv("EVACUATED_REGION", THERE)
    ring(account, HERE, alarm, "ALARM")
    with pytest.raises(RuntimeError, match=because):
        function.handler({}, None)
    assert written(account, THERE) == []


def test_a_switch_that_does_not_obey_fails_the_step(
    function: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVACUATED_REGION", THERE)
    account.client("cloudwatch", THERE).delete_alarms(AlarmNames=[SWITCH])
    with pytest.raises(TimeoutError, match="its switch is not ALARM"):
        function.handler({}, None)
    assert written(account, THERE) == [1.0]


def test_the_value_is_written_anew_until_the_alarm_agrees(
    function: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 0 in the minute of a 1 is lost, for the highest value counts."""
    clock = iter(range(0, 1000, 30))
    values: list[float] = []
    states = iter(["ALARM", "ALARM", "ALARM", "OK"])
    monkeypatch.setattr(function, "WAIT_SECONDS", 240)
    monkeypatch.setattr(function.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(function.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(function, "write", lambda region, value: values.append(value))
    monkeypatch.setattr(function, "switch", lambda region: next(states))
    function.handler({}, None)
    assert values == [0.0, 0.0]


def test_a_region_whose_cloudwatch_is_silent_counts_as_serving(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for `evacuate`: what can't be seen must not keep people from leaving a broken Region."""

    def unreachable(*_: Any, **__: Any) -> Any:
        raise function.ClientError({"Error": {"Code": "InternalFailure"}}, "DescribeAlarms")

    monkeypatch.setattr(function.boto3, "client", lambda *_, **__: Unreachable(unreachable))
    function.refuse_the_last(HERE, THERE)


DATABASE = "gtm-test-aurora"


@pytest.fixture
def database(function: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A global database that takes writes in the other Region."""
    monkeypatch.setenv("GLOBAL_DATABASE", DATABASE)
    rds = account.client("rds", THERE)
    rds.create_global_cluster(GlobalClusterIdentifier=DATABASE, Engine="aurora-postgresql")
    rds.create_db_cluster(
        DBClusterIdentifier=DATABASE,
        GlobalClusterIdentifier=DATABASE,
        Engine="aurora-postgresql",
        MasterUsername="administrator",
        MasterUserPassword="of-a-test-only",
    )


@pytest.mark.usefixtures("database")
def test_the_region_with_the_databases_writer_is_not_left_before_it(
    function: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVACUATED_REGION", THERE)
    with pytest.raises(RuntimeError, match=f"takes writes in {THERE}: move its writer first"):
        function.handler({}, None)
    assert written(account, THERE) == []
    function.refuse_the_writer(THERE, HERE)


def test_a_database_that_nobody_tells_about_holds_nobody_back(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one that was never made, which is an error of the same kind."""
    monkeypatch.setenv("GLOBAL_DATABASE", DATABASE)
    function.refuse_the_writer(HERE, THERE)


class Unreachable:
    """A client that gets no answer."""

    def __init__(self, call: Any) -> None:
        self.describe_alarms = call
