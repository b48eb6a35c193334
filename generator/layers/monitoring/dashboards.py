"""The bodies of the dashboards: of one Region, and of all of them.

`${…}` stands for what only the stack knows; each function says which values it expects.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator import names
from generator.layers.monitoring.widgets import (
    HERE,
    Line,
    Row,
    Widget,
    found,
    graph,
    line,
    states,
    text,
)
from generator.settings.model import Settings

BALANCER, GROUP = "AWS/ApplicationELB", "AWS/AutoScaling"


# --- one Region -----------------------------------------------------------------------------------


def regional(settings: Settings, alarms: Sequence[str], nodes: Sequence[str]) -> list[Row]:
    """Alarms, then the way of a request: load balancer, fleet, cache, tables.

    Placeholders: LoadBalancer, TargetGroup, Group, CacheGroup, and the alarms' logical ids.
    """
    return [
        states("Alarms", [f"${{{alarm}.Arn}}" for alarm in alarms]),
        [text(f"## {settings.prefix} in {HERE}: users")],
        traffic("${LoadBalancer}", HERE),
        [text("## Fleet")],
        [fleet("${Group}", HERE), _hosts(), _cpu(), _network()],
        [text("## Cache")],
        [
            _nodes("CPU (engine)", nodes, "%", EngineCPUUtilization="Average"),
            _nodes("Memory", nodes, "%", DatabaseMemoryUsagePercentage="Maximum"),
            _nodes("Connections", nodes, CurrConnections="Maximum", NewConnections="Sum"),
        ],
        [
            _nodes("Commands", nodes, "a minute", GetTypeCmds="Sum", SetTypeCmds="Sum"),
            _nodes("Hits and misses", nodes, "a minute", CacheHits="Sum", CacheMisses="Sum"),
            _nodes("Evictions and lag", nodes, Evictions="Sum", ReplicationLag="Maximum"),
        ],
        [text("## Tables")],
        [_table(settings, purpose) for purpose in names.TABLES],
    ]


def traffic(balancer: str, region: str) -> list[Widget]:
    """Requests, latency and errors of a load balancer."""

    def of(name: str, stat: str, label: str) -> Line:
        return line(BALANCER, name, stat, label, LoadBalancer=balancer)

    return [
        graph("Requests", of("RequestCount", "Sum", "requests"), region=region, unit="a minute"),
        graph(
            "Latency",
            *(of("TargetResponseTime", stat, stat) for stat in ("p50", "p90", "p99")),
            region=region,
            unit="s",
        ),
        graph(
            "Errors",
            of("HTTPCode_Target_5XX_Count", "Sum", "service 5XX"),
            of("HTTPCode_ELB_5XX_Count", "Sum", "load balancer 5XX"),
            of("HTTPCode_Target_4XX_Count", "Sum", "service 4XX"),
            region=region,
            unit="a minute",
        ),
    ]


def fleet(group: str, region: str) -> Widget:
    """The group's size between its bounds."""
    sizes = {
        "GroupInServiceInstances": "in service",
        "GroupDesiredCapacity": "desired",
        "GroupMinSize": "minimum",
        "GroupMaxSize": "maximum",
    }
    lines = [
        line(GROUP, name, "Average", label, AutoScalingGroupName=group)
        for name, label in sizes.items()
    ]
    return graph("Instances", *lines, region=region)


def _hosts() -> Widget:
    where = {"TargetGroup": "${TargetGroup}", "LoadBalancer": "${LoadBalancer}"}
    return graph(
        "Targets",
        line(BALANCER, "HealthyHostCount", "Minimum", "healthy", **where),
        line(BALANCER, "UnHealthyHostCount", "Maximum", "unhealthy", **where),
        line(BALANCER, "RequestCountPerTarget", "Sum", "requests a target", **where),
    )


def _cpu() -> Widget:
    stats = ("Average", "Maximum")
    lines = [
        line("AWS/EC2", "CPUUtilization", stat, stat.lower(), AutoScalingGroupName="${Group}")
        for stat in stats
    ]
    return graph("CPU", *lines, unit="%")


def _network() -> Widget:
    lines = [
        line("AWS/EC2", name, "Average", label, AutoScalingGroupName="${Group}")
        for name, label in (("NetworkIn", "received"), ("NetworkOut", "sent"))
    ]
    return graph("Network of an instance", *lines, unit="bytes a minute")


def _nodes(title: str, nodes: Sequence[str], unit: str = "", **stats: str) -> Widget:
    lines = [
        line("AWS/ElastiCache", name, stat, f"{name} {node}", CacheClusterId="${CacheGroup}" + node)
        for name, stat in stats.items()
        for node in nodes
    ]
    return graph(title, *lines, unit=unit)


OPERATIONS = ("GetItem", "PutItem", "UpdateItem", "Query")


def _table(settings: Settings, purpose: str) -> Widget:
    table = names.table(settings, purpose)

    def of(name: str, stat: str, label: str, **more: str) -> Line:
        return line("AWS/DynamoDB", name, stat, label, TableName=table, **more)

    latencies = [
        of("SuccessfulRequestLatency", "Average", f"{operation} ms", Operation=operation)
        for operation in OPERATIONS
    ]
    return graph(
        table,
        *latencies,
        of("ReadThrottleEvents", "Sum", "throttled reads"),
        of("WriteThrottleEvents", "Sum", "throttled writes"),
    )


# --- all Regions ----------------------------------------------------------------------------------


def world(settings: Settings, alarms: Sequence[str]) -> list[Row]:
    """Alarms of all Regions, the edge, DNS health, then a row a Region.

    Placeholders: Distribution, and with a Region's mark: LoadBalancer, Group.
    """
    rows: list[Row] = [states("Alarms", alarms)]
    if settings.edge.enabled:
        rows += [[text("## Edge")], _edge(settings)]
    if settings.domain:
        rows += [[text("## Health checks (1: Route 53 sends users there)")], [_health()]]
    for region in settings.region_names:
        mark = region_mark(region)
        balancer, group = f"${{LoadBalancer{mark}}}", f"${{Group{mark}}}"
        rows += [[text(f"## {region}")], [*traffic(balancer, region), fleet(group, region)]]
    return rows


def region_mark(region: str) -> str:
    """A Region's name as it stands in a placeholder: ApNortheast2."""
    return "".join(part.capitalize() for part in region.split("-"))


def _edge(settings: Settings) -> list[Widget]:
    def of(name: str, stat: str, label: str) -> Line:
        where = {"DistributionId": "${Distribution}", "Region": "Global"}
        return line("AWS/CloudFront", name, stat, label, **where)

    widgets = [
        graph("Requests", of("Requests", "Sum", "requests"), unit="a minute"),
        graph(
            "Error and hit rates",
            of("5xxErrorRate", "Average", "5xx"),
            of("4xxErrorRate", "Average", "4xx"),
            of("CacheHitRate", "Average", "cache hits"),
            unit="%",
        ),
        graph(
            "Wait for the origin",
            *(of("OriginLatency", stat, stat) for stat in ("p50", "p90", "p99")),
            unit="ms",
        ),
    ]
    return [*widgets, _firewall(settings)] if settings.edge.web_acl else widgets


def _firewall(settings: Settings) -> Widget:
    lines = [
        line("AWS/WAFV2", name, "Sum", label, WebACL=names.web_acl(settings), Rule="ALL")
        for name, label in (("AllowedRequests", "allowed"), ("BlockedRequests", "blocked"))
    ]
    return graph("Firewall", *lines, unit="a minute")


def _health() -> Widget:
    query = '{AWS/Route53,HealthCheckId} MetricName="HealthCheckStatus"'
    return graph("Health checks", found(query, "Minimum"))
