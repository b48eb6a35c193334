"""The evacuation switch of each Region, and what Route 53's health checks make of it.

A Region's checks are found in the Region itself: its stack of the stack set holds them. So nothing
here needs the home Region, or Route 53's control plane, which may be what is down.

Their state is read from CloudWatch: GetHealthCheckStatus does not answer for calculated checks
(https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html), while every
check has the metric HealthCheckStatus, 1 while it is healthy, in us-east-1 only
(https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html). What can't
be reached is unknown, never an error: one asks when something is broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from generator.deploy.aws import Aws
from generator.deploy.failures import FAULTS
from generator.deploy.release import Kind, Release, Unit

METRICS_REGION = "us-east-1"
FRESH = timedelta(minutes=5)
"""How old the last known state of a check may be: CloudWatch has one a minute."""

SWITCH, CALCULATED, ENDPOINT = "switch", "region", "endpoint"
KINDS = {"CLOUDWATCH_METRIC": SWITCH, "CALCULATED": CALCULATED}
"""By HealthCheckConfig.Type; the other types ask an endpoint."""


class Check(StrEnum):
    """What Route 53 thinks, as far as it can be seen."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


class Switch(StrEnum):
    """The state of a Region's switch: its alarm's, in words."""

    IN_SERVICE = "in service"
    EVACUATED = "evacuated"
    NEVER_SET = "never set"
    MISSING = "missing"
    UNKNOWN = "unknown"


ALARM_STATES = {
    "OK": Switch.IN_SERVICE,
    "ALARM": Switch.EVACUATED,
    "INSUFFICIENT_DATA": Switch.NEVER_SET,
}


class Health(NamedTuple):
    """A Region's place in DNS."""

    region: str
    switch: Switch
    checks: Mapping[str, Check]
    """By kind: `switch`, `endpoint`, and `region`, which is calculated from both."""

    @property
    def calculated(self) -> Check:
        """What its records obey."""
        return self.checks.get(CALCULATED, Check.UNKNOWN)

    @property
    def is_out(self) -> bool:
        """Whether it surely gets no users."""
        return self.switch in (Switch.EVACUATED, Switch.MISSING) or (
            self.calculated is Check.UNHEALTHY
        )


def switch_unit(release: Release) -> Unit | None:
    """The stack set that makes the switches; None where the environment has no domain."""
    for unit in release.units:
        if release.evacuation and unit.kind is Kind.STACK_SET and switch_alarm(release, unit):
            return unit
    return None


def switch_alarm(release: Release, unit: Unit) -> Mapping[str, Any] | None:
    """The properties of the switch's alarm in a unit's template, if it is there."""
    wanted = release.evacuation.alarm if release.evacuation else None
    for resource in release.body(unit.template)["Resources"].values():
        properties: Mapping[str, Any] = resource.get("Properties", {})
        if resource["Type"] == "AWS::CloudWatch::Alarm" and properties.get("AlarmName") == wanted:
            return properties
    return None


def read_health(aws: Aws, release: Release) -> tuple[Health, ...]:
    """Every Region that has a switch, in the settings' order; none without a domain."""
    unit = switch_unit(release)
    if unit is None:
        return ()
    with ThreadPoolExecutor(len(unit.regions)) as pool:
        switches = list(pool.map(lambda r: _switch(aws, release, r), unit.regions))
        checks = list(pool.map(lambda r: _check_ids(aws, release, unit, r), unit.regions))
    states = _states(aws, [check for ids in checks for check in ids.values()])
    return tuple(
        Health(region, switch, {kind: states.get(i, Check.UNKNOWN) for kind, i in ids.items()})
        for region, switch, ids in zip(unit.regions, switches, checks, strict=True)
    )


def _switch(aws: Aws, release: Release, region: str) -> Switch:
    assert release.evacuation is not None
    name = release.evacuation.alarm
    try:
        found = aws.client("cloudwatch", region).describe_alarms(AlarmNames=[name])["MetricAlarms"]
    except FAULTS:
        return Switch.UNKNOWN
    return ALARM_STATES[found[0]["StateValue"]] if found else Switch.MISSING


def _check_ids(aws: Aws, release: Release, unit: Unit, region: str) -> dict[str, str]:
    """By kind, the ids of a Region's health checks."""
    kinds = {
        name: KINDS.get(resource["Properties"]["HealthCheckConfig"]["Type"], ENDPOINT)
        for name, resource in release.body(unit.template)["Resources"].items()
        if resource["Type"] == "AWS::Route53::HealthCheck"
    }
    try:
        return {kinds[n]: i for n, i in _resources(aws, unit, region) if n in kinds}
    except FAULTS:
        return {}


def _resources(aws: Aws, unit: Unit, region: str) -> Iterator[tuple[str, str]]:
    """Logical and physical ids of what the Region's instance of a stack set made."""
    client = aws.client("cloudformation", region)
    for page in client.get_paginator("list_stacks").paginate():
        for stack in page["StackSummaries"]:
            name, status = stack["StackName"], stack["StackStatus"]
            if name.startswith(f"StackSet-{unit.name}-") and status != "DELETE_COMPLETE":
                pages = client.get_paginator("list_stack_resources").paginate(
                    StackName=stack["StackId"]
                )
                for resources in pages:
                    for entry in resources["StackResourceSummaries"]:
                        yield entry["LogicalResourceId"], entry.get("PhysicalResourceId", "")


def _states(aws: Aws, ids: list[str]) -> dict[str, Check]:
    """What the checks last said, in one call."""
    if not ids:
        return {}
    now = datetime.now(UTC)
    try:
        answer = aws.client("cloudwatch", METRICS_REGION).get_metric_data(
            MetricDataQueries=[_query(f"check{n}", check) for n, check in enumerate(ids)],
            StartTime=now - FRESH,
            EndTime=now,
            ScanBy="TimestampDescending",
        )
    except FAULTS:
        return {}
    by_query = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
    return {check: _state(by_query.get(f"check{n}", [])) for n, check in enumerate(ids)}


def _query(name: str, check: str) -> dict[str, Any]:
    metric = {
        "Namespace": "AWS/Route53",
        "MetricName": "HealthCheckStatus",
        "Dimensions": [{"Name": "HealthCheckId", "Value": check}],
    }
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Minimum"}}


def _state(values: list[float]) -> Check:
    if not values:
        return Check.UNKNOWN
    return Check.HEALTHY if values[0] >= 1 else Check.UNHEALTHY
