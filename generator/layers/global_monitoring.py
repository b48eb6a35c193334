"""09 monitoring, the global part: what only us-east-1 sees, all Regions on one page, the bill.

The metrics of CloudFront, of its firewall and of health checks exist here only. An alarm cannot
read another Region's metrics or alarms, so the Regions page by themselves; the dashboard can, and
shows them side by side.
"""

from __future__ import annotations

from troposphere import GetAtt, Ref
from troposphere.cloudwatch import Dashboard

from generator.layers import budgets, compute, edge, load_balancer, monitoring
from generator.layers.alarms import Severity, add_all
from generator.layers.draft import Draft, Expression, Layer, Offer, Scope, Tunable
from generator.layers.monitoring import dashboards, topics, widgets
from generator.layers.monitoring.watches import edge as edge_watches
from generator.policies.topics import ALARMS, BUDGETS

EDGE_WARNING_TOPIC_ARN = Offer(
    "EdgeWarningTopicArn", "Topic of global warnings.", scope=Scope.EDGE, published=True
)
EDGE_CRITICAL_TOPIC_ARN = Offer(
    "EdgeCriticalTopicArn", "Topic of global pages.", scope=Scope.EDGE, published=True
)

BUDGET_STEPS: tuple[tuple[str, int, Severity], ...] = (
    ("ACTUAL", 80, "warning"),
    ("FORECASTED", 100, "warning"),
    ("ACTUAL", 100, "critical"),
)
"""What is compared with the budget, from which percent, and how loud."""


def fill(draft: Draft) -> None:
    """Topics, alarms on the edge and on health checks, the world's dashboard, the budget."""
    has_budget = draft.settings.monitoring.monthly_budget_usd > 0
    publishers = (ALARMS, BUDGETS) if has_budget else (ALARMS,)
    told = topics.add(draft, publishers, edge=True)
    actions: dict[Severity, Expression] = {severity: Ref(topic) for severity, topic in told.items()}
    alarms = add_all(draft, edge_watches.watches(draft), actions)
    _dashboard(draft, list(alarms))
    if has_budget:
        _budget(draft, actions)

    draft.offer(EDGE_WARNING_TOPIC_ARN, actions["warning"])
    draft.offer(EDGE_CRITICAL_TOPIC_ARN, actions["critical"])


# --- all Regions on one page ----------------------------------------------------------------------


def _dashboard(draft: Draft, own_alarms: list[str]) -> None:
    values = _regional_values(draft)
    arns = [f"${{{name}}}" for name in values if name.startswith(PAGES)]
    own = {alarm: GetAtt(alarm, "Arn") for alarm in own_alarms}
    if draft.settings.edge.enabled:
        values["Distribution"] = draft.need(edge.DISTRIBUTION_ID)
    arns += [f"${{{alarm}}}" for alarm in own]
    draft.add(
        Dashboard(
            "Dashboard",
            DashboardName=draft.name("world"),
            DashboardBody=widgets.body(dashboards.world(draft.settings, arns), {**values, **own}),
        )
    )


PAGES = ("Impaired", "AtRisk")
OF_A_REGION = {
    "LoadBalancer": load_balancer.LOAD_BALANCER_FULL_NAME,
    "Group": compute.GROUP_NAME,
    "Impaired": monitoring.IMPAIRED_ALARM_ARN,
    "AtRisk": monitoring.AT_RISK_ALARM_ARN,
}
"""What the dashboard shows of each Region; the rollout carries it here."""


def _regional_values(draft: Draft) -> dict[str, Expression]:
    return {
        name + dashboards.region_mark(region): draft.need(offer, region)
        for region in draft.settings.region_names
        for name, offer in OF_A_REGION.items()
    }


# --- the bill -------------------------------------------------------------------------------------


def _budget(draft: Draft, actions: dict[Severity, Expression]) -> None:
    """Over the whole account.

    A filter by tag would count nothing until somebody activates that tag for cost allocation in the
    billing console, and a budget that always reads zero is worse than one that reads too much. An
    environment that should be counted by itself belongs in an account of its own.
    """
    budgets.add(
        draft,
        "MonthlyBudget",
        _limit(draft),
        tuple((kind, percent, actions[severity]) for kind, percent, severity in BUDGET_STEPS),
        # The first notification may come at once: the topics have to admit it by then.
        DependsOn=["WarningTopicPolicy", "CriticalTopicPolicy"],
    )


def _limit(draft: Draft) -> Ref:
    return draft.tune(
        Tunable(
            "MonthlyBudgetUsd",
            "Monthly budget (USD)",
            "Of the whole account. Warns at 80 percent and when the forecast exceeds it.",
            default=draft.settings.monitoring.monthly_budget_usd,
            type="Number",
            minimum=1,
            cost="Free: it tells, and stops nothing.",
        )
    )


LAYER = Layer(
    name="global_monitoring",
    step="09",
    purpose="Global topics and alarms, the dashboard of all Regions, the budget",
    scope=Scope.EDGE,
    fill=fill,
    # Its alarm on health checks reads their absence as trouble: they have to stand first.
    after=("health_check",),
)
