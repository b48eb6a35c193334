"""03 load balancer: the only way in to a Region's instances."""

from __future__ import annotations

from typing import Any

import pytest

from generator.layers import load_balancer
from generator.settings.model import Domain, Settings
from generator.settings.sections import Edge, LoadBalancer
from tests.layers.support import drafted, filled, settings

EDGE = settings()
FACE = settings(edge=Edge(enabled=False))
BARE = settings(domain=None)
ALL_MODES = pytest.mark.parametrize("chosen", [EDGE, FACE, BARE], ids=["edge", "face", "bare"])


def _properties(chosen: Settings, kind: str) -> dict[str, dict[str, Any]]:
    found = filled(load_balancer.LAYER, chosen)["Resources"]
    return {name: one["Properties"] for name, one in found.items() if one["Type"] == kind}


def _listeners(chosen: Settings) -> dict[str, dict[str, Any]]:
    return _properties(chosen, "AWS::ElasticLoadBalancingV2::Listener")


def _rules(chosen: Settings) -> dict[str, dict[str, Any]]:
    return _properties(chosen, "AWS::ElasticLoadBalancingV2::ListenerRule")


def _attributes(found: dict[str, Any], key: str) -> dict[str, Any]:
    return {one["Key"]: one["Value"] for one in found[key]}


def _balancer(chosen: Settings) -> dict[str, Any]:
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    return _properties(chosen, kind)["LoadBalancer"]


def _targets(chosen: Settings) -> dict[str, Any]:
    return _properties(chosen, "AWS::ElasticLoadBalancingV2::TargetGroup")["TargetGroup"]


# --- the load balancer ----------------------------------------------------------------------------


@ALL_MODES
def test_it_faces_the_internet_and_can_be_replaced(chosen: Settings) -> None:
    balancer = _balancer(chosen)
    assert balancer["Scheme"] == "internet-facing"
    assert "Name" not in balancer


@ALL_MODES
def test_it_logs_into_the_regions_bucket_and_drops_invalid_headers(chosen: Settings) -> None:
    values = _attributes(_balancer(chosen), "LoadBalancerAttributes")
    bucket = {"Fn::Sub": "gtm-test-logs-${AWS::AccountId}-${AWS::Region}"}
    assert values["access_logs.s3.enabled"] == "true"
    assert values["access_logs.s3.bucket"] == bucket
    assert not values["access_logs.s3.prefix"].endswith("/"), "AWS refuses a closing slash"
    assert values["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert values["zonal_shift.config.enabled"] == "true"


@pytest.mark.parametrize("wanted", [True, False])
def test_deletion_protection_is_the_settings(wanted: bool) -> None:
    chosen = settings(load_balancer=LoadBalancer(deletion_protection=wanted))
    values = _attributes(_balancer(chosen), "LoadBalancerAttributes")
    assert values["deletion_protection.enabled"] == str(wanted).lower()


def test_ambiguous_requests_are_refused_wherever_no_old_client_can_come() -> None:
    mode = "routing.http.desync_mitigation_mode"
    assert _attributes(_balancer(EDGE), "LoadBalancerAttributes")[mode] == "strictest"
    assert _attributes(_balancer(FACE), "LoadBalancerAttributes")[mode] == "defensive"


# --- the target group -----------------------------------------------------------------------------


def test_targets_are_checked_and_leave_as_the_settings_say() -> None:
    chosen = settings(
        load_balancer=LoadBalancer(
            health_check_path="/live",
            health_check_interval_seconds=5,
            deregistration_delay_seconds=45,
        )
    )
    targets = _targets(chosen)
    assert (targets["Protocol"], targets["Port"]) == ("HTTP", 8080)
    assert targets["HealthCheckPath"] == "/live"
    assert targets["HealthCheckTimeoutSeconds"] < targets["HealthCheckIntervalSeconds"] == 5
    values = _attributes(targets, "TargetGroupAttributes")
    assert values["deregistration_delay.timeout_seconds"] == "45"
    assert values["stickiness.enabled"] == "false"


def test_slow_start_is_for_round_robin_only() -> None:
    slow = LoadBalancer(algorithm="round_robin", slow_start_seconds=60)
    values = _attributes(_targets(settings(load_balancer=slow)), "TargetGroupAttributes")
    assert values["slow_start.duration_seconds"] == "60"
    usual = _attributes(_targets(EDGE), "TargetGroupAttributes")
    assert usual["load_balancing.algorithm.type"] == "least_outstanding_requests"
    assert "slow_start.duration_seconds" not in usual


# --- listeners ------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [EDGE, FACE], ids=["edge", "face"])
def test_with_a_domain_https_speaks_tls_1_3_and_http_redirects(chosen: Settings) -> None:
    listeners = _listeners(chosen)
    https = listeners["HttpsListener"]
    assert (https["Port"], https["Protocol"]) == (443, "HTTPS")
    assert https["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-")
    (action,) = listeners["HttpListener"]["DefaultActions"]
    assert action["RedirectConfig"] == {
        "Protocol": "HTTPS",
        "Port": "443",
        "StatusCode": "HTTP_301",
    }


def test_without_a_domain_http_is_all_there_is_and_says_why() -> None:
    resources = filled(load_balancer.LAYER, BARE)["Resources"]
    assert "HttpsListener" not in resources
    assert "Certificate" not in resources
    metadata = resources["HttpListener"]["Metadata"]
    assert metadata["cfn-lint"]["config"]["ignore_checks"] == ["E9032"]
    assert metadata["Reasons"]["E9032"]


@pytest.mark.parametrize(
    ("chosen", "listener"), [(EDGE, "HttpsListener"), (BARE, "HttpListener")], ids=["edge", "bare"]
)
def test_behind_an_edge_a_request_without_the_secret_gets_403(
    chosen: Settings, listener: str
) -> None:
    (default,) = _listeners(chosen)[listener]["DefaultActions"]
    assert default["Type"] == "fixed-response"
    assert default["FixedResponseConfig"]["StatusCode"] == "403"
    rule = _rules(chosen)["OriginSecretRule"]
    (condition,) = rule["Conditions"]
    assert condition["Field"] == "http-header"
    secret = "{{resolve:secretsmanager:gtm-test/origin-secret:SecretString:value}}"
    expected = {"HttpHeaderName": "X-Origin-Secret", "Values": [secret]}
    assert condition["HttpHeaderConfig"] == expected
    assert rule["Actions"][0]["Type"] == "forward"


@pytest.mark.parametrize("chosen", [EDGE, BARE], ids=["edge", "bare"])
def test_health_checkers_need_no_secret(chosen: Settings) -> None:
    rules = _rules(chosen)
    (condition,) = rules["HealthPathRule"]["Conditions"]
    assert condition == {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/healthz"]}}
    assert rules["HealthPathRule"]["Priority"] < rules["OriginSecretRule"]["Priority"]


def test_without_an_edge_users_are_served() -> None:
    (default,) = _listeners(FACE)["HttpsListener"]["DefaultActions"]
    assert default["Type"] == "forward"
    assert not _rules(FACE)


# --- names ----------------------------------------------------------------------------------------


def _certificate_names(chosen: Settings) -> list[Any]:
    certificate = _properties(chosen, "AWS::CertificateManager::Certificate")["Certificate"]
    return [certificate["DomainName"], *certificate["SubjectAlternativeNames"]]


def test_the_certificate_holds_what_cloudfront_and_health_checks_ask_for() -> None:
    regional = {"Fn::Sub": "${AWS::Region}.origin.example.com"}
    assert _certificate_names(EDGE) == ["origin.example.com", regional]


def test_without_an_edge_the_certificate_holds_what_users_ask_for_too() -> None:
    domain = Domain(name="example.com", alternate_names=["www", "api"])
    chosen = settings(domain=domain, edge=Edge(enabled=False))
    regional = {"Fn::Sub": "${AWS::Region}.origin.example.com"}
    expected = ["example.com", regional, "www.example.com", "api.example.com"]
    assert _certificate_names(chosen) == expected


@pytest.mark.parametrize("chosen", [EDGE, FACE], ids=["edge", "face"])
def test_each_of_its_names_is_validated_through_the_zone(chosen: Settings) -> None:
    certificate = _properties(chosen, "AWS::CertificateManager::Certificate")["Certificate"]
    options = certificate["DomainValidationOptions"]
    assert [option["DomainName"] for option in options] == _certificate_names(chosen)
    assert all(option["HostedZoneId"] == {"Ref": "HostedZoneId"} for option in options)


def test_the_region_has_a_name_that_follows_its_load_balancer() -> None:
    record = _properties(EDGE, "AWS::Route53::RecordSet")["RegionalRecord"]
    assert record["Name"] == {"Fn::Sub": "${AWS::Region}.origin.example.com"}
    assert record["AliasTarget"]["DNSName"] == {"Fn::GetAtt": ["LoadBalancer", "DNSName"]}
    assert record["AliasTarget"]["EvaluateTargetHealth"] is True
    assert not _properties(BARE, "AWS::Route53::RecordSet")


@ALL_MODES
def test_it_offers_what_metrics_and_the_group_need(chosen: Settings) -> None:
    assert set(drafted(load_balancer.LAYER, chosen).offers) == {
        "LoadBalancerFullName",
        "LoadBalancerDnsName",
        "TargetGroupArn",
        "TargetGroupFullName",
    }
