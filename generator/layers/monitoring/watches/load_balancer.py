"""What the load balancer sees: latency, errors, requests, hosts. The users' own experience.

Metrics: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

from __future__ import annotations

from generator.layers import load_balancer
from generator.layers.alarms import Level, Metric, Silence, Watch, percentile_of_many
from generator.layers.draft import Draft, Expression, Tunable, Value, by_region, sub
from generator.settings.model import Settings

NAMESPACE = "AWS/ApplicationELB"
CRITICAL_LATENCY, CRITICAL_ERRORS = 2, 5
"""How much worse than `warning` is `critical`, as the settings' texts promise."""

NO_REQUESTS_NO_TROUBLE = Silence(
    "notBreaching", "The load balancer reports nothing while nothing is asked: nobody is hurt."
)
ERROR_REASON = "A share of all answers, so that the threshold holds by day and by night."
EMPTY_GROUP = Silence(
    "breaching", "Nothing is reported for a group without targets: then nobody serves."
)


def watches(draft: Draft) -> tuple[Watch, ...]:
    """The users' experience first, then the hosts behind it."""
    settings = draft.settings
    balancer = draft.need(load_balancer.LOAD_BALANCER_FULL_NAME)
    group = draft.need(load_balancer.TARGET_GROUP_FULL_NAME)
    requests = _of(balancer, "RequestCount", "Sum")
    floor = draft.tune(REQUEST_FLOOR)
    experience = (
        _latency(settings, requests, _of(balancer, "TargetResponseTime", "p99"), floor),
        _service_errors(
            settings, requests, _of(balancer, "HTTPCode_Target_5XX_Count", "Sum"), floor
        ),
        _own_errors(settings, requests, _of(balancer, "HTTPCode_ELB_5XX_Count", "Sum"), floor),
    )
    hosts = (
        _unhealthy(_of(balancer, "UnHealthyHostCount", "Maximum", group)),
        _healthy(settings, _of(balancer, "HealthyHostCount", "Minimum", group)),
    )
    return (*experience, *((_no_requests(requests),) if settings.domain else ()), *hosts)


def request_metric(draft: Draft) -> Metric:
    """The Region's requests a minute."""
    return _of(draft.need(load_balancer.LOAD_BALANCER_FULL_NAME), "RequestCount", "Sum")


REQUEST_FLOOR = Tunable(
    "MinimumRequestsPerMinute",
    "Requests that make shares and percentiles meaningful (a minute)",
    "With fewer, one failed or slow request would be an incident. 120 leaves Route 53's own checks "
    "out.",
    default=120,
    type="Number",
    minimum=1,
    cost="Free.",
)


def _of(balancer: Expression, name: str, statistic: str, group: Expression | None = None) -> Metric:
    scope = (("TargetGroup", group),) if group else ()
    return Metric(NAMESPACE, name, statistic, (*scope, ("LoadBalancer", balancer)))


def _latency(settings: Settings, requests: Metric, latency: Metric, floor: Expression) -> Watch:
    limit = settings.monitoring.latency_warning_seconds
    return Watch(
        "Latency",
        measure="Latency (p99)",
        unit="Seconds",
        meaning="One request in a hundred takes too long at the targets.",
        remedy="On the dashboard compare CPU, cache misses and table latency at that time: the one "
        "that rose with it is the cause. At the group's maximum, raise MaximumInstances.",
        silence=NO_REQUESTS_NO_TROUBLE,
        **percentile_of_many(requests, latency, floor),
        warning=Level(limit, 3, "p99 of the targets' response time.", window=5),
        critical=Level(CRITICAL_LATENCY * limit, 3, "Twice the warning: users leave."),
    )


def _service_errors(
    settings: Settings, requests: Metric, errors: Metric, floor: Expression
) -> Watch:
    return Watch(
        "TargetErrors",
        measure="5XX answers",
        unit="Percent",
        tuned_as="Errors",
        meaning="The service itself answers with 5XX.",
        remedy="Read the service's log group for the first error. After a release: roll it back. "
        "In one Region only: evacuate it.",
        silence=NO_REQUESTS_NO_TROUBLE,
        metrics={"requests": requests, "errors": errors},
        expression=sub(
            "IF(requests >= ${Floor}, 100 * FILL(errors, 0) / requests, 0)", Floor=floor
        ),
        warning=_some_errors(settings),
        critical=_many_errors(settings),
    )


def _own_errors(settings: Settings, requests: Metric, errors: Metric, floor: Expression) -> Watch:
    # RequestCount leaves out what was refused before a target was chosen: the 503s counted here.
    total = "(errors + FILL(requests, 0))"
    return Watch(
        "LoadBalancerErrors",
        measure="5XX answers",
        unit="Percent",
        tuned_as="Errors",
        meaning="The load balancer answers 5XX in the service's place.",
        remedy="502: instances drop connections (crash, keep-alive below the idle timeout). 503: "
        "no healthy target. 504: the service hangs. The access logs in the log bucket tell which.",
        silence=NO_REQUESTS_NO_TROUBLE,
        metrics={"requests": requests, "errors": errors},
        expression=sub(f"IF({total} >= ${{Floor}}, 100 * errors / {total}, 0)", Floor=floor),
        warning=_some_errors(settings),
        critical=_many_errors(settings),
    )


def _some_errors(settings: Settings) -> Level:
    return Level(settings.monitoring.error_warning_percent, 3, ERROR_REASON, window=5)


def _many_errors(settings: Settings) -> Level:
    limit = min(100, CRITICAL_ERRORS * settings.monitoring.error_warning_percent)
    return Level(limit, 3, ERROR_REASON + " Five times the warning.")


def _no_requests(requests: Metric) -> Watch:
    """Only with a domain: then Route 53's checkers ask every Region, even one without users.

    Without them a Region that merely waits for a failover would ring for ever.
    """
    return Watch(
        "NoRequests",
        measure="Requests",
        unit="Count",
        meaning="Not even Route 53's health checkers reach a target of this Region.",
        remedy="Check the load balancer's state, its security groups and its DNS record. Route 53 "
        "has led users elsewhere by now.",
        silence=Silence("breaching", "No data is just what no requests look like."),
        metrics={"requests": requests},
        below=True,
        warning=Level(1, 5),
        critical=Level(1, 10),
    )


def _unhealthy(hosts: Metric) -> Watch:
    return Watch(
        "UnhealthyHosts",
        measure="Unhealthy targets",
        unit="Count",
        meaning="Targets fail their health check and have not been replaced for ten minutes.",
        remedy="Read the group's activity history and the instance's service log: a start that "
        "fails repeats itself on each new instance.",
        silence=Silence("notBreaching", "No targets, none unhealthy; their lack rings by itself."),
        metrics={"hosts": hosts},
        warning=Level(1, 10),
    )


def _healthy(settings: Settings, hosts: Metric) -> Watch:
    default, others = _fewest(settings)
    return Watch(
        "HealthyHosts",
        measure="Healthy targets",
        unit="Count",
        meaning="Fewer healthy targets than the group's smallest size (critical: none at all).",
        remedy="See why instances do not come into service: the group's activity history "
        "(capacity, launch template, lifecycle hook), then the service's log.",
        silence=EMPTY_GROUP,
        metrics={"hosts": hosts},
        below=True,
        warning=Level(default, 10, "The night's minimum, so that nights are quiet.", 0, others),
        critical=Level(1, 3),
    )


def _fewest(settings: Settings) -> tuple[int, tuple[tuple[str, Value], ...]]:
    """The smallest group by day and night: for all Regions, and where it differs."""
    nights = settings.schedule.night_minimum_instances if settings.schedule else None
    by_day = settings.compute.minimum_instances
    regions = {region.name: region.minimum_instances or by_day for region in settings.regions}
    fewest = {name: min(day, nights or day) for name, day in regions.items()}
    default = min(by_day, nights or by_day)
    differing = {name: count for name, count in fewest.items() if count != default}
    return default, by_region(settings, differing)
