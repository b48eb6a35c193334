"""09 monitoring, global: the edge, health checks, all Regions on one page, the bill."""

from __future__ import annotations

import json

import pytest

from generator import names
from generator.layers import edge, global_monitoring
from generator.layers.draft import Scope
from generator.settings.sections import Edge, Monitoring, WebAcl
from tests.layers.alarming import (
    assert_complete,
    dashboard,
    expression,
    metric_alarms,
    metric_names,
    of_type,
    statement,
)
from tests.layers.support import REGIONS, drafted, filled, settings

LAYER = global_monitoring.LAYER
EVERYTHING = settings(
    edge=Edge(web_acl=WebAcl()),
    monitoring=Monitoring(emails=["a@example.com"], monthly_budget_usd=500),
)
MODES = {
    "everything": EVERYTHING,
    "domain": settings(edge=Edge(enabled=False)),
    "edge": settings(domain=None),
}


def test_it_stands_where_global_metrics_are_and_is_always_wanted() -> None:
    assert LAYER.scope is Scope.EDGE
    assert all(LAYER.wanted(mode) for mode in MODES.values())


@pytest.mark.parametrize("mode", MODES)
def test_every_alarm_acts_and_explains_itself(mode: str) -> None:
    assert_complete(filled(LAYER, MODES[mode]))


def test_severities_go_to_their_own_topics() -> None:
    for name, alarm in metric_alarms(filled(LAYER, EVERYTHING)).items():
        topic = "CriticalTopic" if name.endswith("Critical") else "WarningTopic"
        assert alarm["AlarmActions"] == [{"Ref": topic}], name


def test_its_topics_do_not_clash_with_those_of_the_region() -> None:
    topics = of_type(filled(LAYER, EVERYTHING), "AWS::SNS::Topic").values()
    found = {topic["TopicName"] for topic in topics}
    assert found == {
        names.topic(EVERYTHING, severity, edge=True) for severity in ("warning", "critical")
    }


# --- the edge -------------------------------------------------------------------------------------


def test_the_distribution_is_imported_from_its_neighbour() -> None:
    draft = drafted(LAYER, EVERYTHING)
    assert edge.DISTRIBUTION_ID.name in draft.imports
    assert edge.DISTRIBUTION_ID.name not in draft.needs


def test_the_edge_is_watched_only_where_there_is_one() -> None:
    read = [metric_names(alarm) for alarm in metric_alarms(filled(LAYER, EVERYTHING)).values()]
    for metric in ("5xxErrorRate", "4xxErrorRate", "OriginLatency", "BlockedRequests"):
        assert any(metric in names_read for names_read in read)
    without = drafted(LAYER, MODES["domain"])
    assert not without.imports
    assert not any("Edge" in title for title in without.template.resources)


def test_the_edge_does_not_wait_at_night_for_what_rang_by_day() -> None:
    alarm = metric_alarms(filled(LAYER, EVERYTHING))["EdgeLatencyWarning"]
    assert expression(alarm) == "IF(requests >= ${Floor}, percentile, 0)"
    assert metric_names(alarm) == {"Requests", "OriginLatency"}


def test_the_firewall_is_watched_only_where_there_is_one() -> None:
    alarm = metric_alarms(filled(LAYER, EVERYTHING))["BlockedRequestsWarning"]
    assert {"Name": "WebACL", "Value": names.web_acl(EVERYTHING)} in alarm["Dimensions"]
    # Metrics of the CLOUDFRONT scope have no Region dimension.
    assert {dimension["Name"] for dimension in alarm["Dimensions"]} == {"WebACL", "Rule"}
    assert "BlockedRequestsWarning" not in metric_alarms(filled(LAYER, settings()))


# --- health checks --------------------------------------------------------------------------------


def test_health_checks_page_by_a_query_because_their_ids_are_not_known() -> None:
    alarm = metric_alarms(filled(LAYER, EVERYTHING))["HealthChecksCritical"]
    assert expression(alarm) == (
        'SELECT MIN(HealthCheckStatus) FROM SCHEMA("AWS/Route53", HealthCheckId)'
    )
    (query,) = alarm["Metrics"]
    assert query["Period"] == 60
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert "account" in alarm["AlarmDescription"]


def test_without_a_domain_there_are_no_health_checks() -> None:
    assert not any("Health" in name for name in metric_alarms(filled(LAYER, MODES["edge"])))


# --- all Regions on one page ----------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_the_dashboard_has_a_row_for_every_region(mode: str) -> None:
    body = dashboard(filled(LAYER, MODES[mode]))
    widgets = json.loads(body)["widgets"]
    for region in REGIONS:
        rows = [w for w in widgets if w["properties"].get("region") == region]
        assert len(rows) == 4
        assert len({widget["y"] for widget in rows}) == 1


def test_what_the_rows_show_is_carried_from_each_region() -> None:
    needs = drafted(LAYER, EVERYTHING).needs.values()
    assert {need.region for need in needs} == set(REGIONS)
    assert {need.offer.name for need in needs} == {
        "LoadBalancerFullName",
        "AutoScalingGroupName",
        "ServiceImpairedAlarmArn",
        "ServiceAtRiskAlarmArn",
    }


def test_the_pages_of_all_regions_and_its_own_alarms_are_shown() -> None:
    body = dashboard(filled(LAYER, EVERYTHING))
    for name in ("ImpairedApNortheast2", "AtRiskEuWest1", "HealthChecksCritical"):
        assert f"${{{name}}}" in body


# --- the bill -------------------------------------------------------------------------------------


def test_a_budget_tells_of_spending_and_of_the_forecast() -> None:
    template = filled(LAYER, EVERYTHING)
    (budget,) = of_type(template, "AWS::Budgets::Budget").values()
    told = {
        (
            one["Notification"]["NotificationType"],
            one["Notification"]["Threshold"],
            one["Subscribers"][0]["Address"]["Ref"],
        )
        for one in budget["NotificationsWithSubscribers"]
    }
    assert told == {
        ("ACTUAL", 80, "WarningTopic"),
        ("FORECASTED", 100, "WarningTopic"),
        ("ACTUAL", 100, "CriticalTopic"),
    }
    assert drafted(LAYER, EVERYTHING).tunables["MonthlyBudgetUsd"].default == 500


def test_budgets_may_publish_only_where_there_is_one() -> None:
    def publishers(template: dict[str, object]) -> list[str]:
        (key,) = of_type(template, "AWS::KMS::Key").values()
        found = statement(key["KeyPolicy"], "EncryptNotifications")["Principal"]["Service"]
        return list(found)

    assert publishers(filled(LAYER, EVERYTHING)) == [
        "cloudwatch.amazonaws.com",
        "budgets.amazonaws.com",
    ]
    without = filled(LAYER, settings())
    assert publishers(without) == ["cloudwatch.amazonaws.com"]
    assert not of_type(without, "AWS::Budgets::Budget")
