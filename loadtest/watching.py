"""What AWS did during a run, as events: capacity, alarm states, scaling activities, by Region.

Capacity comes from the group's metrics, which are sampled once a minute: a change is up to a minute
older than its event. CloudWatch may lag by some minutes, so the end of a run is complete only a
while after it. Clients are handed in; how they retry is theirs to say.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from generator.errors import AwsError
from loadtest.events import Activity, Alarm, Capacity, Event

PERIOD_SECONDS = 60
_EARLIER = timedelta(minutes=3)
"""How long before the run the samples begin, so that its first moment has one."""
_METRICS = {"in_service": "GroupInServiceInstances", "desired": "GroupDesiredCapacity"}
_BROKEN = {"InternalError", "Forbidden"}
_MOST_ALARMS = 100
_ALARM_TYPES = ["MetricAlarm", "CompositeAlarm"]
_AGAIN = "what was measured is kept: write the report again, or without what AWS did"
_LATER = "what was measured is kept: wait a minute and write the report again"
_ALLOW = (
    "allow cloudwatch:GetMetricData, cloudwatch:DescribeAlarms, cloudwatch:DescribeAlarmHistory "
    "and autoscaling:DescribeScalingActivities, on * as composite alarms ask"
)
_REMEDIES = {
    **dict.fromkeys(("Throttling", "ThrottlingException", "RequestLimitExceeded"), _LATER),
    **dict.fromkeys(("AccessDenied", "AccessDeniedException"), _ALLOW),
}


class Watched(NamedTuple):
    """A Region of the platform: its clients, its group and alarms by name."""

    region: str
    cloudwatch: Any
    autoscaling: Any
    group: str
    """Empty where no instances are."""
    alarms: Sequence[str]


class _Span(NamedTuple):
    start: datetime
    end: datetime

    def holds(self, time: datetime) -> bool:
        return self.start <= time <= self.end


def events_during(places: Sequence[Watched], started: float, ended: float) -> tuple[Event, ...]:
    """All events between two moments (seconds since the epoch), in order of time.

    The first of each place's capacity and of each alarm is the state at the beginning. A group
    without metrics has no capacity, an alarm that is gone no state. Raises AwsError.
    """
    span = _Span(datetime.fromtimestamp(started, UTC), datetime.fromtimestamp(ended, UTC))
    found: list[Event] = []
    for place in places:
        with _explained(place.region):
            found += _alarms(place, span)
            if place.group:
                found += _capacity(place, span)
                found += _activities(place, span)
    return tuple(sorted(found, key=lambda event: event.time))


@contextmanager
def _explained(region: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code, said = error.response["Error"]["Code"], error.response["Error"]["Message"]
        what = f"{region}: {error.operation_name}: {code}: {said}"
        raise AwsError(f"{what}\n    {_REMEDIES.get(code, _AGAIN)}") from error
    except BotoCoreError as error:
        raise AwsError(f"{region}: AWS was not reached: {error}\n    {_AGAIN}") from error


def _capacity(place: Watched, span: _Span) -> Iterator[Event]:
    """Of the samples from before the run only the last one counts, as its first moment's."""
    samples = _samples(place, span)
    serving, desired = (samples[query] for query in _METRICS)
    times = sorted(serving.keys() & desired.keys())
    earlier = sum(time <= span.start for time in times)
    before = None
    for time in times[max(0, earlier - 1) :]:
        now = (round(serving[time]), round(desired[time]))
        if now != before:
            since = max(time, span.start).timestamp()
            yield Capacity(time=since, place=place.region, in_service=now[0], desired=now[1])
        before = now


def _samples(place: Watched, span: _Span) -> dict[str, dict[datetime, float]]:
    """Values by query and time. A query's values may be spread over pages.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
    """
    found: dict[str, dict[datetime, float]] = {query: {} for query in _METRICS}
    ended: dict[str, str] = {}
    pages = place.cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[_query(*each, place.group) for each in _METRICS.items()],
        StartTime=span.start - _EARLIER,
        EndTime=span.end,
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            values = zip(result["Timestamps"], result["Values"], strict=True)
            found[result["Id"]].update(values)
            ended[result["Id"]] = result.get("StatusCode", "Complete")
    _check_whole(place.region, ended)
    return found


def _check_whole(region: str, ended: dict[str, str]) -> None:
    """How a query's last page ended: an error before it was tried again by the next page."""
    broken = sorted({status for status in ended.values() if status in _BROKEN})
    if broken:
        raise AwsError(f"{region}: GetMetricData: {', '.join(broken)}\n    {_AGAIN}")


def _query(key: str, metric: str, group: str) -> dict[str, Any]:
    dimensions = [{"Name": "AutoScalingGroupName", "Value": group}]
    source = {"Namespace": "AWS/AutoScaling", "MetricName": metric, "Dimensions": dimensions}
    statistic = {"Metric": source, "Period": PERIOD_SECONDS, "Stat": "Maximum"}
    return {"Id": key, "MetricStat": statistic}


def _alarms(place: Watched, span: _Span) -> Iterator[Event]:
    """The first change after the beginning tells the state before it, even one after the end."""
    begun = span.start.timestamp()
    at_start = _states_now(place)
    changes = [*_changes(place, span.start)]
    for _, name, old, _ in reversed(changes):
        at_start[name] = old
    for name, state in at_start.items():
        yield Alarm(time=begun, place=place.region, name=name, state=state)
    for time, name, _, new in changes:
        if span.holds(time):
            yield Alarm(time=time.timestamp(), place=place.region, name=name, state=new)


def _states_now(place: Watched) -> dict[str, str]:
    names, states = list(place.alarms), {}
    for first in range(0, len(names), _MOST_ALARMS):
        pages = place.cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNames=names[first : first + _MOST_ALARMS], AlarmTypes=_ALARM_TYPES
        )
        for page in pages:
            for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())):
                states[alarm["AlarmName"]] = alarm["StateValue"]
    return states


def _changes(place: Watched, start: datetime) -> Iterator[tuple[datetime, str, str, str]]:
    """Time, alarm, state before and after, in order: one query for all alarms of the Region.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
    """
    if not place.alarms:
        return
    pages = place.cloudwatch.get_paginator("describe_alarm_history").paginate(
        AlarmTypes=_ALARM_TYPES,
        HistoryItemType="StateUpdate",
        StartDate=start,
        ScanBy="TimestampAscending",
    )
    watched = set(place.alarms)
    for page in pages:
        for item in page["AlarmHistoryItems"]:
            if item["AlarmName"] in watched:
                told = json.loads(item["HistoryData"])
                old, new = (told[which]["stateValue"] for which in ("oldState", "newState"))
                yield item["Timestamp"], item["AlarmName"], old, new


def _activities(place: Watched, span: _Span) -> Iterator[Event]:
    """Those that began during the run, failed ones too."""
    pages = place.autoscaling.get_paginator("describe_scaling_activities").paginate(
        AutoScalingGroupName=place.group, Filters=_began_in(span)
    )
    for page in pages:
        for activity in page["Activities"]:
            time, text = activity["StartTime"].timestamp(), _activity_text(activity)
            yield Activity(time=time, place=place.region, text=text)


def _began_in(span: _Span) -> list[dict[str, Any]]:
    """AWS' own filter: it keeps a group's activities for six weeks."""
    bounds = {"StartTimeLowerBound": span.start, "StartTimeUpperBound": span.end}
    return [{"Name": name, "Values": [time.isoformat()]} for name, time in bounds.items()]


def _activity_text(activity: dict[str, Any]) -> str:
    """What was done in the first line; how it ended and why in those below."""
    began, ended = activity["StartTime"], activity.get("EndTime")
    after = f" after {(ended - began).total_seconds():.0f} s" if ended else ""
    first = activity.get("Description") or activity["Cause"]
    lines = (
        first,
        activity["StatusCode"] + after,
        activity.get("StatusMessage"),
        activity["Cause"],
    )
    return "\n".join(dict.fromkeys(line for line in lines if line))
