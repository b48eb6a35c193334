"""Nothing in a template is without a handler, and a handler refuses what it does not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from generator.sandbox import seams
from generator.sandbox.resources import RESOURCES
from tests.local_aws import Account
from tests.sandbox.resources.stack import Stack, ref, resource

TEMPLATES = sorted((Path(__file__).parents[3] / "templates").glob("*.template.json"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name.split(".")[0])
def test_every_type_of_a_template_has_a_handler(template: Path) -> None:
    resources = json.loads(template.read_text(encoding="utf-8"))["Resources"]
    types = {each["Type"] for each in resources.values()}
    custom = {each for each in types if each.startswith("Custom::")}
    assert {each for each in types - custom if not seams.is_known(each)} <= RESOURCES.keys()


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 15


def test_an_unknown_property_is_refused_by_name(account: Account) -> None:
    stack = Stack(account)
    address = resource("EC2::EIP", Domain="vpc", Colour="green")
    assert stack.try_create({"Address": address}) == "ROLLBACK_COMPLETE"
    assert stack.reasons() == ["Encountered unsupported property Colour of AWS::EC2::EIP"]


def test_a_type_that_nothing_knows_is_refused_by_name(account: Account) -> None:
    with pytest.raises(ClientError, match="AWS::RoboMaker::Robot"):
        Stack(account).try_create({"Robot": resource("RoboMaker::Robot")})


def test_the_stack_tags_reach_types_that_were_added(account: Account) -> None:
    stack = Stack(account)
    body = json.dumps({"Resources": {"Address": resource("EC2::EIP", Domain="vpc")}})
    tags = [{"Key": "cost-center", "Value": "platform"}]
    stack.cfn.create_stack(StackName=stack.name, TemplateBody=body, Tags=tags)
    stack.cfn.get_waiter("stack_create_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 0}
    )
    address = stack.client("ec2").describe_addresses()["Addresses"][0]
    found = {tag["Key"]: tag["Value"] for tag in address["Tags"]}
    assert found["cost-center"] == "platform"
    assert found["aws:cloudformation:logical-id"] == "Address"


def change_of(stack: Stack, resources: dict[str, Any]) -> dict[str, Any]:
    """What a change set says of its one change."""
    body = json.dumps({"Resources": resources})
    asked = {"StackName": stack.name, "ChangeSetName": "next"}
    stack.cfn.create_change_set(**asked, TemplateBody=body)
    stack.cfn.get_waiter("change_set_create_complete").wait(**asked, WaiterConfig={"Delay": 0})
    change: dict[str, Any]
    [change] = stack.cfn.describe_change_set(**asked)["Changes"]
    return dict(change["ResourceChange"])


@pytest.mark.parametrize(
    ("before", "after", "replacement"),
    [
        (
            resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
            resource("EC2::VPC", CidrBlock="10.1.0.0/16"),
            "True",
        ),
        (
            resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
            resource("EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsSupport=True),
            "False",
        ),
        (
            resource("Logs::LogGroup", RetentionInDays=1),
            resource("Logs::LogGroup", RetentionInDays=3),
            "False",
        ),
        (
            resource("Logs::LogGroup", LogGroupName="/one"),
            resource("Logs::LogGroup", LogGroupName="/two"),
            "True",
        ),
    ],
    ids=["block of a VPC", "setting of a VPC", "retention", "name of a log group"],
)
def test_a_change_set_says_what_replaces(
    account: Account, before: Any, after: Any, replacement: str
) -> None:
    stack = Stack(account)
    stack.create({"Thing": before})
    change = change_of(stack, {"Thing": after})
    assert (change["Action"], change["Replacement"]) == ("Modify", replacement)


def test_a_replacement_is_made_before_the_old_one_goes(account: Account) -> None:
    stack = Stack(account)
    zone = resource("Route53::HostedZone", Name="one.example")
    stack.create({"Zone": zone, "Same": resource("SNS::Topic")})
    before = stack.id("Zone")
    other = resource("Route53::HostedZone", Name="two.example")
    stack.update({"Zone": other, "Same": resource("SNS::Topic", DisplayName="still here")})
    zones = stack.client("route53").list_hosted_zones()["HostedZones"]
    assert [each["Name"] for each in zones] == ["two.example."]
    assert stack.id("Zone") != before


def test_what_is_gone_already_is_no_error(account: Account) -> None:
    stack = Stack(account)
    address = {"Address": resource("EC2::EIP", Domain="vpc")}
    key = {"Key": resource("KMS::Key", KeyPolicy={"Version": "2012-10-17", "Statement": []})}
    alias = resource("KMS::Alias", AliasName="alias/of-a-test", TargetKeyId=ref("Key"))
    stack.create(address | key | {"Alias": alias})
    ec2 = stack.client("ec2")
    ec2.release_address(AllocationId=ec2.describe_addresses()["Addresses"][0]["AllocationId"])
    stack.client("kms").delete_alias(AliasName="alias/of-a-test")
    stack.delete()
