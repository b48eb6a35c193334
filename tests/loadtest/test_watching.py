"""What AWS did during a run: its documented answers as events, and the local AWS' own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import ANY, Stubber

from generator.errors import AwsError
from loadtest.account import watch as watch_region
from loadtest.events import Activity, Alarm, Capacity, Event
from loadtest.watching import Watched, events_during
from tests.local_aws import Account, session

REGION = "ap-northeast-2"
BEGAN, ENDED = 1_774_000_020.0, 1_774_000_620.0
GROUP = "gtm-dev-application"

Answer = tuple[str, dict[str, Any], dict[str, Any] | None]
"""Operation, what it answers, and what it must be asked (None: anything)."""


def at(seconds: float) -> datetime:
    """So many seconds after the run began."""
    return datetime.fromtimestamp(BEGAN + seconds, UTC)


def client(service: str, answers: Sequence[Answer]) -> tuple[Any, Stubber]:
    """A client that answers in this order, and nothing besides."""
    made = session().client(
        service, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x"
    )
    stubber = Stubber(made)
    for operation, answer, expected in answers:
        if "Error" in answer:
            error = answer["Error"]
            stubber.add_client_error(operation, error["Code"], error["Message"])
        else:
            stubber.add_response(operation, answer, expected)
    stubber.activate()
    return made, stubber


def watch(
    cloudwatch: Sequence[Answer] = (),
    autoscaling: Sequence[Answer] = (),
    group: str = "",
    alarms: Sequence[str] = (),
) -> tuple[Event, ...]:
    """The events of one Region that answers so; every answer must have been asked for."""
    (watching, first), (scaling, second) = (
        client("cloudwatch", cloudwatch),
        client("autoscaling", autoscaling),
    )
    place = Watched(REGION, watching, scaling, group, alarms)
    found = events_during([place], BEGAN, ENDED)
    first.assert_no_pending_responses()
    second.assert_no_pending_responses()
    return found


def samples(values: dict[str, dict[float, float]], token: str = "", **more: str) -> dict[str, Any]:
    """A page of GetMetricData: values by query and seconds after the run began."""
    results = [
        {
            "Id": key,
            "Timestamps": [at(seconds) for seconds in of],
            "Values": list(of.values()),
            **{"StatusCode": "Complete", **more},
        }
        for key, of in values.items()
    ]
    return {"MetricDataResults": results, **({"NextToken": token} if token else {})}


NO_ACTIVITIES: Answer = ("describe_scaling_activities", {"Activities": []}, None)


def change(seconds: float, name: str, old: str, new: str) -> dict[str, Any]:
    """An item of an alarm's history, with the data that CloudWatch documents."""
    data = {
        "version": "1.0",
        "oldState": {"stateValue": old, "stateReason": "…"},
        "newState": {"stateValue": new, "stateReason": "Threshold Crossed: 1 datapoint …"},
    }
    return {
        "AlarmName": name,
        "AlarmType": "MetricAlarm",
        "Timestamp": at(seconds),
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {old} to {new}",
        "HistoryData": json.dumps(data),
    }


def test_capacity_is_told_where_it_changes() -> None:
    serving = {-20.0: 2.0, 40.0: 2.0, 100.0: 4.0}
    desired = {-20.0: 2.0, 40.0: 4.0, 100.0: 4.0}
    page = samples({"in_service": serving, "desired": desired})
    found = watch([("get_metric_data", page, None)], [NO_ACTIVITIES], GROUP)
    assert found == (
        Capacity(time=BEGAN, place=REGION, in_service=2, desired=2),
        Capacity(time=BEGAN + 40, place=REGION, in_service=2, desired=4),
        Capacity(time=BEGAN + 100, place=REGION, in_service=4, desired=4),
    )


def test_of_the_samples_before_the_run_the_last_one_is_its_beginning() -> None:
    """What a group had minutes earlier is no capacity of this run."""
    serving = {-140.0: 9.0, -80.0: 5.0, -20.0: 2.0, 40.0: 3.0}
    page = samples({"in_service": serving, "desired": serving})
    found = watch([("get_metric_data", page, None)], [NO_ACTIVITIES], GROUP)
    assert [(e.time - BEGAN, e.in_service) for e in found if isinstance(e, Capacity)] == [
        (0, 2),
        (40, 3),
    ]


def test_the_groups_own_metrics_are_asked_by_the_minute() -> None:
    def query(key: str, metric: str) -> dict[str, Any]:
        dimensions = [{"Name": "AutoScalingGroupName", "Value": GROUP}]
        source = {"Namespace": "AWS/AutoScaling", "MetricName": metric, "Dimensions": dimensions}
        return {"Id": key, "MetricStat": {"Metric": source, "Period": 60, "Stat": "Maximum"}}

    asked = {
        "MetricDataQueries": [
            query("in_service", "GroupInServiceInstances"),
            query("desired", "GroupDesiredCapacity"),
        ],
        "StartTime": at(-180),
        "EndTime": at(600),
    }
    filters = [
        {"Name": "StartTimeLowerBound", "Values": [at(0).isoformat()]},
        {"Name": "StartTimeUpperBound", "Values": [at(600).isoformat()]},
    ]
    wanted = {"AutoScalingGroupName": GROUP, "Filters": filters}
    watch(
        [("get_metric_data", samples({}), asked)],
        [("describe_scaling_activities", {"Activities": []}, wanted)],
        GROUP,
    )


def test_samples_that_are_spread_over_pages_are_joined() -> None:
    first = samples({"in_service": {0.0: 2.0}}, "more", StatusCode="PartialData")
    second = samples({"in_service": {60.0: 3.0}, "desired": {0.0: 2.0, 60.0: 3.0}})
    pages: list[Answer] = [("get_metric_data", first, None), ("get_metric_data", second, None)]
    found = watch(pages, [NO_ACTIVITIES], GROUP)
    assert [(event.time, event.in_service) for event in found if isinstance(event, Capacity)] == [
        (BEGAN, 2),
        (BEGAN + 60, 3),
    ]


def test_a_group_without_metrics_has_no_capacity() -> None:
    page = samples({"in_service": {}, "desired": {}})
    assert watch([("get_metric_data", page, None)], [NO_ACTIVITIES], GROUP) == ()


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_half_the_samples_are_not_taken_for_all(status: str) -> None:
    page = samples({"in_service": {0.0: 2.0}}, StatusCode=status)
    with pytest.raises(AwsError, match=f"{REGION}: GetMetricData: {status}"):
        watch([("get_metric_data", page, None)], [NO_ACTIVITIES], GROUP)


def described(**states: str) -> Answer:
    alarms = [{"AlarmName": name, "StateValue": state} for name, state in states.items()]
    return ("describe_alarms", {"MetricAlarms": alarms}, None)


def history(*items: dict[str, Any], token: str = "") -> Answer:
    page = {"AlarmHistoryItems": list(items), **({"NextToken": token} if token else {})}
    return ("describe_alarm_history", page, None)


def told(events: Sequence[Event]) -> list[tuple[float, str, str]]:
    return [(e.time - BEGAN, e.name, e.state) for e in events if isinstance(e, Alarm)]


def test_an_alarm_begins_with_its_state_before_the_first_change() -> None:
    changes = change(60, "cpu", "OK", "ALARM"), change(200, "cpu", "ALARM", "OK")
    found = watch([described(cpu="OK"), history(*changes)], alarms=["cpu"])
    assert told(found) == [(0, "cpu", "OK"), (60, "cpu", "ALARM"), (200, "cpu", "OK")]


def test_an_alarm_that_did_not_change_is_as_it_is_described() -> None:
    found = watch([described(cpu="ALARM"), history()], alarms=["cpu"])
    assert told(found) == [(0, "cpu", "ALARM")]


def test_a_change_after_the_run_tells_what_was_during_it() -> None:
    later = change(700, "cpu", "OK", "ALARM")
    found = watch([described(cpu="ALARM"), history(later)], alarms=["cpu"])
    assert told(found) == [(0, "cpu", "OK")]


def test_history_is_read_to_its_last_page_and_others_alarms_are_left_out() -> None:
    pages = (
        history(change(60, "cpu", "OK", "ALARM"), change(61, "other", "OK", "ALARM"), token="t"),
        history(change(90, "cpu", "ALARM", "OK")),
    )
    found = watch([described(cpu="OK"), *pages], alarms=["cpu"])
    assert told(found) == [(0, "cpu", "OK"), (60, "cpu", "ALARM"), (90, "cpu", "OK")]


def test_composite_alarms_are_asked_for_too() -> None:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    composite = {"CompositeAlarms": [{"AlarmName": "down", "StateValue": "OK"}]}
    asked = {
        "AlarmTypes": kinds,
        "HistoryItemType": "StateUpdate",
        "StartDate": at(0),
        "ScanBy": "TimestampAscending",
    }
    answers: list[Answer] = [
        ("describe_alarms", composite, {"AlarmNames": ["down"], "AlarmTypes": kinds}),
        ("describe_alarm_history", {"AlarmHistoryItems": []}, asked),
    ]
    assert told(watch(answers, alarms=["down"])) == [(0, "down", "OK")]


def test_alarms_are_described_by_the_hundred() -> None:
    names = [f"alarm-{number}" for number in range(150)]
    parts = [names[:100], names[100:]]
    answers: list[Answer] = [
        ("describe_alarms", {}, {"AlarmNames": part, "AlarmTypes": ANY}) for part in parts
    ]
    assert watch([*answers, history()], alarms=names) == ()


def activity(seconds: float, **more: Any) -> dict[str, Any]:
    return {
        "ActivityId": "1",
        "AutoScalingGroupName": GROUP,
        "Description": "Launching a new EC2 instance: i-0123456789abcdef0",
        "Cause": "At 2026-03-20T09:51:00Z a monitor alarm cpu-step in state ALARM triggered …",
        "StartTime": at(seconds),
        "StatusCode": "Successful",
        **more,
    }


def test_activities_tell_what_how_it_ended_and_why() -> None:
    failed = activity(
        90, EndTime=at(95), StatusCode="Failed", StatusMessage="We do not have sufficient capacity"
    )
    pages: list[Answer] = [
        ("describe_scaling_activities", {"Activities": [failed], "NextToken": "t"}, None),
        ("describe_scaling_activities", {"Activities": [activity(60, EndTime=at(202))]}, None),
    ]
    found = watch([("get_metric_data", samples({}), None)], pages, GROUP)
    assert [event.time - BEGAN for event in found] == [60, 90]
    texts = [event.text.splitlines() for event in found if isinstance(event, Activity)]
    assert texts[0][:2] == [activity(0)["Description"], "Successful after 142 s"]
    assert texts[0][2] == activity(0)["Cause"]
    assert texts[1][1:3] == ["Failed after 5 s", "We do not have sufficient capacity"]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("Throttling", "wait a minute"),
        ("AccessDenied", "allow cloudwatch:GetMetricData"),
        ("InternalFailure", "write the report again"),
    ],
)
def test_a_refusal_says_where_what_and_what_to_do(code: str, remedy: str) -> None:
    answer: Answer = (
        "get_metric_data",
        {"Error": {"Code": code, "Message": "Rate exceeded"}},
        None,
    )
    with pytest.raises(AwsError) as refused:
        watch([answer], group=GROUP)
    assert str(refused.value).startswith(f"{REGION}: GetMetricData: {code}: Rate exceeded\n")
    assert remedy in str(refused.value)


def test_a_region_that_is_not_reached_is_named() -> None:
    def unreachable(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://monitoring.example.com")

    made, _ = client("cloudwatch", ())
    made.meta.events.register_first("before-parameter-build", unreachable)
    with pytest.raises(AwsError, match=f"{REGION}: AWS was not reached"):
        events_during([Watched(REGION, made, None, GROUP, [])], BEGAN, ENDED)


def test_places_are_told_in_order_of_time() -> None:
    early, late = [described(cpu="OK"), history()], [described(cpu="OK"), history()]
    places = [
        Watched(region, client("cloudwatch", answers)[0], None, "", ["cpu"])
        for region, answers in (("eu-west-1", early), ("us-east-1", late))
    ]
    found = events_during(places, BEGAN, ENDED)
    assert [event.place for event in found] == ["eu-west-1", "us-east-1"]


def test_against_the_local_aws(account: Account) -> None:
    """It keeps metrics and alarm states; its groups have no activities, so none are told."""
    cloudwatch, now = account.client("cloudwatch", REGION), datetime.now(UTC).timestamp()
    dimensions = [{"Name": "AutoScalingGroupName", "Value": GROUP}]
    for metric, value in (("GroupInServiceInstances", 2), ("GroupDesiredCapacity", 3)):
        datum = {"MetricName": metric, "Value": value, "Dimensions": dimensions}
        cloudwatch.put_metric_data(Namespace="AWS/AutoScaling", MetricData=[datum])
    cloudwatch.put_metric_alarm(
        AlarmName="cpu",
        MetricName="CPUUtilization",
        Namespace="AWS/EC2",
        Period=60,
        Statistic="Average",
        EvaluationPeriods=1,
        Threshold=60,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="ALARM", StateReason="a test")
    scaling = account.client("autoscaling", REGION)
    place = Watched(REGION, cloudwatch, scaling, GROUP, ["cpu"])
    found = events_during([place], now - 60, datetime.now(UTC).timestamp() + 60)
    (capacity,) = (event for event in found if isinstance(event, Capacity))
    assert (capacity.in_service, capacity.desired) == (2, 3)
    assert [e.state for e in found if isinstance(e, Alarm)][-1] == "ALARM"


def test_alarms_are_those_of_the_platform_and_of_its_groups_target_tracking(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of an environment, or of a group, whose name only begins alike."""
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    own = ["gtm-dev-regional-Latency-1", f"TargetTracking-{GROUP}-AlarmHigh-1"]
    others = ["gtm-dev2-regional-Latency-1", f"TargetTracking-{GROUP}2-AlarmHigh-1", "gtm-dev"]
    for name in (*own, *others):
        account.client("cloudwatch", REGION).put_metric_alarm(
            AlarmName=name, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold"
        )
    assert sorted(watch_region(REGION, "gtm-dev", GROUP).alarms) == sorted(own)
    assert watch_region(REGION, "gtm-dev", "").alarms == own[:1]
