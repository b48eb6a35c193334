"""Composite alarms, and alarms on expressions, which the emulator's own type refuses.

An alarm with `Metrics` is a record that DescribeAlarms shows in full; it is never evaluated, so its
state changes by SetAlarmState only. All other alarms are the emulator's own.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from generator.sandbox import seams, service_seams
from generator.sandbox.resources.calls import (
    already_exists,
    failure,
    picked,
    refuse_unknown,
    tag_changes,
)
from generator.sandbox.resources.resource import Made, Properties, Resource

ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
_NUMBERS = ("EvaluationPeriods", "DatapointsToAlarm")
_WAITS = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
_TEXTS = ("AlarmDescription", "ComparisonOperator", "ThresholdMetricId", "TreatMissingData")
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_EXPRESSION = frozenset(
    {*_NUMBERS, *_TEXTS, *_ACTIONS, "AlarmName", "ActionsEnabled", "Threshold", "Metrics", "Tags"}
)


# --- AWS::CloudWatch::CompositeAlarm


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    name = properties.get("AlarmName") or f"{stack}-{logical_id}-{uuid4().hex[:12].upper()}"
    if service_seams.alarm(name) is not None:
        raise ValueError(already_exists(COMPOSITE, name))
    return _put(name, {}, properties, stack)


def _put(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    cloudwatch = seams.client("cloudwatch")
    asked = {k: v for k, v in new.items() if k not in ("AlarmName", "Tags")}
    asked |= {name: int(value) for name, value in picked(new, *_WAITS).items()}
    _check_suppressor(asked)
    cloudwatch.put_composite_alarm(AlarmName=physical_id, **asked)
    arn = _arn(physical_id)
    gone, changed = tag_changes(old.get("Tags", []), new.get("Tags", []))
    if gone:
        cloudwatch.untag_resource(ResourceARN=arn, TagKeys=gone)
    if changed:
        cloudwatch.tag_resource(ResourceARN=arn, Tags=changed)
    return physical_id, {"Arn": arn}


def _check_suppressor(asked: Properties) -> None:
    suppressor = asked.get("ActionsSuppressor")
    if suppressor and service_seams.alarm(suppressor.split(":alarm:")[-1]) is None:
        said = f"ActionsSuppressor alarm {suppressor} does not exist"
        raise ValueError(failure(said, "InvalidRequest"))
    if suppressor and not all(name in asked for name in _WAITS):
        said = "ActionsSuppressor needs a wait period and an extension period"
        raise ValueError(failure(said, "InvalidRequest"))


def _delete(physical_id: str, properties: Properties) -> None:
    seams.client("cloudwatch").delete_alarms(AlarmNames=[physical_id])


def _arn(name: str) -> str:
    return f"arn:aws:cloudwatch:{seams.current_region()}:{seams.current_account()}:alarm:{name}"


# --- AWS::CloudWatch::Alarm


_theirs = seams.resource_functions(ALARM)


def _create_alarm(logical_id: str, properties: Properties, stack: str) -> Made:
    name = properties.get("AlarmName") or f"{stack}-{logical_id}-{uuid4().hex[:12].upper()}"
    if service_seams.alarm(name) is not None:
        raise ValueError(already_exists(ALARM, name))
    return _put_alarm(name, {}, properties, stack)


def _put_alarm(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    if "Metrics" in new:
        return _put_expression(physical_id, new)
    made: Made = _theirs["create"](physical_id, new | {"AlarmName": physical_id}, stack)
    return made


def _delete_alarm(physical_id: str, properties: Properties) -> None:
    _theirs["delete"](physical_id, properties)


def _put_expression(name: str, properties: Properties) -> Made:
    """Make, or change, the record of an alarm on an expression; its state is kept."""
    refuse_unknown(f"{ALARM} with Metrics", properties, _EXPRESSION)
    _check_metrics(properties)
    record: dict[str, Any] = _state(name) | picked(properties, *_TEXTS) | _limits(properties)
    record |= {each: list(properties.get(each, [])) for each in _ACTIONS}
    record["ActionsEnabled"] = properties.get("ActionsEnabled", True) in (True, "true")
    record["Metrics"] = [_query(each) for each in properties["Metrics"]]
    service_seams.put_alarm(record, properties.get("Tags", []))
    return name, {"Arn": record["AlarmArn"]}


def _check_metrics(properties: Properties) -> None:
    """PutMetricAlarm: one query returns data, or two when one of them is an anomaly band."""
    returning = [each for each in properties["Metrics"] if each.get("ReturnData", True)]
    allowed = 2 if "ThresholdMetricId" in properties else 1
    if len(returning) != allowed:
        said = f"Exactly {allowed} element(s) of the metrics list should return data."
        raise ValueError(failure(said, "InvalidRequest"))
    if ("Threshold" in properties) == ("ThresholdMetricId" in properties):
        said = "Exactly one of Threshold and ThresholdMetricId must be specified"
        raise ValueError(failure(said, "InvalidRequest"))


def _state(name: str) -> Properties:
    now = int(time.time())
    record = {
        "AlarmName": name,
        "AlarmArn": _arn(name),
        "AlarmConfigurationUpdatedTimestamp": now,
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": now,
    }
    kept = service_seams.alarm(name) or {}
    return record | picked(kept, "StateValue", "StateReason", "StateUpdatedTimestamp")


def _limits(properties: Properties) -> Properties:
    limits: Properties = {k: int(v) for k, v in picked(properties, *_NUMBERS).items()}
    if "Threshold" in properties:
        limits["Threshold"] = float(properties["Threshold"])
    return limits


def _query(template: Properties) -> Properties:
    query = dict(template)
    if "Period" in query:
        query["Period"] = int(query["Period"])
    if "MetricStat" in query:
        statistic = query["MetricStat"]
        query["MetricStat"] = statistic | {"Period": int(statistic["Period"])}
    return query | {"ReturnData": query.get("ReturnData", True) in (True, "true")}


_SINGLE = frozenset(
    {
        "Dimensions",
        "EvaluateLowSampleCountPercentile",
        "ExtendedStatistic",
        "MetricName",
        "Namespace",
        "Period",
        "Statistic",
        "Unit",
    }
)
RESOURCES = {
    ALARM: Resource(
        _create_alarm,
        _delete_alarm,
        _put_alarm,
        frozenset({"AlarmName"}),
        _EXPRESSION | _SINGLE,
        tags="Tags",
    ),
    COMPOSITE: Resource(
        _create,
        _delete,
        _put,
        frozenset({"AlarmName"}),
        frozenset(
            {
                *_ACTIONS,
                *_WAITS,
                "ActionsEnabled",
                "ActionsSuppressor",
                "AlarmDescription",
                "AlarmRule",
            }
        ),
        tags="Tags",
    ),
}
