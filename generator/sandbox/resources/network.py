"""VPCs, subnets and security groups as EC2 has them.

Blocks are checked, no attribute is left out, and what something stands in is not deleted.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

from generator.sandbox import seams
from generator.sandbox.resources.calls import failure, told
from generator.sandbox.resources.resource import Attributes, Extension, Made, Properties

_WIDEST, _NARROWEST = 16, 28


# --- AWS::EC2::VPC


def _check_vpc(logical_id: str, properties: Properties, stack: str) -> None:
    _block(properties["CidrBlock"])


def _vpc(made: Made, properties: Properties, stack: str) -> Made:
    identifier, attributes = made
    return identifier, attributes | {"CidrBlock": properties["CidrBlock"], "Ipv6CidrBlocks": []}


def _updated_vpc(made: Made, before: Properties, properties: Properties, stack: str) -> Made:
    return _vpc(made, properties, stack)


# --- AWS::EC2::Subnet


def _check_subnet(logical_id: str, properties: Properties, stack: str) -> None:
    block, ec2 = _block(properties["CidrBlock"]), seams.client("ec2")
    vpc = told(ec2.describe_vpcs, VpcIds=[properties["VpcId"]])["Vpcs"][0]
    if not block.subnet_of(IPv4Network(vpc["CidrBlock"])):
        raise ValueError(_invalid(block))
    here = [{"Name": "vpc-id", "Values": [properties["VpcId"]]}]
    for other in ec2.describe_subnets(Filters=here)["Subnets"]:
        if block.overlaps(IPv4Network(other["CidrBlock"])):
            said = f"The CIDR '{block}' conflicts with another subnet"
            raise ValueError(failure(said, "AlreadyExists"))


def _subnet(made: Made, properties: Properties, stack: str) -> Made:
    identifier, attributes = made
    found = seams.client("ec2").describe_subnets(SubnetIds=[identifier])["Subnets"][0]
    names = ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId")
    more: Attributes = {name: found[name] for name in names if name in found}
    return identifier, attributes | more | {"Ipv6CidrBlocks": []}


def _updated_subnet(made: Made, before: Properties, properties: Properties, stack: str) -> Made:
    return _subnet(made, properties, stack)


def _block(cidr: str) -> IPv4Network:
    """A block that EC2 takes for a VPC or a subnet. Raises ValueError for another."""
    try:
        block = ip_network(cidr)
    except ValueError as error:
        raise ValueError(_invalid(cidr)) from error
    if not isinstance(block, IPv4Network) or not _WIDEST <= block.prefixlen <= _NARROWEST:
        raise ValueError(_invalid(cidr))
    return block


def _invalid(cidr: object) -> str:
    return failure(f"The CIDR '{cidr}' is invalid.", "InvalidRequest")


def _keep_subnet(physical_id: str, properties: Properties) -> None:
    gateways = seams.client("ec2").describe_nat_gateways()["NatGateways"]
    places = [each["SubnetId"] for each in gateways if each["State"] != "deleted"]
    places += [each.get("SubnetId") for each in _instances()]
    for balancer in seams.client("elbv2").describe_load_balancers()["LoadBalancers"]:
        places += [each["SubnetId"] for each in balancer["AvailabilityZones"]]
    if physical_id in places:
        said = f"The subnet '{physical_id}' has dependencies and cannot be deleted."
        raise ValueError(failure(said, "InvalidRequest"))


# --- AWS::EC2::SecurityGroup


def _keep_group(physical_id: str, properties: Properties) -> None:
    used = [group["GroupId"] for each in _instances() for group in each["SecurityGroups"]]
    for balancer in seams.client("elbv2").describe_load_balancers()["LoadBalancers"]:
        used += balancer.get("SecurityGroups", [])
    for group in seams.client("ec2").describe_security_groups()["SecurityGroups"]:
        if group["GroupId"] != physical_id:
            used += _named_in_rules(group)
    if physical_id in used:
        said = f"resource {physical_id} has a dependent object"
        raise ValueError(failure(said, "InvalidRequest"))


def _named_in_rules(group: Properties) -> list[str]:
    rules = group["IpPermissions"] + group["IpPermissionsEgress"]
    return [pair["GroupId"] for rule in rules for pair in rule["UserIdGroupPairs"]]


def _instances() -> list[Properties]:
    reservations = seams.client("ec2").describe_instances()["Reservations"]
    found = [each for reservation in reservations for each in reservation["Instances"]]
    return [each for each in found if each["State"]["Name"] != "terminated"]


EXTENSIONS = {
    "AWS::EC2::SecurityGroup": Extension(before_delete=_keep_group),
    "AWS::EC2::VPC": Extension(before_create=_check_vpc, created=_vpc, updated=_updated_vpc),
    "AWS::EC2::Subnet": Extension(
        before_create=_check_subnet,
        created=_subnet,
        updated=_updated_subnet,
        before_delete=_keep_subnet,
    ),
}
