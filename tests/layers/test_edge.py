"""07 edge, read like its row in the platform's table."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from generator.layers import edge
from generator.layers.draft import Draft, Scope
from generator.layers.edge import origins as edge_origins
from generator.layers.edge import web_acl
from generator.layers.load_balancer import LOAD_BALANCER_DNS_NAME
from generator.settings.regions import REGIONS
from tests.layers.support import filled, settings

WAF = {"requests_per_five_minutes": 500, "bot_control": True, "blocked_countries": ["KP"]}


def template(**changes: object) -> dict[str, Any]:
    return filled(edge.LAYER, settings(**changes))


def properties(made: dict[str, Any], title: str) -> dict[str, Any]:
    found: dict[str, Any] = made["Resources"][title]["Properties"]
    return found


def config(**changes: object) -> dict[str, Any]:
    found: dict[str, Any] = properties(template(**changes), "Distribution")["DistributionConfig"]
    return found


def origins(**changes: object) -> dict[str, dict[str, Any]]:
    return {origin["Id"]: origin for origin in config(**changes)["Origins"]}


def over(*names: str) -> dict[str, Any]:
    """These Regions, the first of them home."""
    return {"home_region": names[0], "regions": [{"name": name} for name in names]}


# --- the distribution -----------------------------------------------------------------------------


def test_it_stands_in_us_east_1_where_cloudfront_looks() -> None:
    assert edge.LAYER.scope is Scope.EDGE
    assert edge.LAYER.scope.regions(settings()) == ("us-east-1",)


def test_it_is_absent_where_the_edge_is_off() -> None:
    assert edge.LAYER.wanted(settings())
    assert not edge.LAYER.wanted(settings(edge={"enabled": False}))


def test_viewers_get_http_3_and_ipv6() -> None:
    assert config()["HttpVersion"] == "http2and3"
    assert config()["IPV6Enabled"] is True


def test_viewers_use_tls_1_2_of_2021_or_newer_under_our_certificate() -> None:
    viewer = config()["ViewerCertificate"]
    assert viewer["MinimumProtocolVersion"] == "TLSv1.2_2025"
    assert viewer["AcmCertificateArn"] == {"Ref": "Certificate"}


def test_the_certificate_covers_every_name_and_validates_through_the_zone() -> None:
    made = template(domain={"name": "example.com", "alternate_names": ["www", "shop"]})
    certificate = properties(made, "Certificate")
    covered = [certificate["DomainName"], *certificate["SubjectAlternativeNames"]]
    assert covered == ["example.com", "www.example.com", "shop.example.com"]
    assert covered == properties(made, "Distribution")["DistributionConfig"]["Aliases"]
    assert certificate["DomainValidationOptions"] == [
        {"DomainName": name, "HostedZoneId": {"Ref": "HostedZoneId"}} for name in covered
    ]


@pytest.mark.parametrize("domain", [{"name": "example.com"}, None])
def test_every_behaviour_redirects_to_https(domain: dict[str, str] | None) -> None:
    made = config(domain=domain)
    for behaviour in (made["DefaultCacheBehavior"], *made["CacheBehaviors"]):
        assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behaviour["ResponseHeadersPolicyId"] == {"Ref": "SecurityHeadersPolicy"}


def test_dynamic_paths_take_every_method_and_are_not_cached() -> None:
    dynamic = config()["DefaultCacheBehavior"]
    assert {"POST", "PUT", "DELETE", "PATCH"} < set(dynamic["AllowedMethods"])
    assert dynamic["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    policy = properties(template(), "DynamicRequestPolicy")["OriginRequestPolicyConfig"]
    assert policy["CookiesConfig"] == {"CookieBehavior": "all"}
    assert policy["HeadersConfig"] == {"HeaderBehavior": "allExcept", "Headers": ["Host"]}


def test_static_paths_are_read_only_cached_and_compressed() -> None:
    (static,) = config(edge={"static_path": "/assets/"})["CacheBehaviors"]
    assert static["PathPattern"] == "/assets/*"
    assert static["AllowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert static["Compress"] is True
    policy = properties(template(), "StaticCachePolicy")["CachePolicyConfig"]
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["EnableAcceptEncodingBrotli"]
    assert key["EnableAcceptEncodingGzip"]
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert policy["MinTTL"] > 0  # or CloudFront would not compress


def test_browsers_are_told_what_to_enforce_but_the_domain_is_not_bound() -> None:
    policy = properties(template(), "SecurityHeadersPolicy")["ResponseHeadersPolicyConfig"]
    headers = policy["SecurityHeadersConfig"]
    assert headers["StrictTransportSecurity"] == {
        "AccessControlMaxAgeSec": 31_536_000,
        "IncludeSubdomains": False,
        "Preload": False,
        "Override": True,
    }
    assert headers["ContentTypeOptions"] == {"Override": True}
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert {"ReferrerPolicy", "ContentSecurityPolicy"} < set(headers)


# --- origins --------------------------------------------------------------------------------------


def test_with_a_domain_cloudfront_asks_the_routed_name_over_tls() -> None:
    for origin in origins().values():
        assert origin["DomainName"] == "origin.example.com"
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
        assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]
    assert "OriginGroups" not in config()  # Route 53 fails over, writes too


@pytest.mark.parametrize("domain", [{"name": "example.com"}, None])
def test_every_origin_gets_the_secret_and_the_template_does_not(
    domain: dict[str, str] | None,
) -> None:
    for origin in origins(domain=domain).values():
        (header,) = origin["OriginCustomHeaders"]
        assert header["HeaderName"] == "X-Origin-Secret"
        assert header["HeaderValue"].startswith("{{resolve:secretsmanager:gtm-test/origin-secret:")


def test_only_static_requests_go_through_the_shield() -> None:
    """A dynamic request would reach the Region nearest to the shield, not to the user."""
    made, behaviours = origins(), config()
    dynamic = made[behaviours["DefaultCacheBehavior"]["TargetOriginId"]]
    static = made[behaviours["CacheBehaviors"][0]["TargetOriginId"]]
    assert "OriginShield" not in dynamic
    assert static["OriginShield"] == {"Enabled": True, "OriginShieldRegion": "ap-northeast-2"}


def test_a_region_without_a_shield_uses_the_one_that_aws_names() -> None:
    shield = origins(**over("eu-west-3"))["routed-shielded"]["OriginShield"]
    assert shield["OriginShieldRegion"] == "eu-west-2"
    assert set(edge_origins.SHIELDS.values()) <= set(edge_origins.SHIELDED)
    assert {*edge_origins.SHIELDS, *edge_origins.SHIELDED} <= set(REGIONS)


def test_the_shield_can_be_left_out() -> None:
    made = origins(edge={"origin_shield": False})
    assert [id for id, origin in made.items() if "OriginShield" in origin] == []


@pytest.mark.parametrize(("idle_timeout", "keepalive"), [(60, 55), (3, 1), (4000, 60)])
def test_connections_are_dropped_before_the_load_balancer_drops_them(
    idle_timeout: int, keepalive: int
) -> None:
    assert edge_origins.keepalive_seconds(idle_timeout) == keepalive


# --- without a domain -----------------------------------------------------------------------------


def test_without_a_domain_each_region_is_an_origin_under_its_own_name() -> None:
    draft = Draft(edge.LAYER, settings(domain=None, **over("ap-northeast-2", "us-east-1")))
    edge.fill(draft)
    assert [(need.offer, need.region) for need in draft.needs.values()] == [
        (LOAD_BALANCER_DNS_NAME, "ap-northeast-2"),
        (LOAD_BALANCER_DNS_NAME, "us-east-1"),
    ]


def test_without_a_domain_reads_fail_over_between_two_regions() -> None:
    made = config(domain=None)
    (group,) = made["OriginGroups"]["Items"]
    members = [member["OriginId"] for member in group["Members"]["Items"]]
    assert members == ["home-shielded", "standby-shielded"]
    assert group["FailoverCriteria"]["StatusCodes"]["Items"] == [500, 502, 503, 504]
    assert made["CacheBehaviors"][0]["TargetOriginId"] == group["Id"]


def test_without_a_domain_writes_go_to_one_region_because_groups_refuse_them() -> None:
    made = config(domain=None)
    assert made["DefaultCacheBehavior"]["TargetOriginId"] == "home"
    assert made["DefaultCacheBehavior"]["FunctionAssociations"][0]["EventType"] == "viewer-request"


def test_the_function_names_origins_that_exist() -> None:
    made = template(domain=None)
    code = properties(made, "FailOverReads")["FunctionCode"]
    named = set(re.findall(r"originId: '([^']+)'", code))
    ids = {one["Id"] for one in properties(made, "Distribution")["DistributionConfig"]["Origins"]}
    assert named == {edge_origins.HOME, edge_origins.STANDBY} <= ids
    assert str(list(edge_origins.FAILOVER_CODES)) in code
    assert len(code.encode()) < 10_000  # CloudFront's limit


def test_without_a_domain_one_region_has_no_standby() -> None:
    made = template(domain=None, **over("us-east-1"))
    assert "FailOverReads" not in made["Resources"]
    assert "OriginGroups" not in properties(made, "Distribution")["DistributionConfig"]


def test_without_a_domain_http_to_the_origin_is_excused_in_writing() -> None:
    distribution = template(domain=None)["Resources"]["Distribution"]
    assert "E9074" in distribution["Metadata"]["cfn-lint"]["config"]["ignore_checks"]
    assert distribution["Metadata"]["Reasons"]["E9074"]
    assert "cfn-lint" not in template()["Resources"]["Distribution"]["Metadata"]


# --- logs and firewall ----------------------------------------------------------------------------


def test_requests_are_logged_without_their_cookies() -> None:
    made = template()
    source = properties(made, "AccessLogSource")
    assert source["LogType"] == "ACCESS_LOGS"
    assert source["ResourceArn"]["Fn::Sub"].endswith("distribution/${Distribution}")
    fields = properties(made, "AccessLogDelivery")["RecordFields"]
    assert "cs-uri-stem" in fields
    assert "cs(Cookie)" not in fields


def test_logs_are_under_a_key_of_ours_and_expire() -> None:
    made = template(log_retention_days=7, edge={"web_acl": WAF})
    for title in ("AccessLogs", "WebAclLogs"):
        group = properties(made, title)
        assert group["KmsKeyId"] == {"Fn::GetAtt": ["LogsKey", "Arn"]}
        assert group["RetentionInDays"] == 7
    assert made["Resources"]["LogsKey"]["UpdateReplacePolicy"] == "Retain"


def test_only_this_accounts_log_delivery_may_write() -> None:
    made = template(edge={"web_acl": WAF})
    text = properties(made, "LogDeliveryPermission")["PolicyDocument"]["Fn::Sub"]
    (statement,) = json.loads(text)["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Resource"] == ["${AccessLogs.Arn}", "${WebAclLogs.Arn}"]
    condition = statement["Condition"]
    assert condition["StringEquals"] == {"aws:SourceAccount": "${AWS::AccountId}"}
    for writer in ("AccessLogDelivery", "WebAclLogging"):
        assert made["Resources"][writer]["DependsOn"] == "LogDeliveryPermission"


def test_the_firewall_is_opt_in() -> None:
    made = template()
    assert "WebAcl" not in made["Resources"]
    assert "WebACLId" not in properties(made, "Distribution")["DistributionConfig"]


def test_the_firewall_has_every_rule_of_the_table_in_order() -> None:
    acl = properties(template(edge={"web_acl": WAF}), "WebAcl")
    assert acl["Scope"] == "CLOUDFRONT"
    assert [(rule["Priority"], rule["Name"]) for rule in acl["Rules"]] == list(
        enumerate(
            [
                "BlockedCountries",
                "RateLimit",
                "AWSManagedRulesAmazonIpReputationList",
                "AWSManagedRulesAnonymousIpList",
                "AWSManagedRulesCommonRuleSet",
                "AWSManagedRulesKnownBadInputsRuleSet",
                "AWSManagedRulesBotControlRuleSet",
            ]
        )
    )


def test_bot_control_and_countries_are_opt_in() -> None:
    acl = properties(template(edge={"web_acl": {}}), "WebAcl")
    titles = {rule["Name"] for rule in acl["Rules"]}
    assert not {web_acl.BOT_CONTROL, web_acl.BLOCKED_COUNTRIES} & titles


def test_the_rate_limit_is_tunable_over_five_minutes() -> None:
    draft = Draft(edge.LAYER, settings(edge={"web_acl": WAF}))
    edge.fill(draft)
    assert draft.tunables["RequestsPerFiveMinutes"].default == 500
    rules = draft.template.to_dict()["Resources"]["WebAcl"]["Properties"]["Rules"]
    (rule,) = (one for one in rules if one["Name"] == web_acl.RATE_LIMIT)
    assert rule["Statement"]["RateBasedStatement"] == {
        "AggregateKeyType": "IP",
        "EvaluationWindowSec": 300,
        "Limit": {"Ref": "RequestsPerFiveMinutes"},
    }
    assert rule["Action"]["Block"]["CustomResponse"] == {"ResponseCode": 429}


def test_the_firewalls_log_has_the_name_that_waf_wants_and_no_credentials() -> None:
    made = template(edge={"web_acl": WAF})
    assert properties(made, "WebAclLogs")["LogGroupName"].startswith("aws-waf-logs-")
    redacted = properties(made, "WebAclLogging")["RedactedFields"]
    headers = {field["SingleHeader"]["Name"] for field in redacted}
    assert headers == {"authorization", "cookie", "x-origin-secret"}


def test_it_offers_what_dns_and_monitoring_need() -> None:
    draft = Draft(edge.LAYER, settings())
    edge.fill(draft)
    assert set(draft.offers) == {"DistributionId", "DistributionDomainName"}
    assert "OriginMetrics" in draft.template.resources
