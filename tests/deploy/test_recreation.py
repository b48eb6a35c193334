"""What is replaced: by the registry's schemas, and on through what refers to it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from generator.deploy.preview import changes_between
from generator.deploy.preview.recreation import at, recreation_of
from generator.deploy.release import Release
from tests.deploy.support import built, over

Body = dict[str, Any]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return built(tmp_path_factory.mktemp("built"), over("ap-northeast-2", "us-east-1"))


def actions(old: Body, new: Body) -> dict[str, str]:
    """By logical id, what an update does."""
    changes = changes_between({"Resources": old}, {}, {"Resources": new}, {})
    return {change.path: change.action.value for change in changes}


def one(kind: str, **properties: Any) -> Body:
    return {"It": {"Type": kind, "Properties": properties}}


@pytest.mark.parametrize(
    ("kind", "old", "new", "action"),
    [
        ("AWS::SNS::Topic", {"TopicName": "a"}, {"TopicName": "b"}, "replace"),
        ("AWS::SNS::Topic", {"TopicName": "a"}, {}, "replace"),
        ("AWS::SNS::Topic", {"DisplayName": "a"}, {"DisplayName": "b"}, "modify"),
        (
            "AWS::Route53::HealthCheck",
            {"HealthCheckConfig": {"Type": "HTTP", "Port": 80}},
            {"HealthCheckConfig": {"Type": "HTTPS", "Port": 80}},
            "replace",
        ),
        (
            "AWS::Route53::HealthCheck",
            {"HealthCheckConfig": {"Type": "HTTP", "Port": 80}},
            {"HealthCheckConfig": {"Type": "HTTP", "Port": 81}},
            "modify",
        ),
        (
            "AWS::MSK::Cluster",
            {"BrokerNodeGroupInfo": {"ClientSubnets": ["a"], "InstanceType": "x"}},
            {"BrokerNodeGroupInfo": {"ClientSubnets": ["b"], "InstanceType": "x"}},
            "replace",
        ),
        (
            "AWS::DynamoDB::GlobalTable",
            {"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]},
            {"KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}]},
            "may replace",
        ),
        ("Custom::PrefixList", {"Name": "a"}, {"Name": "b"}, "may replace"),
        ("Somebody::Own::Type", {"Name": "a"}, {"Name": "b"}, "may replace"),
    ],
)
def test_the_schema_decides(kind: str, old: Body, new: Body, action: str) -> None:
    assert actions(one(kind, **old), one(kind, **new)) == {"It": action}


def test_no_schema_is_asked_for_what_does_not_differ() -> None:
    recreation_of.cache_clear()
    assert actions(one("AWS::SNS::Topic"), one("AWS::SNS::Topic")) == {}
    assert recreation_of.cache_info().misses == 0


GROUP = "AWS::AutoScaling::AutoScalingGroup"


def group(version: str, **policy: Any) -> Body:
    template = {"LaunchTemplateId": "lt-1", "Version": version}
    return {
        "Group": {
            "Type": GROUP,
            "Properties": {"LaunchTemplate": template},
            "UpdatePolicy": policy,
        }
    }


def test_a_group_stays_unless_its_policy_replaces_it() -> None:
    rolling = {"AutoScalingRollingUpdate": {"MinInstancesInService": 1}}
    replacing = {"AutoScalingReplacingUpdate": {"WillReplace": True}}
    assert actions(group("1", **rolling), group("2", **rolling)) == {"Group": "modify"}
    assert actions(group("1", **replacing), group("2", **replacing)) == {"Group": "may replace"}


def test_a_replacement_goes_on_to_whatever_refers_to_it() -> None:
    """The subnet can't move to another VPC; the endpoint's route tables are updated in place."""

    def network(cidr: str) -> Body:
        return {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}},
            "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
            "Endpoint": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {"VpcId": "vpc-1", "RouteTableIds": [{"Ref": "Table"}]},
            },
            "Alarm": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {"AlarmDescription": {"Fn::Sub": "of ${Table.RouteTableId}"}},
            },
            "Apart": {"Type": "AWS::EC2::InternetGateway"},
        }

    assert actions(network("10.0.0.0/16"), network("10.1.0.0/16")) == {
        "Vpc": "replace",
        "Table": "replace",
        "Endpoint": "modify",
        "Alarm": "modify",
    }


def test_what_may_be_replaced_may_replace_what_refers_to_it() -> None:
    def rule(name: str) -> Body:
        return {
            "List": {"Type": "Custom::PrefixList", "Properties": {"Name": name}},
            "Rule": {
                "Type": "AWS::EC2::SecurityGroupIngress",
                "Properties": {"SourcePrefixListId": {"Fn::GetAtt": ["List", "Id"]}},
            },
        }

    assert actions(rule("a"), rule("b")) == {"List": "may replace", "Rule": "may replace"}


def test_a_nested_create_only_property_alone_replaces_through_a_reference() -> None:
    def check(name: str) -> Body:
        return {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name}},
            "Check": {
                "Type": "AWS::Route53::HealthCheck",
                "Properties": {
                    "HealthCheckConfig": {"Type": "HTTP", "SearchString": {"Ref": "Role"}}
                },
            },
        }

    assert actions(check("a"), check("b")) == {"Role": "replace", "Check": "modify"}


def test_an_update_in_place_moves_only_attributes_that_it_may_change(release: Release) -> None:
    """The group follows its launch template's version; nothing follows a log group's ARN."""
    old = nested(release, "compute")
    new = copy.deepcopy(old)
    data = new["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]
    data["Monitoring"] = {"Enabled": False}
    changes = {c.path: (c.action.value, c.properties) for c in changes_between(old, {}, new, {})}
    assert changes == {
        "LaunchTemplate": ("modify", ("LaunchTemplateData",)),
        "AutoScalingGroup": ("modify", ("MixedInstancesPolicy",)),
    }


def test_another_address_range_replaces_the_network_that_is_built(release: Release) -> None:
    body = nested(release, "network")
    changes = changes_between(body, {"VpcCidr": "10.1.0.0/16"}, body, {"VpcCidr": "10.2.0.0/16"})
    replaced = {change.type for change in changes if change.action == "replace"}
    assert {"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::NatGateway"} <= replaced
    assert "AWS::EC2::EIP" not in {change.type for change in changes}


def test_every_type_of_our_templates_is_known_to_the_registry(release: Release) -> None:
    types = {
        resource["Type"] for body in bodies(release) for resource in body["Resources"].values()
    }
    unknown = {name for name in types if not recreation_of(name).known}
    assert {name.partition("::")[0] for name in unknown} <= {"Custom"}


def test_no_template_that_is_built_differs_from_itself(release: Release) -> None:
    for body in bodies(release):
        assert changes_between(body, {}, body, {}) == ()


def test_a_long_chain_comes_to_its_end() -> None:
    def chain(name: str) -> Body:
        first = {"T0": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}}
        rest = {
            f"T{i}": {
                "Type": "AWS::SNS::Topic",
                "Properties": {"TopicName": {"Fn::Sub": f"${{T{i - 1}.TopicName}}-x"}},
            }
            for i in range(1, 200)
        }
        return {**rest, **first}

    assert set(actions(chain("a"), chain("b")).values()) == {"replace"}


def test_a_cycle_of_references_comes_to_its_end() -> None:
    """No valid template has one; a diff that hangs would be worse than a deploy that fails."""

    def ring(name: str) -> Body:
        return {
            "A": {
                "Type": "AWS::SNS::Topic",
                "Properties": {"TopicName": name, "DisplayName": {"Ref": "B"}},
            },
            "B": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "A"}}},
        }

    assert actions(ring("a"), ring("b")) == {"A": "replace", "B": "replace"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("A",), {"B": [{"C": 1}, {"C": 2}]}),
        (("A", "B", "*", "C"), [1, 2]),
        (("A", "B", "C"), [1, 2]),
        (("A", "X"), None),
        (("F", "X"), {"Ref": "Y"}),
    ],
)
def test_a_path_leads_into_lists_and_stops_at_functions(path: tuple[str, ...], found: Any) -> None:
    value = {"A": {"B": [{"C": 1}, {"C": 2}]}, "F": {"Ref": "Y"}}
    assert at(value, path) == found


def nested(release: Release, layer: str) -> Body:
    (file,) = (name for name in release.templates if name.startswith(f"{layer}-"))
    return release.body(file)


def bodies(release: Release) -> Iterator[Body]:
    return map(release.body, release.templates)
