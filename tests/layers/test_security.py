"""02 security: who may talk to whom, who may do what, and under which keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.layers import security
from generator.settings.model import Settings
from generator.settings.sections import Edge, Network
from tests.layers.support import drafted, filled, settings

MODES = {
    "domain and edge": settings(),
    "domain without edge": settings(edge=Edge(enabled=False)),
    "edge without domain": settings(domain=None),
}
ALL_MODES = pytest.mark.parametrize("chosen", MODES.values(), ids=MODES.keys())
EDGE_MODES = pytest.mark.parametrize("mode", ["domain and edge", "edge without domain"])


def _resources(chosen: Settings, kind: str) -> dict[str, dict[str, Any]]:
    found = filled(security.LAYER, chosen)["Resources"]
    return {name: one for name, one in found.items() if one["Type"] == kind}


def _properties(chosen: Settings, kind: str) -> dict[str, dict[str, Any]]:
    return {name: one["Properties"] for name, one in _resources(chosen, kind).items()}


def _group_of(rule: dict[str, Any]) -> str:
    return str(rule["GroupId"]["Fn::GetAtt"][0])


def _ingress(chosen: Settings) -> dict[str, dict[str, Any]]:
    return _properties(chosen, "AWS::EC2::SecurityGroupIngress")


# --- security groups ------------------------------------------------------------------------------


def test_there_is_a_security_group_a_role() -> None:
    chosen = settings(network=Network(interface_endpoints=True))
    groups = _properties(chosen, "AWS::EC2::SecurityGroup").values()
    roles = {tag["Value"] for group in groups for tag in group["Tags"] if tag["Key"] == "Role"}
    assert roles == {"load-balancer", "application", "cache", "endpoint"}


@ALL_MODES
def test_groups_hold_one_placeholder_and_no_rule(chosen: Settings) -> None:
    for group in _properties(chosen, "AWS::EC2::SecurityGroup").values():
        assert "SecurityGroupIngress" not in group
        assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["127.0.0.1/32"]


@ALL_MODES
def test_the_way_in_is_group_to_group(chosen: Settings) -> None:
    rules = _ingress(chosen)
    ways = {
        (rule["SourceSecurityGroupId"]["Fn::GetAtt"][0], _group_of(rule), rule["FromPort"])
        for rule in rules.values()
        if "SourceSecurityGroupId" in rule
    }
    assert ways == {
        ("LoadBalancerSecurityGroup", "ApplicationSecurityGroup", 8080),
        ("ApplicationSecurityGroup", "CacheSecurityGroup", 6379),
    }


@ALL_MODES
def test_only_the_application_reaches_the_world_and_only_by_https(chosen: Settings) -> None:
    egress = _properties(chosen, "AWS::EC2::SecurityGroupEgress").values()
    open_ports = [(_group_of(r), r["FromPort"], r["ToPort"]) for r in egress if "CidrIp" in r]
    assert open_ports == [("ApplicationSecurityGroup", 443, 443)]


@EDGE_MODES
def test_behind_an_edge_nothing_is_open_to_the_world(mode: str) -> None:
    assert not [rule for rule in _ingress(MODES[mode]).values() if "CidrIp" in rule]


def test_without_an_edge_users_reach_the_web_ports_only() -> None:
    rules = [r for r in _ingress(MODES["domain without edge"]).values() if "CidrIp" in r]
    assert {(_group_of(r), r["FromPort"], r["ToPort"]) for r in rules} == {
        ("LoadBalancerSecurityGroup", 80, 80),
        ("LoadBalancerSecurityGroup", 443, 443),
    }


@EDGE_MODES
def test_each_prefix_list_has_a_security_group_of_its_own(mode: str) -> None:
    rules = [r for r in _ingress(MODES[mode]).values() if "SourcePrefixListId" in r]
    holders = [_group_of(rule) for rule in rules]
    assert len(set(holders)) == len(holders)
    assert "LoadBalancerSecurityGroup" not in holders


def test_cloudfront_and_health_checkers_come_by_https_where_there_is_a_domain() -> None:
    lists = _properties(MODES["domain and edge"], "Custom::PrefixList")
    assert {name: one["PrefixListName"] for name, one in lists.items()} == {
        "CloudFrontPrefixList": "com.amazonaws.global.cloudfront.origin-facing",
        "HealthCheckPrefixList": {"Fn::Sub": "com.amazonaws.${AWS::Region}.route53-healthchecks"},
    }
    rules = [r for r in _ingress(MODES["domain and edge"]).values() if "SourcePrefixListId" in r]
    assert {rule["FromPort"] for rule in rules} == {443}


def test_cloudfront_alone_comes_by_http_where_there_is_none() -> None:
    rules = [
        r for r in _ingress(MODES["edge without domain"]).values() if "SourcePrefixListId" in r
    ]
    assert [(r["SourcePrefixListId"]["Fn::GetAtt"][0], r["FromPort"]) for r in rules] == [
        ("CloudFrontPrefixList", 80)
    ]


@ALL_MODES
def test_the_load_balancer_gets_all_groups_that_open_it(chosen: Settings) -> None:
    offered: Any = drafted(security.LAYER, chosen).offers[security.LOAD_BALANCER_GROUPS.name][1]
    names = {one["Fn::GetAtt"][0] for one in offered.to_dict()["Fn::Join"][1]}
    groups = _properties(chosen, "AWS::EC2::SecurityGroup")
    tag = {"Key": "Role", "Value": "load-balancer"}
    assert names == {name for name, group in groups.items() if tag in group["Tags"]}
    assert len(names) <= 5, "a network interface takes five by default"


# --- endpoints, default group ---------------------------------------------------------------------


def test_interface_endpoints_are_opt_in() -> None:
    assert not _properties(settings(), "AWS::EC2::VPCEndpoint")


def test_interface_endpoints_answer_the_application_under_the_public_names() -> None:
    chosen = settings(network=Network(interface_endpoints=True))
    endpoints = _properties(chosen, "AWS::EC2::VPCEndpoint").values()
    services = {one["ServiceName"]["Fn::Sub"].rpartition(".")[2] for one in endpoints}
    assert services == {"ssm", "ssmmessages", "secretsmanager", "logs", "kms"}
    assert all(one["PrivateDnsEnabled"] for one in endpoints)
    rule = _ingress(chosen)["EndpointSecurityGroupFromApplicationSecurityGroup"]
    assert (rule["FromPort"], rule["ToPort"]) == (443, 443)


@ALL_MODES
def test_the_default_security_group_is_closed(chosen: Settings) -> None:
    closed = _properties(chosen, "Custom::ClosedDefaultGroup")["ClosedDefaultGroup"]
    assert closed["VpcId"] == {"Ref": "VpcId"}
    role = _resources(chosen, "AWS::IAM::Role")["CloseDefaultGroupRole"]
    revoke = _statements(role)["CloseDefaultGroup"]
    assert list(revoke["Condition"]) == ["ArnEquals"]
    assert list(revoke["Condition"]["ArnEquals"]) == ["ec2:Vpc"]


@ALL_MODES
def test_functions_fit_inline_and_log_into_groups_of_their_own(chosen: Settings) -> None:
    functions = _properties(chosen, "AWS::Lambda::Function").values()
    logs = _properties(chosen, "AWS::Logs::LogGroup")
    for function in functions:
        assert len(function["Code"]["ZipFile"]) <= 4096
        assert "Architectures" not in function, "not every Region has Lambda on arm64"
        assert logs.pop(function["LoggingConfig"]["LogGroup"]["Ref"])["RetentionInDays"] == 30
    assert not logs


# --- roles and keys -------------------------------------------------------------------------------


def _statements(role: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (policy,) = role["Properties"]["Policies"]
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


@ALL_MODES
def test_every_wildcard_resource_has_a_reason(chosen: Settings) -> None:
    for role in _resources(chosen, "AWS::IAM::Role").values():
        wild = {sid for sid, one in _statements(role).items() if one["Resource"] == ["*"]}
        assert wild == set(role.get("Metadata", {}).get("WildcardResources", {}))


def _instance(chosen: Settings) -> dict[str, dict[str, Any]]:
    return _statements(_resources(chosen, "AWS::IAM::Role")["InstanceRole"])


def test_an_instance_reads_archives_below_the_prefix_only() -> None:
    fetch = _instance(settings())["FetchArchive"]
    assert fetch["Action"] == ["s3:GetObject"]
    (resource,) = fetch["Resource"]
    assert resource["Fn::Sub"][0] == "arn:${AWS::Partition}:s3:::${Bucket}/${Prefix}*"


def test_an_instance_uses_the_two_tables_and_their_key() -> None:
    instance = _instance(settings())
    tables = {one["Fn::Sub"].rpartition(":table/")[2] for one in instance["UseTables"]["Resource"]}
    assert tables == {
        "gtm-test-sessions",
        "gtm-test-sessions/index/*",
        "gtm-test-ranking",
        "gtm-test-ranking/index/*",
    }
    condition = instance["UseTableKey"]["Condition"]
    assert condition["ForAnyValue:StringEquals"] == {
        "kms:ResourceAliases": "alias/gtm-test-database"
    }
    service = {"kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"}}
    assert condition["StringEquals"] == service


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("domain and edge", {"gtm-test/cache", "gtm-test/origin-secret"}),
        ("domain without edge", {"gtm-test/cache"}),
    ],
)
def test_an_instance_reads_its_secrets_only(mode: str, expected: set[str]) -> None:
    instance = _instance(MODES[mode])
    arns = [one["Fn::Sub"] for one in instance["ReadSecrets"]["Resource"]]
    assert {arn.rpartition(":secret:")[2].removesuffix("-??????") for arn in arns} == expected
    assert instance["DecryptSecrets"]["Resource"] == [{"Fn::GetAtt": ["DataKey", "Arn"]}]


def test_an_instance_publishes_into_one_namespace_and_acts_on_its_own_group() -> None:
    instance = _instance(settings())
    metrics = instance["PublishMetrics"]["Condition"]
    assert metrics == {"StringEquals": {"cloudwatch:namespace": "gtm-test/service"}}
    group = instance["FinishLifecycle"]["Condition"]
    assert group == {"StringEquals": {"autoscaling:ResourceTag/Platform": "gtm-test"}}


def test_the_instance_role_has_no_managed_policy_and_fits_inline() -> None:
    role = _resources(settings(), "AWS::IAM::Role")["InstanceRole"]
    assert "ManagedPolicyArns" not in role["Properties"]
    assert len(json.dumps(role["Properties"]["Policies"], separators=(",", ":"))) < 10_240


@ALL_MODES
def test_keys_rotate_and_outlive_the_stack(chosen: Settings) -> None:
    keys = _resources(chosen, "AWS::KMS::Key")
    assert set(keys) == {"LogsKey", "DataKey"}
    for key in keys.values():
        assert key["Properties"]["EnableKeyRotation"] is True
        assert key["Properties"]["PendingWindowInDays"] == 30
        assert key["DeletionPolicy"] == "RetainExceptOnCreate"
        assert key["UpdateReplacePolicy"] == "Retain"


def test_the_logs_key_serves_the_log_groups_of_this_account_and_region() -> None:
    policy = _properties(settings(), "AWS::KMS::Key")["LogsKey"]["KeyPolicy"]
    statement = {one["Sid"]: one for one in policy["Statement"]}["LogEncryption"]
    assert statement["Principal"]["Service"] == {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}
    groups = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"
    condition = {"kms:EncryptionContext:aws:logs:arn": {"Fn::Sub": groups}}
    assert statement["Condition"] == {"ArnLike": condition}
