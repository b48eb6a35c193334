"""What is seen from us-east-1 only: CloudFront, its firewall, Route 53's health checks.

Metrics: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
and https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""

from __future__ import annotations

from generator import names
from generator.layers import edge
from generator.layers.alarms import Level, Metric, Silence, Watch, percentile_of_many
from generator.layers.draft import Draft
from generator.layers.monitoring.watches.load_balancer import CRITICAL_ERRORS, REQUEST_FLOOR

NO_VIEWERS = Silence("notBreaching", "CloudFront reports nothing while nobody asks.")
WAY = 3
"""How much longer a request may take from the edge than at the load balancer."""

ACCOUNT_WIDE = "The query sees every health check of the account, other platforms' too."


def watches(draft: Draft) -> tuple[Watch, ...]:
    """What there is to watch with these settings."""
    settings = draft.settings
    found = []
    if settings.edge.enabled:
        found += [_errors(draft), _refusals(draft), _latency(draft)]
        if settings.edge.web_acl:
            found.append(_blocked(draft))
    if settings.domain:
        found += [_unhealthy(), _doubted()]
    return tuple(found)


def _of(draft: Draft, name: str, statistic: str = "Average") -> Metric:
    where = (("DistributionId", draft.need(edge.DISTRIBUTION_ID)), ("Region", "Global"))
    return Metric("AWS/CloudFront", name, statistic, where)


def _errors(draft: Draft) -> Watch:
    limit = draft.settings.monitoring.error_warning_percent
    why = "A share of all answers to viewers, the edge's own 5xx included."
    return Watch(
        "EdgeErrors",
        measure="5xx answers at the edge",
        unit="Percent",
        meaning="Viewers get 5xx from CloudFront.",
        remedy="Look at the Regions' rows of the dashboard: errors there too are the service's. "
        "Else 502: TLS or certificate of the origin; 504: the origin is out of reach.",
        silence=NO_VIEWERS,
        metrics={"measured": _of(draft, "5xxErrorRate")},
        warning=Level(limit, 3, why, window=5),
        critical=Level(min(100, CRITICAL_ERRORS * limit), 3, why + " Five times the warning."),
    )


def _refusals(draft: Draft) -> Watch:
    return Watch(
        "EdgeRefusals",
        measure="4xx answers at the edge",
        unit="Percent",
        meaning="Many viewers get 4xx: a broken link or release, a crawler, or the firewall.",
        remedy="See in CloudFront's logs which path and status. 403 everywhere: is the origin "
        "secret the same in CloudFront and at the load balancers?",
        silence=NO_VIEWERS,
        metrics={"measured": _of(draft, "4xxErrorRate")},
        warning=Level(20, 15, "Crawlers make a few; a fifth of all answers is a fault."),
        critical=Level(80, 5, "Nearly everybody is refused: as bad as being down."),
    )


def _latency(draft: Draft) -> Watch:
    """Warns only: where the service is slow, its Region pages."""
    limit = draft.settings.monitoring.latency_warning_seconds
    return Watch(
        "EdgeLatency",
        measure="Wait of the edge for the origin (p99)",
        unit="Milliseconds",
        meaning="CloudFront waits long for the Regions' answers.",
        remedy="Slow in a Region's row of the dashboard too: it is the service. Else the way: "
        "does routing send users to a far Region? Is Origin Shield on?",
        silence=NO_VIEWERS,
        **percentile_of_many(
            _of(draft, "Requests", "Sum"),
            _of(draft, "OriginLatency", "p99"),
            draft.tune(REQUEST_FLOOR),
        ),
        warning=Level(1000 * WAY * limit, 15, "Three times the service's own limit, for the way."),
    )


def _blocked(draft: Draft) -> Watch:
    where = (("WebACL", names.web_acl(draft.settings)), ("Rule", "ALL"))
    return Watch(
        "BlockedRequests",
        measure="Requests blocked in five minutes",
        unit="Count",
        meaning="The firewall blocks unusually many requests: an attack that is being held, or a "
        "rule that hits users.",
        remedy="See in the firewall's log which rule and whose requests. Users: set that rule to "
        "count. An attack that gets through: lower the rate limit, block its country.",
        silence=Silence("notBreaching", "Nothing blocked, nothing reported."),
        metrics={"blocked": Metric("AWS/WAFV2", "BlockedRequests", "Sum", where)},
        warning=Level(10000, 2, "What is blocked hurts nobody, so it only warns."),
        period=300,
    )


def _unhealthy() -> Watch:
    """By query: the checks' ids are made in stack set instances, whose outputs nobody can read."""
    return Watch(
        "HealthChecks",
        measure="Health check status",
        unit="Count",
        meaning="A health check fails: Route 53 leads users off a Region, or one is evacuated. "
        + ACCOUNT_WIDE,
        remedy="Health checks on the dashboard tell which. If nobody evacuated it: open that "
        "Region's dashboard. The other Regions carry its users: mind their maxima.",
        silence=Silence("breaching", "Without checks no failover happens: that has to be told."),
        expression='SELECT MIN(HealthCheckStatus) FROM SCHEMA("AWS/Route53", HealthCheckId)',
        below=True,
        critical=Level(1, 3),
    )


def _doubted() -> Watch:
    return Watch(
        "HealthCheckers",
        measure="Checkers that find an endpoint healthy",
        unit="Percent",
        meaning="Some of Route 53's checkers do not reach a Region, so some users may not either. "
        + ACCOUNT_WIDE,
        remedy="Look for packet loss or a slow health path: an answer has to come within two "
        "seconds. At 18 percent the check fails.",
        silence=Silence("notBreaching", "The alarm on the checks themselves tells their lack."),
        expression="SELECT MIN(HealthCheckPercentageHealthy) "
        'FROM SCHEMA("AWS/Route53", HealthCheckId)',
        below=True,
        warning=Level(75, 5, "About fifteen checkers over the world; a few may be cut off."),
    )
