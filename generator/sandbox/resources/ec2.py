"""Addresses, NAT gateways and flow logs, through the EC2 API."""

from __future__ import annotations

from typing import Any

from generator.sandbox import seams
from generator.sandbox.resources.calls import Tag, failure, picked, tag_changes
from generator.sandbox.resources.resource import Attributes, Made, Properties, Resource


def retag(identifier: str, old: list[Tag], new: list[Tag]) -> None:
    """Make the tags of an EC2 resource what the template has, leaving others."""
    gone, changed = tag_changes(old, new)
    if gone:
        tags = [{"Key": key} for key in gone]
        seams.client("ec2").delete_tags(Resources=[identifier], Tags=tags)
    if changed:
        seams.client("ec2").create_tags(Resources=[identifier], Tags=changed)


def _retagged(attribute: str) -> Any:
    """An update of a type whose tags alone can change."""

    def update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
        retag(physical_id, old.get("Tags", []), new.get("Tags", []))
        return physical_id, {attribute: physical_id}

    return update


# --- AWS::EC2::EIP


def _allocate(logical_id: str, properties: Properties, stack: str) -> Made:
    asked = picked(properties, "Domain", "NetworkBorderGroup", "PublicIpv4Pool")
    made = seams.client("ec2").allocate_address(**asked)
    retag(made["AllocationId"], [], properties.get("Tags", []))
    return made["PublicIp"], _address_attributes(made)


def _change_address(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    address = _address(physical_id)
    if address is None:
        raise ValueError(failure(f"Address '{physical_id}' not found.", "NotFound"))
    retag(address["AllocationId"], old.get("Tags", []), new.get("Tags", []))
    return physical_id, _address_attributes(address)


def _release(physical_id: str, properties: Properties) -> None:
    if address := _address(physical_id):
        seams.client("ec2").release_address(AllocationId=address["AllocationId"])


def _address(public_ip: str) -> Properties | None:
    addresses = seams.client("ec2").describe_addresses()["Addresses"]
    return next((each for each in addresses if each["PublicIp"] == public_ip), None)


def _address_attributes(address: Properties) -> Attributes:
    return {"AllocationId": address["AllocationId"], "PublicIp": address["PublicIp"]}


# --- AWS::EC2::NatGateway


def _create_gateway(logical_id: str, properties: Properties, stack: str) -> Made:
    ec2 = seams.client("ec2")
    ec2.describe_subnets(SubnetIds=[properties["SubnetId"]])
    _check_allocation(properties.get("AllocationId"))
    asked = picked(properties, "SubnetId", "AllocationId", "ConnectivityType", "PrivateIpAddress")
    made: str = ec2.create_nat_gateway(**asked)["NatGateway"]["NatGatewayId"]
    retag(made, [], properties.get("Tags", []))
    return made, {"NatGatewayId": made}


def _check_allocation(allocation: str | None) -> None:
    if allocation is None:
        return
    addresses = seams.client("ec2").describe_addresses()["Addresses"]
    if allocation not in {each["AllocationId"] for each in addresses}:
        said = f"Elastic IP address {allocation} could not be found"
        raise ValueError(failure(said, "NotFound"))


def _delete_gateway(physical_id: str, properties: Properties) -> None:
    seams.client("ec2").delete_nat_gateway(NatGatewayId=physical_id)


# --- AWS::EC2::FlowLog


def _create_flow_log(logical_id: str, properties: Properties, stack: str) -> Made:
    _check_monitored(properties)
    asked = {
        name: value for name, value in properties.items() if name not in ("ResourceId", "Tags")
    }
    made = seams.client("ec2").create_flow_logs(ResourceIds=[properties["ResourceId"]], **asked)
    if made.get("Unsuccessful"):
        said = made["Unsuccessful"][0]["Error"]["Message"]
        raise ValueError(failure(said, "InvalidRequest"))
    identifier: str = made["FlowLogIds"][0]
    retag(identifier, [], properties.get("Tags", []))
    return identifier, {"Id": identifier}


def _check_monitored(properties: Properties) -> None:
    ec2, resource = seams.client("ec2"), properties["ResourceId"]
    if properties["ResourceType"] == "VPC":
        ec2.describe_vpcs(VpcIds=[resource])
    elif properties["ResourceType"] == "Subnet":
        ec2.describe_subnets(SubnetIds=[resource])


def _delete_flow_log(physical_id: str, properties: Properties) -> None:
    seams.client("ec2").delete_flow_logs(FlowLogIds=[physical_id])


RESOURCES = {
    "AWS::EC2::EIP": Resource(
        _allocate,
        _release,
        _change_address,
        frozenset({"Domain", "NetworkBorderGroup", "PublicIpv4Pool"}),
        tags="Tags",
    ),
    "AWS::EC2::NatGateway": Resource(
        _create_gateway,
        _delete_gateway,
        _retagged("NatGatewayId"),
        frozenset({"SubnetId", "AllocationId", "ConnectivityType", "PrivateIpAddress"}),
        tags="Tags",
    ),
    "AWS::EC2::FlowLog": Resource(
        _create_flow_log,
        _delete_flow_log,
        _retagged("Id"),
        frozenset(
            {
                "ResourceId",
                "ResourceType",
                "TrafficType",
                "MaxAggregationInterval",
                "LogDestinationType",
                "LogDestination",
                "LogGroupName",
                "LogFormat",
                "DeliverLogsPermissionArn",
                "DestinationOptions",
            }
        ),
        tags="Tags",
    ),
}
