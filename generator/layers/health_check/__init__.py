"""08 health check: a Region's place in DNS, and what takes it out. A stack set over the Regions.

    endpoint check      asks the Region's own name over HTTPS, from around the world
    switch check        reads the metric `Evacuated`, which an operator sets
    Region's check      calculated: healthy while both of these are
    origin record       alias of the Region's own name: in the routing while that check is healthy
                        and the load balancer has a healthy target

A record is never changed to move traffic. Health is Route 53's data plane, in many Regions; records
are its control plane, in us-east-1, which may be what is down:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/best-practices-dns.html

Both HealthCheckId and EvaluateTargetHealth: the record is answered only while both agree, and the
target of an alias may be an alias itself.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html
"""

from __future__ import annotations

from troposphere import Ref, Tags
from troposphere.cloudwatch import Alarm, MetricDimension
from troposphere.route53 import AlarmIdentifier, HealthCheck, HealthCheckConfig

from generator import names
from generator.layers.draft import Draft, Layer, Scope, Tunable, sub
from generator.layers.health_check.origin_records import add_origin_records
from generator.settings.model import Domain

REGION = Ref("AWS::Region")
PERIOD_SECONDS = 60
"""Route 53 reads standard-resolution metrics only."""


def fill(draft: Draft) -> None:
    """Two things can take the Region out; the record obeys both."""
    assert draft.settings.domain is not None
    endpoint = _endpoint_check(draft, draft.settings.domain)
    switch = _switch_check(draft, _switch_alarm(draft))
    add_origin_records(draft, _region_check(draft, [endpoint, switch]))


def _endpoint_check(draft: Draft, domain: Domain) -> HealthCheck:
    """Asks the Region's own name, never the routed one: that would ask whichever Region is healthy.

    No list of checker Regions: the default is all of them, and some may be cut off.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
    """
    failures = draft.tune(
        Tunable(
            "HealthCheckFailures",
            "Failed checks in a row",
            "Failed checks in a row that make a Region's endpoint unhealthy.",
            default=domain.check_failures,
            type="Number",
            minimum=1,
            maximum=10,
            cost="Free: a check is billed per month, however many failures it takes.",
        )
    )
    config = HealthCheckConfig(
        Type="HTTPS",
        FullyQualifiedDomainName=sub(names.regional_origin(draft.settings)),
        Port=443,
        EnableSNI=True,
        ResourcePath=draft.settings.load_balancer.health_check_path,
        RequestInterval=domain.check_interval_seconds,
        FailureThreshold=failures,
        MeasureLatency=True,  # What users far away wait for. It cannot be turned on later.
    )
    return _check(draft, "EndpointCheck", "endpoint", config)


def _switch_alarm(draft: Draft) -> Alarm:
    """The evacuation switch. One value of 1 evacuates, one value of 0 brings back.

    It keeps its state in between: who evacuates need not stay at the switch, and a Region does not
    return because somebody's terminal was closed. Nothing of it can be tuned: Route 53 copies an
    alarm's settings when its check is made, and does not notice when they change.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-cloudwatch-alarm-settings.html
    """
    critical = sub(names.topic_arn(draft.settings, "critical"))
    return draft.add(
        Alarm(
            "EvacuationSwitch",
            AlarmName=names.switch_alarm(draft.settings),
            AlarmDescription=(
                "CRITICAL: This Region is evacuated: Route 53 sends it no users. Somebody set the "
                f"metric {names.SWITCH_METRIC} to 1. When the Region is well, set it to 0."
            ),
            AlarmActions=[critical],
            OKActions=[critical],
            Namespace=names.switch_namespace(draft.settings),
            MetricName=names.SWITCH_METRIC,
            Dimensions=[MetricDimension(Name="Region", Value=REGION)],
            # Two values in one minute that contradict each other: the careful one counts.
            Statistic="Maximum",
            Period=PERIOD_SECONDS,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            # The switch is silent but for the moments in which it is set: silence changes nothing.
            TreatMissingData="ignore",
        )
    )


def _switch_check(draft: Draft, alarm: Alarm) -> HealthCheck:
    """Route 53 reads the alarm's metric itself, not the alarm's state: SetAlarmState does nothing.

    So what silence means is said again here. A switch that was never set has no last status, and
    then counts as healthy.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
    """
    config = HealthCheckConfig(
        Type="CLOUDWATCH_METRIC",
        AlarmIdentifier=AlarmIdentifier(Name=Ref(alarm), Region=REGION),
        InsufficientDataHealthStatus="LastKnownStatus",
    )
    return _check(draft, "SwitchCheck", "switch", config)


def _region_check(draft: Draft, children: list[HealthCheck]) -> HealthCheck:
    config = HealthCheckConfig(
        Type="CALCULATED",
        ChildHealthChecks=[Ref(child) for child in children],
        HealthThreshold=len(children),
    )
    return _check(draft, "RegionCheck", "region", config)


def _check(draft: Draft, title: str, suffix: str, config: HealthCheckConfig) -> HealthCheck:
    """Health checks are global: only their Name tag tells the console whose they are."""
    name = sub(f"{draft.settings.prefix}-${{AWS::Region}}-{suffix}")
    return draft.add(HealthCheck(title, HealthCheckConfig=config, HealthCheckTags=Tags(Name=name)))


LAYER = Layer(
    name="health_check",
    step="08",
    purpose="A Region's health checks, evacuation switch and origin record",
    scope=Scope.WORKLOAD,
    fill=fill,
    after=("foundation", "regional"),
    wanted=lambda settings: settings.domain is not None,
)
