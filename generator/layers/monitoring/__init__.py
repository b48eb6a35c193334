"""09 monitoring: who is told when a Region is not well, and where they look.

Warnings go to the warning topic, each by itself: they are read in office hours. Critical alarms are
recorded there too, but wake people only through two composite alarms on the critical topic:

    ServiceImpaired   users are hurt now (latency, errors, nobody answers)
    ServiceAtRisk     something is used up and no automation helps; quiet while the former rings

So an incident with ten symptoms is one page. What an alarm means and what to do stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from troposphere import GetAtt, Ref
from troposphere.cloudwatch import Alarm, Dashboard, MetricDataQuery

from generator.layers import cache, compute, load_balancer
from generator.layers.alarms import Actions, add_all, add_composite, query, ringing
from generator.layers.draft import Draft, Expression, Layer, Offer, Scope, Tunable, sub
from generator.layers.monitoring import dashboards, topics, widgets
from generator.layers.monitoring.watches import aurora as aurora_watches
from generator.layers.monitoring.watches import cache as cache_watches
from generator.layers.monitoring.watches import fleet as fleet_watches
from generator.layers.monitoring.watches import load_balancer as load_balancer_watches
from generator.layers.monitoring.watches import tables as table_watches
from generator.settings.model import Settings

WARNING_TOPIC_ARN = Offer("WarningTopicArn", "Topic of the Region's warnings.", published=True)
CRITICAL_TOPIC_ARN = Offer("CriticalTopicArn", "Topic of the Region's pages.", published=True)
IMPAIRED_ALARM_ARN = Offer("ServiceImpairedAlarmArn", "Alarm: users of the Region are hurt.")
AT_RISK_ALARM_ARN = Offer("ServiceAtRiskAlarmArn", "Alarm: users of the Region are next.")
SYMPTOM_ALARM_ARNS = {
    title: Offer(f"{title}AlarmArn", f"Alarm: {meaning}")
    for title, meaning in {
        "LatencyCritical": "users of the Region wait too long.",
        "TargetErrorsCritical": "the service fails users of the Region.",
        "LoadBalancerErrorsCritical": "the load balancer fails users of the Region.",
        "NoRequestsCritical": "nobody reaches the Region.",
        "HealthyHostsCritical": "nobody serves the Region.",
    }.items()
}
"""What ServiceImpaired is made of, alarm by alarm, for those who take no composite alarms."""

CPU, FULL = "CpuCritical", "GroupFullWarning"
SILENT_REGION = "A Region that waits for a failover has no requests; a lack of all rings by itself."


def fill(draft: Draft) -> None:
    """Topics, alarms on symptoms and causes, the two that page, the dashboard."""
    told = topics.add(draft)
    warning, critical = Ref(told["warning"]), Ref(told["critical"])
    recorded: Actions = {"warning": warning, "critical": warning}

    symptoms = add_all(draft, load_balancer_watches.watches(draft), recorded)
    for title in _critical(symptoms):
        draft.offer(SYMPTOM_ALARM_ARNS[title], GetAtt(title, "Arn"))
    causes = {
        **add_all(draft, fleet_watches.watches(draft), recorded),
        **add_all(draft, cache_watches.watches(draft), recorded),
        **add_all(draft, table_watches.watches(draft), recorded),
        **add_all(draft, aurora_watches.watches(draft), recorded),
    }
    pages = _pages(draft, symptoms, causes, critical)
    learned = [_anomaly(draft, warning)] if draft.settings.monitoring.anomaly_detection else []
    _dashboard(draft, [*pages, *symptoms, *causes, *learned])

    draft.offer(WARNING_TOPIC_ARN, warning)
    draft.offer(CRITICAL_TOPIC_ARN, critical)


# --- what wakes people ----------------------------------------------------------------------------


def _pages(
    draft: Draft, symptoms: Iterable[str], causes: Iterable[str], action: Expression
) -> list[str]:
    impaired = add_composite(
        draft,
        "ServiceImpaired",
        " OR ".join(ringing(alarm) for alarm in _critical(symptoms)),
        "PAGE: users of this Region are hurt now. Open the Region's dashboard: the first row says "
        "which alarms ring, and each says what to do. If no cause is found within minutes and "
        "another Region is well, evacuate this one.",
        action,
    )
    at_risk = add_composite(
        draft,
        "ServiceAtRisk",
        _risk(causes),
        "PAGE: something in this Region is used up (fleet, cache or tables) and automation cannot "
        "help; users are hurt next. Open the Region's dashboard: the first row says which alarms "
        "ring, and each says what to do.",
        action,
        suppressor=impaired,
    )
    draft.offer(IMPAIRED_ALARM_ARN, GetAtt(impaired, "Arn"))
    draft.offer(AT_RISK_ALARM_ARN, GetAtt(at_risk, "Arn"))
    return [impaired.title, at_risk.title]


def symptom_alarms(settings: Settings) -> list[Offer]:
    """The critical alarms on symptoms that a Region of these settings has."""
    absent = () if settings.domain else ("NoRequestsCritical",)
    return [offer for title, offer in SYMPTOM_ALARM_ARNS.items() if title not in absent]


def _risk(causes: Iterable[str]) -> str:
    """Any critical cause; but a busy CPU only once the group cannot grow any more."""
    alone = [ringing(alarm) for alarm in _critical(causes) if alarm != CPU]
    return " OR ".join([f"({ringing(CPU)} AND {ringing(FULL)})", *alone])


def _critical(alarms: Iterable[str]) -> list[str]:
    return [alarm for alarm in alarms if alarm.endswith("Critical")]


# --- what was learned -----------------------------------------------------------------------------


BAND_WIDTH = Tunable(
    "RequestBandWidth",
    "Width of the learned band of requests (standard deviations)",
    "Requests outside of it warn. 3 leaves ordinary days alone; 2 notices more, and errs.",
    default=3,
    type="Number",
    minimum=1,
    maximum=10,
    cost="Free: the alarm is billed per month, whatever its width.",
)


def _anomaly(draft: Draft, action: Expression) -> str:
    """Requests outside the band that CloudWatch learned for this hour of the week."""
    requests = load_balancer_watches.request_metric(draft)
    width = draft.tune(BAND_WIDTH)
    alarm = Alarm(
        "RequestsUnusual",
        AlarmDescription="WARNING: far more or fewer requests than usual at this hour of the week. "
        "Fewer: does DNS, the edge or another Region send users elsewhere? More: a campaign, a bot "
        "or a retry storm? Mind the group's maximum.",
        AlarmActions=[action],
        ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold",
        ThresholdMetricId="band",
        EvaluationPeriods=3,
        DatapointsToAlarm=3,
        TreatMissingData="notBreaching",
        Metadata={"Reasons": {"TreatMissingData": SILENT_REGION}},
        Metrics=[
            query("requests", requests, 300, shown=True),
            MetricDataQuery(
                Id="band",
                Expression=sub("ANOMALY_DETECTION_BAND(requests, ${Width})", Width=width),
                ReturnData=True,
            ),
        ],
    )
    return str(draft.add(alarm).title)


# --- where they look ------------------------------------------------------------------------------


def _dashboard(draft: Draft, alarms: list[str]) -> None:
    nodes = cache_watches.node_suffixes(draft.settings)
    draft.add(
        Dashboard(
            "Dashboard",
            # Dashboards are global in an account: the Region tells them apart.
            DashboardName=sub(draft.name("${AWS::Region}")),
            DashboardBody=widgets.body(
                dashboards.regional(draft.settings, alarms, nodes),
                {
                    "LoadBalancer": draft.need(load_balancer.LOAD_BALANCER_FULL_NAME),
                    "TargetGroup": draft.need(load_balancer.TARGET_GROUP_FULL_NAME),
                    "Group": draft.need(compute.GROUP_NAME),
                    "CacheGroup": draft.need(cache.REPLICATION_GROUP_ID),
                },
            ),
        )
    )


LAYER = Layer(
    name="monitoring",
    step="09",
    purpose="Topics, alarms in two severities, the two that page, the Region's dashboard",
    scope=Scope.REGIONAL,
    fill=fill,
)
