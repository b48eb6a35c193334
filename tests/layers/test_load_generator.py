"""Load generators: outside, closed, off until asked, and off again whatever happens."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from generator.blueprint import draft_platform
from generator.layers import load_generator, storage
from generator.layers.draft import Scope
from generator.settings.model import Settings
from generator.settings.sections import LoadGenerator, Monitoring, Organization
from tests.layers.support import filled, settings
from tests.policies.grants import allows, rendered, statements

REGIONS = ["eu-central-1", "us-west-2"]
CHOSEN = settings(
    load_generator=LoadGenerator(regions=REGIONS, workers=3, longest_minutes=45),
    monitoring=Monitoring(emails=["ops@example.com"]),
)
ORGANIZATION = Organization(id="o-a1b2c3d4e5", organizational_units=["ou-ab12-cd34ef56"])
IN_ACCOUNTS = settings(load_generator=LoadGenerator(), organization=ORGANIZATION)


@cache
def _resources() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = filled(load_generator.LAYER, CHOSEN)["Resources"]
    return found


def _properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _resources()[name]["Properties"]
    return found


def _of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {n: r["Properties"] for n, r in _resources().items() if r["Type"] == f"AWS::{kind}"}


# --- where it stands ------------------------------------------------------------------------------


def test_it_stands_in_its_own_regions_whether_or_not_the_platform_serves_there() -> None:
    assert load_generator.LAYER.scope is Scope.GENERATORS
    assert Scope.GENERATORS.regions(CHOSEN) == tuple(REGIONS)
    assert not load_generator.LAYER.wanted(settings())


def test_it_needs_nothing_of_a_regional_stack() -> None:
    """Or a Region where the platform does not serve could have none."""
    drafts = {draft.layer.name: draft for draft in draft_platform(CHOSEN).drafts}
    assert not drafts["load_generator"].needs


# --- network --------------------------------------------------------------------------------------


def test_nobody_is_let_in_but_the_group_itself_on_locusts_port() -> None:
    (ingress,) = _of_type("EC2::SecurityGroupIngress").values()
    own = {"Fn::GetAtt": ["GeneratorSecurityGroup", "GroupId"]}
    assert ingress["SourceSecurityGroupId"] == ingress["GroupId"] == own
    assert (ingress["FromPort"], ingress["ToPort"]) == (5557, 5557)


def test_the_way_out_is_https_without_a_gateway_that_costs() -> None:
    outside = [r for r in _of_type("EC2::SecurityGroupEgress").values() if "CidrIp" in r]
    assert [(rule["FromPort"], rule["ToPort"]) for rule in outside] == [(443, 443)]
    assert not _of_type("EC2::NatGateway")
    assert not _of_type("EC2::EIP")


def test_its_network_is_logged_into_its_own_bucket() -> None:
    assert _properties("FlowLog")["LogDestination"] == {"Fn::GetAtt": ["LoadtestBucket", "Arn"]}
    policy = _properties("LoadtestBucketPolicy")["PolicyDocument"]["Statement"]
    writers = [s["Principal"] for s in policy if s["Effect"] == "Allow"]
    assert writers == [{"Service": "delivery.logs.amazonaws.com"}] * 2


# --- the fleet ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("group", "most"), [("Master", "1"), ("Worker", None)])
def test_a_group_is_empty_at_rest_and_no_update_of_the_stack_fills_it(
    group: str, most: str | None
) -> None:
    resource, properties = _resources()[f"{group}Group"], _properties(f"{group}Group")
    assert properties["MinSize"] == "0"
    assert properties["MaxSize"] == (most or {"Ref": "LoadGeneratorWorkers"})
    assert "DesiredCapacity" not in properties
    assert resource["UpdatePolicy"] == {
        "AutoScalingScheduledAction": {"IgnoreUnmodifiedGroupSizeProperties": True}
    }


@pytest.mark.parametrize("role", ["Master", "Worker"])
def test_an_instance_is_closed_and_its_disk_is_under_our_key(role: str) -> None:
    data = _properties(f"{role}LaunchTemplate")["LaunchTemplateData"]
    assert data["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    assert "KeyName" not in data
    (disk,) = (mapping["Ebs"] for mapping in data["BlockDeviceMappings"])
    assert disk["Encrypted"] is True
    assert disk["KmsKeyId"] == {"Fn::GetAtt": ["LoadKey", "Arn"]}
    assert data["InstanceInitiatedShutdownBehavior"] == "terminate"


def test_whatever_costs_bears_the_tag_that_the_budget_counts_by() -> None:
    filters = _properties("LoadBudget")["Budget"]["CostFilters"]
    assert filters == {"TagKeyValue": ["user:LoadGenerator$gtm-test"]}
    tag = {"Key": "LoadGenerator", "Value": "gtm-test"}
    assert tag in _properties("LoadtestBucket")["Tags"]
    for role in ("Master", "Worker"):
        data = _properties(f"{role}LaunchTemplate")["LaunchTemplateData"]
        tagged = {s["ResourceType"] for s in data["TagSpecifications"] if tag in s["Tags"]}
        assert tagged == {"instance", "volume", "network-interface"}


# --- off again ------------------------------------------------------------------------------------


def test_every_night_both_groups_are_emptied_and_can_be_filled_the_next_day() -> None:
    actions = _of_type("AutoScaling::ScheduledAction")
    assert {a["AutoScalingGroupName"]["Ref"] for a in actions.values()} == {
        *("MasterGroup", "WorkerGroup")
    }
    for action in actions.values():
        assert (action["MinSize"], action["DesiredCapacity"]) == (0, 0)
        assert "MaxSize" not in action
        assert action["TimeZone"] == {"Ref": "LoadGeneratorTimeZone"}


def test_an_alarm_switches_off_once_a_group_has_wanted_instances_for_longer_than_every_timer() -> (
    None
):
    """By what the group wants: one that replaces what shuts down has moments without instances."""
    (alarm,) = _of_type("CloudWatch::Alarm").values()
    assert alarm["EvaluationPeriods"] == alarm["DatapointsToAlarm"] > 45
    assert alarm["EvaluationPeriods"] * 60 <= 86_400
    read = [m["MetricStat"]["Metric"]["MetricName"] for m in alarm["Metrics"] if "MetricStat" in m]
    assert read == ["GroupDesiredCapacity"] * 2
    topic, *policies = alarm["AlarmActions"]
    assert topic == {"Ref": "LoadTopic"}
    emptied = [_properties(policy["Ref"]) for policy in policies]
    assert [e["AutoScalingGroupName"]["Ref"] for e in emptied] == ["MasterGroup", "WorkerGroup"]


def test_that_alarm_leaves_no_instance_and_waits_for_none() -> None:
    for policy in _of_type("AutoScaling::ScalingPolicy").values():
        assert (policy["PolicyType"], policy["AdjustmentType"]) == ("StepScaling", "ExactCapacity")
        (step,) = policy["StepAdjustments"]
        assert step == {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 0}
        assert policy["EstimatedInstanceWarmup"] == 0


def test_the_longest_load_test_still_fits_what_cloudwatch_looks_back() -> None:
    longest = settings(load_generator=LoadGenerator(longest_minutes=480))
    alarm = filled(load_generator.LAYER, longest)["Resources"]["GeneratorsRunOnCritical"]
    assert alarm["Properties"]["EvaluationPeriods"] * 60 <= 86_400


def test_one_region_of_an_account_makes_the_budget() -> None:
    template = filled(load_generator.LAYER, CHOSEN)
    assert template["Resources"]["LoadBudget"]["Condition"] == "FirstRegion"
    assert template["Conditions"]["FirstRegion"] == {
        "Fn::Equals": [{"Ref": "AWS::Region"}, REGIONS[0]]
    }


def test_people_are_told_by_a_topic_that_needs_no_other_stack() -> None:
    (email,) = _of_type("SNS::Subscription").values()
    assert email["Endpoint"] == "ops@example.com"
    assert _properties("LoadTopic")["KmsMasterKeyId"] == {"Ref": "LoadKey"}


# --- rights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "arn", "allowed"),
    [
        ("autoscaling:SetDesiredCapacity", "autoscaling:eu-west-1:{}:autoScalingGroup:1:"
         "autoScalingGroupName/gtm-test-load-workers", True),
        ("autoscaling:SetDesiredCapacity", "autoscaling:eu-west-1:{}:autoScalingGroup:1:"
         "autoScalingGroupName/gtm-test-regional", False),
        ("s3:PutObject", "s3:::gtm-test-loadtests-111122223333-eu-west-1/runs/1/done", True),
        ("s3:PutObject", "s3:::gtm-test-loadtests-111122223333-eu-west-1/orders/current.json",
         False),
        ("s3:GetObject", "s3:::gtm-test-artifacts-111122223333-eu-west-1/gtm-test/"
         "load-generator-1.tar.gz", True),
        ("s3:GetObject", "s3:::gtm-test-artifacts-111122223333-eu-west-1/gtm-test/service-1.tar.gz",
         False),
        ("dynamodb:PutItem", "dynamodb:us-east-1:{}:table/gtm-test-sessions", True),
        ("dynamodb:DeleteItem", "dynamodb:us-east-1:{}:table/gtm-test-sessions", False),
        ("secretsmanager:GetSecretValue", "secretsmanager:us-east-1:{}:secret:gtm-test/x", False),
    ],
)  # fmt: skip
def test_an_instance_reaches_its_own_and_nothing_else(action: str, arn: str, allowed: bool) -> None:
    role = [_resources()["GeneratorRole"]]
    assert allows(role, action, "arn:aws:" + arn.format("111122223333")) is allowed


def test_its_role_is_named_for_stack_sets_do_not_name_their_stacks_after_us() -> None:
    role = rendered(_properties("GeneratorRole"))
    assert role["RoleName"] == "gtm-test-load-generator-eu-west-1"
    assert role["PermissionsBoundary"].endswith("boundary")


# --- other accounts -------------------------------------------------------------------------------


def test_in_other_accounts_there_is_no_boundary_and_no_table_of_ours() -> None:
    role = filled(load_generator.LAYER, IN_ACCOUNTS)["Resources"]["GeneratorRole"]
    assert "PermissionsBoundary" not in role["Properties"]
    assert "LoadTables" not in {statement["Sid"] for statement in statements(role)}


def test_other_accounts_fetch_from_the_platforms_own_bucket() -> None:
    text = json.dumps(filled(load_generator.LAYER, IN_ACCOUNTS))
    assert "gtm-test-artifacts-${AWS::AccountId}" not in text
    drafts = {draft.layer.name: draft for draft in draft_platform(IN_ACCOUNTS).drafts}
    assert list(drafts["load_generator"].needs) == ["PlatformAccountId"]


@pytest.mark.parametrize("chosen", [CHOSEN, settings(organization=ORGANIZATION)])
def test_the_artifact_bucket_is_closed_but_where_other_accounts_need_it(chosen: Settings) -> None:
    policy = filled(storage.LAYER, chosen)["Resources"]["ArtifactBucketPolicy"]["Properties"]
    assert {s["Effect"] for s in policy["PolicyDocument"]["Statement"]} == {"Deny"}


def test_members_of_the_organization_read_the_archive_and_nothing_else() -> None:
    policy = filled(storage.LAYER, IN_ACCOUNTS)["Resources"]["ArtifactBucketPolicy"]["Properties"]
    (reading,) = (s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow")
    assert reading["Action"] == ["s3:GetObject"]
    assert reading["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    assert rendered(reading["Resource"]) == ["ArtifactBucket.Arn/gtm-test/load-generator-*.tar.gz"]
