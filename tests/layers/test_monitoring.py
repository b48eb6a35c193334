"""09 monitoring of a Region: what is watched, who is told, and how loud."""

from __future__ import annotations

import json
import re

import pytest

from generator import names
from generator.layers import monitoring
from generator.settings.model import Settings
from generator.settings.sections import Cache, Compute, Edge, Monitoring, Schedule
from tests.layers.alarming import (
    assert_complete,
    composites,
    dashboard,
    expression,
    metric_alarms,
    metric_names,
    of_type,
    statement,
)
from tests.layers.support import drafted, filled, settings

EVERYTHING = settings(
    monitoring=Monitoring(emails=["a@example.com", "b@example.com"], anomaly_detection=True),
    schedule=Schedule(),
)
MODES = {
    "domain and edge": settings(),
    "domain": settings(edge=Edge(enabled=False)),
    "edge": settings(domain=None),
}

WATCHED = (
    "TargetResponseTime HTTPCode_Target_5XX_Count HTTPCode_ELB_5XX_Count RequestCount "
    "UnHealthyHostCount HealthyHostCount CPUUtilization NetworkIn NetworkOut "
    "GroupInServiceInstances GroupDesiredCapacity CurrConnections CacheMisses "
    "EngineCPUUtilization DatabaseMemoryUsagePercentage Evictions ReplicationLag"
)


@pytest.mark.parametrize("metric", WATCHED.split())
def test_every_metric_of_the_platform_has_an_alarm(metric: str) -> None:
    alarms = metric_alarms(filled(monitoring.LAYER, EVERYTHING)).values()
    assert any(metric in metric_names(alarm) for alarm in alarms)


@pytest.mark.parametrize("mode", MODES)
def test_every_alarm_acts_and_explains_itself(mode: str) -> None:
    assert_complete(filled(monitoring.LAYER, MODES[mode]))


def test_critical_is_the_promised_multiple_of_warning() -> None:
    chosen = settings(monitoring=Monitoring(latency_warning_seconds=0.35, error_warning_percent=2))
    tunables = drafted(monitoring.LAYER, chosen).tunables
    assert tunables["LatencyWarningSeconds"].default == 0.35
    assert tunables["LatencyCriticalSeconds"].default == 0.7
    assert tunables["ErrorsWarningPercent"].default == 2
    assert tunables["ErrorsCriticalPercent"].default == 10


def test_errors_are_a_share_that_no_division_by_zero_and_no_lone_request_upsets() -> None:
    alarms = metric_alarms(filled(monitoring.LAYER, EVERYTHING))
    assert expression(alarms["TargetErrorsWarning"]).startswith("IF(requests >= ${Floor}, ")
    floor = drafted(monitoring.LAYER, EVERYTHING).tunables["MinimumRequestsPerMinute"]
    assert floor.minimum == 1


def test_a_refused_request_counts_although_request_count_leaves_it_out() -> None:
    alarms = metric_alarms(filled(monitoring.LAYER, EVERYTHING))
    assert "errors + FILL(requests, 0)" in expression(alarms["LoadBalancerErrorsWarning"])


def test_a_percentile_of_few_requests_neither_rings_nor_keeps_ringing() -> None:
    alarm = metric_alarms(filled(monitoring.LAYER, EVERYTHING))["LatencyCritical"]
    assert expression(alarm) == "IF(requests >= ${Floor}, percentile, 0)"
    assert "p99" in [query["MetricStat"]["Stat"] for query in alarm["Metrics"][:-1]]
    # It would freeze the alarm below 1,000 requests.
    assert "EvaluateLowSampleCountPercentile" not in alarm


def test_no_requests_ring_only_where_health_checkers_always_ask() -> None:
    assert "NoRequestsCritical" in metric_alarms(filled(monitoring.LAYER, MODES["domain"]))
    waiting = filled(monitoring.LAYER, MODES["edge"])
    assert "NoRequestsCritical" not in metric_alarms(waiting)
    assert "NoRequests" not in composites(waiting)["ServiceImpaired"]["AlarmRule"]["Fn::Sub"]


def test_healthy_hosts_are_compared_with_the_smallest_group_of_each_region() -> None:
    regions = [
        region.model_copy(update={"minimum_instances": 1}) if region.name == "eu-west-1" else region
        for region in settings().regions
    ]
    chosen = settings(
        regions=regions,
        compute=Compute(minimum_instances=4),
        schedule=Schedule(night_minimum_instances=2),
    )
    tunable = drafted(monitoring.LAYER, chosen).tunables["HealthyHostsWarningCount"]
    assert tunable.default == 2
    assert tunable.value_in("eu-west-1") == 1


def test_a_group_of_fixed_size_is_not_at_its_maximum() -> None:
    alarm = metric_alarms(filled(monitoring.LAYER, EVERYTHING))["GroupFullWarning"]
    assert expression(alarm) == "IF(largest > smallest, 100 * running / largest, 0)"


# --- who is told ----------------------------------------------------------------------------------


def test_only_composites_page() -> None:
    template = filled(monitoring.LAYER, EVERYTHING)
    for name, alarm in metric_alarms(template).items():
        assert alarm["AlarmActions"] == [{"Ref": "WarningTopic"}], name
    for name, alarm in composites(template).items():
        assert alarm["AlarmActions"] == [{"Ref": "CriticalTopic"}], name
        assert alarm["OKActions"] == [{"Ref": "CriticalTopic"}], name


@pytest.mark.parametrize("mode", MODES)
def test_every_critical_alarm_can_page(mode: str) -> None:
    template = filled(monitoring.LAYER, MODES[mode])
    rules = " ".join(alarm["AlarmRule"]["Fn::Sub"] for alarm in composites(template).values())
    named = set(re.findall(r"\$\{(\w+)}", rules))
    alarms = metric_alarms(template)
    assert named <= set(alarms)
    assert {name for name in alarms if name.endswith("Critical")} <= named


def test_a_busy_cpu_pages_only_once_the_group_is_full() -> None:
    rule = composites(filled(monitoring.LAYER, EVERYTHING))["ServiceAtRisk"]["AlarmRule"]["Fn::Sub"]
    assert '(ALARM("${CpuCritical}") AND ALARM("${GroupFullWarning}"))' in rule
    assert rule.count("CpuCritical") == 2  # the other one is the cache's
    assert "CacheCpuCritical" in rule


def test_one_incident_is_one_page() -> None:
    at_risk = composites(filled(monitoring.LAYER, EVERYTHING))["ServiceAtRisk"]
    assert at_risk["ActionsSuppressor"] == {"Ref": "ServiceImpaired"}


def test_topics_have_the_names_that_other_stacks_derive() -> None:
    topics = of_type(filled(monitoring.LAYER, EVERYTHING), "AWS::SNS::Topic")
    found = {topic["TopicName"] for topic in topics.values()}
    assert found == {names.topic(EVERYTHING, severity) for severity in ("warning", "critical")}
    assert all(topic["KmsMasterKeyId"] == {"Ref": "TopicKey"} for topic in topics.values())


def test_alarms_may_use_the_key_but_only_for_this_account() -> None:
    template = filled(monitoring.LAYER, EVERYTHING)
    key = template["Resources"]["TopicKey"]
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["UpdateReplacePolicy"] == "Retain"
    grant = statement(key["Properties"]["KeyPolicy"], "EncryptNotifications")
    assert grant["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
    assert grant["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert grant["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_topics_take_alarms_of_this_account_and_no_plain_transport() -> None:
    policies = of_type(filled(monitoring.LAYER, EVERYTHING), "AWS::SNS::TopicPolicy").values()
    assert len(policies) == 2
    for policy in policies:
        allowed = statement(policy["PolicyDocument"], "PublishForThisAccount")
        assert "aws:SourceAccount" in allowed["Condition"]["StringEquals"]
        denied = statement(policy["PolicyDocument"], "DenyPlainTransport")
        assert denied["Effect"] == "Deny"
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_new_subscriber_leaves_the_others_alone() -> None:
    def ids(*emails: str) -> set[str]:
        chosen = settings(monitoring=Monitoring(emails=list(emails)))
        return set(of_type(filled(monitoring.LAYER, chosen), "AWS::SNS::Subscription"))

    assert ids("b@example.com") < ids("a@example.com", "b@example.com")
    assert len(ids("a@example.com", "b@example.com")) == 4


# --- the cache's nodes ----------------------------------------------------------------------------


def nodes(chosen: Settings, alarm: str) -> list[str]:
    queries = metric_alarms(filled(monitoring.LAYER, chosen))[alarm]["Metrics"]
    dimensions = [
        dimension
        for query in queries
        if "MetricStat" in query
        for dimension in query["MetricStat"]["Metric"]["Dimensions"]
    ]
    assert {dimension["Name"] for dimension in dimensions} == {"CacheClusterId"}
    return [dimension["Value"]["Fn::Sub"] for dimension in dimensions]


def test_the_nodes_of_one_shard_are_numbered_by_member() -> None:
    chosen = settings(cache=Cache(shards=1, replicas_per_shard=1))
    assert nodes(chosen, "CacheMemoryWarning") == [
        "${ReplicationGroupId}-001",
        "${ReplicationGroupId}-002",
    ]


def test_the_nodes_of_shards_are_numbered_by_shard_and_member() -> None:
    chosen = settings(cache=Cache(shards=2, replicas_per_shard=1))
    assert nodes(chosen, "CacheMemoryWarning") == [
        "${ReplicationGroupId}-0001-001",
        "${ReplicationGroupId}-0001-002",
        "${ReplicationGroupId}-0002-001",
        "${ReplicationGroupId}-0002-002",
    ]


def test_a_large_cluster_is_watched_in_batches_and_pages_from_each() -> None:
    template = filled(monitoring.LAYER, settings(cache=Cache(shards=7, replicas_per_shard=2)))
    assert_complete(template)
    assert {"CacheMemoryWarning", "CacheMemory2Warning", "CacheMemory3Warning"} <= set(
        metric_alarms(template)
    )
    rule = composites(template)["ServiceAtRisk"]["AlarmRule"]["Fn::Sub"]
    assert "${CacheMemory3Critical}" in rule


def test_a_cache_without_replicas_has_no_lag() -> None:
    alarms = metric_alarms(filled(monitoring.LAYER, settings(cache=Cache(replicas_per_shard=0))))
    assert not any("ReplicationLag" in metric_names(alarm) for alarm in alarms.values())


# --- the rest -------------------------------------------------------------------------------------


def test_tables_are_watched_for_latency_over_all_operations() -> None:
    alarms = metric_alarms(filled(monitoring.LAYER, EVERYTHING))
    for purpose in names.TABLES:
        text = expression(alarms[f"{purpose.capitalize()}TableLatencyWarning"])
        assert f"WHERE TableName = '{names.table(EVERYTHING, purpose)}'" in text


def test_the_learned_band_is_opt_in() -> None:
    assert "RequestsUnusual" not in metric_alarms(filled(monitoring.LAYER, settings()))
    alarm = metric_alarms(filled(monitoring.LAYER, EVERYTHING))["RequestsUnusual"]
    assert alarm["ThresholdMetricId"] == "band"


@pytest.mark.parametrize("mode", MODES)
def test_the_dashboard_is_valid_and_always_the_same(mode: str) -> None:
    body = dashboard(filled(monitoring.LAYER, MODES[mode]))
    assert body == dashboard(filled(monitoring.LAYER, MODES[mode]))
    widgets = json.loads(body)["widgets"]
    assert all(widget["x"] + widget["width"] <= 24 for widget in widgets)
    shown = {line[1] for w in widgets for line in w["properties"].get("metrics", [])}
    wanted = "RequestCount TargetResponseTime GroupMaxSize GetTypeCmds SetTypeCmds Evictions"
    assert shown >= {*wanted.split(), "SuccessfulRequestLatency"}


def test_the_dashboard_shows_every_alarm() -> None:
    template = filled(monitoring.LAYER, EVERYTHING)
    body = dashboard(template)
    for alarm in (*metric_alarms(template), *composites(template)):
        assert f"${{{alarm}.Arn}}" in body


@pytest.mark.parametrize("shards, replicas", ((40, 1), (90, 0), (90, 4)))
def test_the_largest_caches_keep_within_the_limits(shards: int, replicas: int) -> None:
    """Nodes a cluster: 500. Alarms that a composite reads: 100. Bytes of a template: 1 MiB."""
    template = filled(
        monitoring.LAYER, settings(cache=Cache(shards=shards, replicas_per_shard=replicas))
    )
    assert_complete(template)
    rule = composites(template)["ServiceAtRisk"]["AlarmRule"]["Fn::Sub"]
    assert rule.count("ALARM(") <= 100
    assert len(template["Resources"]) <= 500
    assert len(json.dumps(template, indent=2)) < 1_040_000
