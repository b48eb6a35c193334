"""The evacuation switch: which metric, what is refused, and the wait until Route 53 agrees.

The local AWS has no health checkers and judges no calculated check, so what these say is scripted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from generator.deploy.around import evacuation
from generator.deploy.around.evacuation import Order, agrees, consequences, obey, set_switch, survey
from generator.deploy.around.switches import Check, Health, Switch, read_health
from generator.deploy.release import Release
from generator.errors import AwsError, Detached, Refused
from tests.deploy.conftest import prod
from tests.deploy.stubbed import Script, StubbedAws, scripted
from tests.deploy.support import built
from tests.standing import HOME, OTHER, REGIONS, Standing

METRICS = ("cloudwatch", "us-east-1")
EUROPE, ASIA = "eu-west-1", "ap-northeast-2"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    regions = [{"name": ASIA}, {"name": EUROPE}]
    return built(tmp_path_factory.mktemp("built"), prod(regions=regions))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow one another at once; how long they pause is waiting's own matter."""
    monkeypatch.setattr(evacuation, "looks", lambda stop, longest: _until_set(stop))


def _until_set(stop: threading.Event) -> Iterator[int]:
    number = 0
    while not stop.is_set():
        yield number
        number += 1


def health(region: str, switch: Switch, calculated: Check, endpoint: Check | None = None) -> Health:
    return Health(region, switch, {"region": calculated, "endpoint": endpoint or calculated})


HEALTHY = (Switch.IN_SERVICE, Check.HEALTHY)


# --- the metric ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("evacuate", "value"), [(True, 1.0), (False, 0.0)])
def test_the_switch_is_the_metric_that_the_alarm_watches(
    switches: Standing, evacuate: bool, value: float
) -> None:
    set_switch(switches.aws, Order(switches.release, OTHER, evacuate, 0))
    cloudwatch = switches.account.client("cloudwatch", OTHER)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["gtm-prod-evacuated"])["MetricAlarms"]
    now = datetime.now(UTC)
    points = cloudwatch.get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=3600,
        Statistics=["Maximum" if evacuate else "Minimum"],
    )["Datapoints"]
    assert [p["Maximum" if evacuate else "Minimum"] for p in points] == [value]


def test_only_the_ordered_region_is_switched(switches: Standing) -> None:
    set_switch(switches.aws, Order(switches.release, OTHER, True, 0))
    metrics = switches.account.client("cloudwatch", HOME).list_metrics(
        Namespace="gtm-prod/evacuation"
    )["Metrics"]
    assert metrics == []


def test_records_are_never_touched(switches: Standing) -> None:
    set_switch(switches.aws, Order(switches.release, OTHER, True, 0))
    read_health(switches.aws, switches.release)
    assert not [name for name in switches.aws.calls if name.startswith("route53")]


# --- reading ------------------------------------------------------------------------------------


def test_each_region_has_its_three_checks_and_its_switch(switches: Standing) -> None:
    found = read_health(switches.aws, switches.release)
    assert [h.region for h in found] == list(REGIONS)
    for h in found:
        assert set(h.checks) == {"switch", "endpoint", "region"}
        assert h.switch in (Switch.NEVER_SET, Switch.IN_SERVICE, Switch.EVACUATED)


_places = count()


def region_script(alarm_state: str, times: int = 1) -> dict[str, Script]:
    """What a Region answers to `times` looks: its alarm, and the stack that holds its checks."""
    stack = {
        "StackName": "StackSet-gtm-prod-health-check-1",
        "StackId": "arn:stack",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "StackStatus": "CREATE_COMPLETE",
    }
    place = next(_places)
    resources = [
        {
            "LogicalResourceId": name,
            "PhysicalResourceId": f"id-of-{name}-{place}",
            "ResourceType": "AWS::Route53::HealthCheck",
            "LastUpdatedTimestamp": datetime(2026, 1, 1, tzinfo=UTC),
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for name in ("EndpointCheck", "SwitchCheck", "RegionCheck")
    ]
    alarm = {"MetricAlarms": [{"AlarmName": "gtm-prod-evacuated", "StateValue": alarm_state}]}
    looks: Script = [
        ("list_stacks", {"StackSummaries": [stack]}, None),
        ("list_stack_resources", {"StackResourceSummaries": resources}, {"StackName": "arn:stack"}),
    ]
    return {
        "cloudwatch": [("describe_alarms", alarm, {"AlarmNames": ["gtm-prod-evacuated"]})] * times,
        "cloudformation": looks * times,
    }


def metrics(*values: float | None) -> tuple[str, dict[str, Any], None]:
    """What us-east-1 answers for the checks, in their order; None: nothing lately."""
    results = [
        {"Id": f"check{number}", "Values": [] if value is None else [value, 0.5]}
        for number, value in enumerate(values)
    ]
    return "get_metric_data", {"MetricDataResults": results}, None


def world_of(**by_region: dict[str, Script]) -> dict[tuple[str, str], Script]:
    return {
        (service, region.replace("_", "-")): script
        for region, services in by_region.items()
        for service, script in services.items()
    }


def test_the_newest_state_of_each_check_counts(release: Release) -> None:
    scripts = world_of(ap_northeast_2=region_script("OK"), eu_west_1=region_script("ALARM"))
    scripts[METRICS] = [metrics(1, 1, 1, 1, 0, 0)]
    with scripted(scripts) as aws:
        asia, europe = read_health(aws, release)
    assert (asia.switch, asia.calculated) == (Switch.IN_SERVICE, Check.HEALTHY)
    assert (europe.switch, europe.calculated) == (Switch.EVACUATED, Check.UNHEALTHY)
    assert (europe.checks["endpoint"], europe.checks["switch"]) == (Check.HEALTHY, Check.UNHEALTHY)


def test_a_region_that_is_down_and_metrics_that_are_gone_are_unknown(release: Release) -> None:
    """us-east-1 can't be reached, nor can Europe; Asia answers."""
    aws = StubbedAws(world_of(ap_northeast_2=region_script("OK")))
    asia, europe = read_health(aws, release)
    assert (asia.switch, asia.calculated) == (Switch.IN_SERVICE, Check.UNKNOWN)
    assert (europe.switch, europe.calculated) == (Switch.UNKNOWN, Check.UNKNOWN)


# --- what is refused ----------------------------------------------------------------------------


def test_without_a_domain_there_is_nothing_to_switch(tmp_path: Path) -> None:
    release = built(tmp_path, prod(domain=None))
    with pytest.raises(Refused, match="no domain"):
        survey(StubbedAws({}), Order(release, EUROPE, True, 0))


def test_an_unknown_region_is_refused_with_those_there_are(release: Release) -> None:
    with pytest.raises(Refused, match=r"us-west-2.*\n.*ap-northeast-2, eu-west-1"):
        survey(StubbedAws({}), Order(release, "us-west-2", True, 0))


def test_where_no_alarm_stands_nothing_would_obey(release: Release) -> None:
    scripts = world_of(eu_west_1={"cloudwatch": [("describe_alarms", {"MetricAlarms": []}, None)]})
    with pytest.raises(Refused, match="no alarm gtm-prod-evacuated in eu-west-1"):
        survey(StubbedAws(scripts), Order(release, EUROPE, False, 0))


@pytest.mark.parametrize(
    ("other", "checks"),
    [("ALARM", (0, 0, 0)), ("OK", (0, 1, 0))],
    ids=["the other is evacuated", "the other is unhealthy"],
)
def test_the_last_healthy_region_is_not_evacuated(
    release: Release, other: str, checks: tuple[float, ...]
) -> None:
    scripts = world_of(ap_northeast_2=region_script(other), eu_west_1=region_script("OK"))
    scripts[METRICS] = [metrics(*checks, 1, 1, 1)]
    with pytest.raises(Refused, match="eu-west-1 is the last Region"):
        survey(StubbedAws(scripts), Order(release, EUROPE, True, 0))


def test_the_last_region_may_be_restored(release: Release) -> None:
    scripts = world_of(ap_northeast_2=region_script("ALARM"), eu_west_1=region_script("ALARM"))
    scripts[METRICS] = [metrics(0, 0, 0, 0, 0, 0)]
    assert survey(StubbedAws(scripts), Order(release, EUROPE, False, 0))


def test_a_region_whose_health_is_unknown_counts_as_serving(release: Release) -> None:
    """Else nobody could evacuate us-east-1 when it is down: all health is read there."""
    scripts = world_of(ap_northeast_2=region_script("OK"), eu_west_1=region_script("OK"))
    order = Order(release, EUROPE, True, 0)
    healths = survey(StubbedAws(scripts), order)
    assert "ap-northeast-2 (health unknown)" in "\n".join(consequences(order, healths))


# --- the wait -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evacuate", "state", "agreed"),
    [
        (True, (Switch.EVACUATED, Check.UNHEALTHY), True),
        (True, (Switch.EVACUATED, Check.HEALTHY), False),
        (True, (Switch.EVACUATED, Check.UNKNOWN), False),
        (True, (Switch.IN_SERVICE, Check.UNHEALTHY), False),
        (False, (Switch.IN_SERVICE, Check.HEALTHY), True),
        (False, (Switch.IN_SERVICE, Check.UNHEALTHY), False),
        (False, (Switch.NEVER_SET, Check.HEALTHY), False),
    ],
)
def test_alarm_and_calculated_check_must_both_agree(
    release: Release, evacuate: bool, state: tuple[Switch, Check], agreed: bool
) -> None:
    order = Order(release, EUROPE, evacuate, 300)
    assert agrees(order, health(EUROPE, *state)) is agreed


PUT = "put_metric_data"


def put(value: float) -> tuple[str, dict[str, Any], dict[str, Any]]:
    data = {
        "MetricName": "Evacuated",
        "Dimensions": [{"Name": "Region", "Value": EUROPE}],
        "Value": value,
    }
    return PUT, {}, {"Namespace": "gtm-prod/evacuation", "MetricData": [data]}


def test_the_wait_ends_when_route_53_agrees(release: Release) -> None:
    before, after = region_script("OK"), region_script("ALARM", times=2)
    europe = {
        "cloudwatch": [put(1.0), *before["cloudwatch"], *after["cloudwatch"]],
        "cloudformation": [*before["cloudformation"], *after["cloudformation"]],
    }
    scripts = world_of(ap_northeast_2=region_script("OK", times=3), eu_west_1=europe)
    scripts[METRICS] = [
        metrics(1, 1, 1, 1, 1, 1),
        metrics(1, 1, 1, 1, 1, 1),
        metrics(1, 1, 1, 1, 0, 0),
    ]
    told: list[str] = []
    with scripted(scripts) as aws:
        order = Order(release, EUROPE, True, 300)
        assert agrees(order, obey(aws, order, told.append, threading.Event()))
    assert [line.partition(",")[0] for line in told] == [
        "eu-west-1: switch in service",
        "eu-west-1: switch evacuated",
        "eu-west-1: switch evacuated",
    ]


def test_the_value_is_written_anew_each_minute(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 0 in the minute of a 1 is lost: the alarm counts the highest value."""
    minutes = iter(range(0, 6000, 30))
    monkeypatch.setattr(evacuation, "clock", lambda: float(next(minutes)))
    europe = region_script("ALARM", times=2)
    last = region_script("OK")
    alarms, last_alarm = europe["cloudwatch"], last["cloudwatch"]
    europe = {
        "cloudwatch": [put(0.0), alarms[0], put(0.0), alarms[1], put(0.0), *last_alarm],
        "cloudformation": [*europe["cloudformation"], *last["cloudformation"]],
    }
    scripts = world_of(ap_northeast_2=region_script("OK", times=3), eu_west_1=europe)
    scripts[METRICS] = [
        metrics(1, 1, 1, 1, 0, 0),
        metrics(1, 1, 1, 1, 0, 0),
        metrics(1, 1, 1, 1, 1, 1),
    ]
    with scripted(scripts) as aws:
        obey(aws, Order(release, EUROPE, False, 3000), lambda line: None, threading.Event())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((1, 1, 1, 0, 1, 0), "its endpoint is unhealthy"),
        ((1, 1, 1, None, None, None), "can't be seen"),
    ],
)
def test_a_wait_that_is_too_long_says_what_is_in_the_way(
    release: Release, values: tuple[float | None, ...], words: str
) -> None:
    europe = region_script("OK")
    europe["cloudwatch"] = [put(0.0), *europe["cloudwatch"]]
    scripts = world_of(ap_northeast_2=region_script("OK"), eu_west_1=europe)
    scripts[METRICS] = [metrics(*values)]
    with scripted(scripts) as aws, pytest.raises(AwsError, match=words):
        obey(aws, Order(release, EUROPE, False, 1e-9), lambda line: None, threading.Event())


def test_leaving_says_that_the_switch_is_set(release: Release) -> None:
    europe = region_script("OK")
    europe["cloudwatch"] = [put(1.0), *europe["cloudwatch"]]
    scripts = world_of(ap_northeast_2=region_script("OK"), eu_west_1=europe)
    scripts[METRICS] = [metrics(1, 1, 1, 1, 1, 1)]
    stop = threading.Event()
    with scripted(scripts) as aws, pytest.raises(Detached, match="is set, and stays so"):
        obey(aws, Order(release, EUROPE, True, 300), lambda line: stop.set(), stop)


def test_a_switch_that_can_t_be_set_is_a_failure(release: Release) -> None:
    with pytest.raises(AwsError, match="the switch of eu-west-1"):
        set_switch(StubbedAws({}), Order(release, EUROPE, True, 0))
