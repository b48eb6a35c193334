"""What the tests of layers with alarms share."""

from __future__ import annotations

from typing import Any

Resources = dict[str, dict[str, Any]]


def of_type(template: dict[str, Any], kind: str) -> Resources:
    """The properties of all resources of a type, by logical id."""
    return {
        name: body["Properties"]
        for name, body in template["Resources"].items()
        if body["Type"] == kind
    }


def metric_alarms(template: dict[str, Any]) -> Resources:
    return of_type(template, "AWS::CloudWatch::Alarm")


def composites(template: dict[str, Any]) -> Resources:
    return of_type(template, "AWS::CloudWatch::CompositeAlarm")


def metric_names(alarm: dict[str, Any]) -> set[str]:
    """Names of the metrics that an alarm reads, by itself or in an expression."""
    inside = {
        query["MetricStat"]["Metric"]["MetricName"]
        for query in alarm.get("Metrics", [])
        if "MetricStat" in query
    }
    return inside | ({alarm["MetricName"]} if "MetricName" in alarm else set())


def expression(alarm: dict[str, Any]) -> str:
    """The text of an alarm's expression."""
    (found,) = [query["Expression"] for query in alarm["Metrics"] if "Expression" in query]
    text = found["Fn::Sub"] if isinstance(found, dict) else found
    return str(text[0] if isinstance(text, list) else text)


def assert_complete(template: dict[str, Any]) -> None:
    """Every alarm acts, explains itself, and says why missing data means what it does."""
    for name, alarm in (metric_alarms(template) | composites(template)).items():
        assert alarm["AlarmActions"], name
        assert len(alarm["AlarmDescription"]) > 60, name
        assert len(alarm["AlarmDescription"]) <= 1024, name
    for name, alarm in metric_alarms(template).items():
        assert alarm["TreatMissingData"], name
        assert template["Resources"][name]["Metadata"]["Reasons"]["TreatMissingData"], name
        assert sum("MetricStat" in query for query in alarm.get("Metrics", [])) <= 10, name


def statement(policy: dict[str, Any], sid: str) -> dict[str, Any]:
    (found,) = [one for one in policy["Statement"] if one["Sid"] == sid]
    return dict(found)


def dashboard(template: dict[str, Any]) -> str:
    """The text of the one dashboard's body."""
    (found,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    return str(found["DashboardBody"]["Fn::Sub"][0])
