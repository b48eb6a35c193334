"""VPCs and subnets as EC2 has them: blocks are checked, and no attribute is left out.

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


EXTENSIONS = {
    "AWS::EC2::VPC": Extension(before_create=_check_vpc, created=_vpc, updated=_updated_vpc),
    "AWS::EC2::Subnet": Extension(
        before_create=_check_subnet, created=_subnet, updated=_updated_subnet
    ),
}
