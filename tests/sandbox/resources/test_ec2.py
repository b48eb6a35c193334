"""Addresses, NAT gateways, flow logs and rules are EC2's own, as its API shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_aws import Account
from tests.sandbox.resources.network import group, group_id, subnet, vpc
from tests.sandbox.resources.stack import Stack, att, ref, resource, value

TAGS = [{"Key": "Name", "Value": "one"}]


def test_a_nat_gateway_with_its_address(account: Account) -> None:
    stack = Stack(account)
    public = vpc() | subnet(1, "eu-west-1a")
    address = {"Address": resource("EC2::EIP", Domain="vpc", Tags=TAGS)}
    made = {"SubnetId": ref("Subnet1"), "AllocationId": att("Address", "AllocationId")}
    stack.create(public | address | {"Nat": resource("EC2::NatGateway", **made)})
    ec2 = stack.client("ec2")
    [found] = ec2.describe_addresses()["Addresses"]
    [gateway] = ec2.describe_nat_gateways()["NatGateways"]
    assert (found["PublicIp"], stack.tags(found["Tags"])) == (stack.id("Address"), {"Name": "one"})
    assert (gateway["NatGatewayId"], gateway["SubnetId"]) == (stack.id("Nat"), stack.id("Subnet1"))
    stack.update(public | address | {"Nat": resource("EC2::NatGateway", Tags=TAGS, **made)})
    [gateway] = ec2.describe_nat_gateways()["NatGateways"]
    assert stack.tags(gateway["Tags"]) == {"Name": "one"}
    stack.delete()
    assert ec2.describe_addresses()["Addresses"] == []
    assert [each["State"] for each in ec2.describe_nat_gateways()["NatGateways"]] == ["deleted"]


def test_a_nat_gateway_in_no_subnet_is_refused(account: Account) -> None:
    stack = Stack(account)
    nat = resource("EC2::NatGateway", SubnetId="subnet-0123456789abcdef0")
    assert stack.try_create({"Nat": nat}) == "ROLLBACK_COMPLETE"
    assert "The subnet ID 'subnet-0123456789abcdef0' does not exist" in stack.reasons()[0]
    assert "HandlerErrorCode: NotFound" in stack.reasons()[0]


def test_a_flow_log(account: Account) -> None:
    stack = Stack(account)
    bucket = "arn:aws:s3:::logs-of-a-test"
    made = {"ResourceId": ref("Vpc"), "ResourceType": "VPC", "TrafficType": "ALL"}
    made |= {"LogDestinationType": "s3", "LogDestination": bucket}
    stack.create(vpc() | {"Log": resource("EC2::FlowLog", **made)})
    ec2 = stack.client("ec2")
    [log] = ec2.describe_flow_logs()["FlowLogs"]
    assert (log["ResourceId"], log["LogDestination"]) == (stack.id("Vpc"), bucket)
    stack.update(vpc() | {"Log": resource("EC2::FlowLog", Tags=TAGS, **made)})
    [same] = ec2.describe_flow_logs()["FlowLogs"]
    assert (same["FlowLogId"], stack.tags(same["Tags"])) == (log["FlowLogId"], {"Name": "one"})
    stack.update(vpc() | {"Log": resource("EC2::FlowLog", **made | {"TrafficType": "REJECT"})})
    [other] = ec2.describe_flow_logs()["FlowLogs"]
    assert (other["TrafficType"], other["FlowLogId"] == log["FlowLogId"]) == ("REJECT", False)
    stack.delete()
    assert ec2.describe_flow_logs()["FlowLogs"] == []


def rule(side: str, port: int, **more: Any) -> dict[str, Any]:
    """A rule from or to the other group."""
    ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    return resource(f"EC2::SecurityGroup{side}", GroupId=group_id(), **ports, **more)


def test_rules_between_groups(account: Account) -> None:
    stack = Stack(account)
    groups = vpc() | group() | group("Other")
    incoming = {"SourceSecurityGroupId": group_id("Other")}
    outgoing = {"DestinationSecurityGroupId": group_id("Other")}
    rules = {"In": rule("Ingress", 443, **incoming), "Out": rule("Egress", 6379, **outgoing)}
    stack.create(groups | rules)
    ec2 = stack.client("ec2")

    def rule_of(logical_id: str) -> dict[str, Any]:
        identifiers = [stack.id(logical_id)]
        found = ec2.describe_security_group_rules(SecurityGroupRuleIds=identifiers)
        return dict(found["SecurityGroupRules"][0])

    assert rule_of("In")["ReferencedGroupInfo"]["GroupId"] == stack.id("Other")
    assert (rule_of("In")["IsEgress"], rule_of("In")["FromPort"]) == (False, 443)
    assert (rule_of("Out")["IsEgress"], rule_of("Out")["FromPort"]) == (True, 6379)
    before = stack.id("In")
    described = rule("Ingress", 443, **incoming, Description="From the other")
    stack.update(groups | rules | {"In": described})
    assert (stack.id("In"), rule_of("In")["Description"]) == (before, "From the other")
    stack.update(groups | rules | {"In": rule("Ingress", 8443, **incoming)})
    assert (stack.id("In") == before, rule_of("In")["FromPort"]) == (False, 8443)
    stack.update(groups)
    found = ec2.describe_security_groups(GroupIds=[stack.id("Group")])["SecurityGroups"][0]
    assert found["IpPermissions"] == []
    stack.delete()


def test_a_rule_that_the_group_has_is_refused(account: Account) -> None:
    stack = Stack(account)
    twice = rule("Ingress", 443, CidrIp="10.0.0.0/8")
    assert stack.try_create(vpc() | group() | {"One": twice, "Two": twice}) == "ROLLBACK_COMPLETE"
    assert "the specified rule already exists" in stack.reasons()[0]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("10.0.1.0/29", "The CIDR '10.0.1.0/29' is invalid."),
        ("10.9.0.0/24", "The CIDR '10.9.0.0/24' is invalid."),
        ("10.0.1.128/25", "The CIDR '10.0.1.128/25' conflicts with another subnet"),
    ],
    ids=["too small", "outside", "overlapping"],
)
def test_a_subnet_that_does_not_fit_is_refused(account: Account, block: str, said: str) -> None:
    stack = Stack(account)
    first = subnet(1, "eu-west-1a")
    second = subnet(2, "eu-west-1b", block)
    second["Subnet2"]["DependsOn"] = "Subnet1"
    assert stack.try_create(vpc() | first | second) == "ROLLBACK_COMPLETE"
    assert said in stack.reasons()[0]
    mine = [each for each in stack.client("ec2").describe_vpcs()["Vpcs"] if not each["IsDefault"]]
    assert mine == []


def test_what_something_stands_in_stays(account: Account) -> None:
    stack = Stack(account)
    stack.create(vpc() | subnet(1, "eu-west-1a") | group())
    place = {"SubnetId": stack.id("Subnet1"), "SecurityGroupIds": [stack.id("Group")]}
    ec2 = stack.client("ec2")
    made = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, **place)
    assert stack.try_delete() == "DELETE_FAILED"
    said = "\n".join(stack.reasons())
    assert f"The subnet '{place['SubnetId']}' has dependencies and cannot be deleted." in said
    assert f"resource {stack.id('Group')} has a dependent object" in said
    ec2.terminate_instances(InstanceIds=[made["Instances"][0]["InstanceId"]])
    stack.delete()


def test_a_vpc_tells_its_block(account: Account) -> None:
    stack = Stack(account)
    outputs = {"Block": value(att("Vpc", "CidrBlock"))}
    outputs["Zone"] = value(att("Subnet1", "AvailabilityZone"))
    stack.create(vpc() | subnet(1, "eu-west-1b"), Outputs=outputs)
    assert stack.outputs() == {"Block": "10.0.0.0/16", "Zone": "eu-west-1b"}
