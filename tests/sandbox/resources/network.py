"""A small network for resources that stand in one."""

from __future__ import annotations

from typing import Any

from tests.sandbox.resources.stack import att, ref, resource

BLOCK = "10.0.0.0/16"


def vpc(block: str = BLOCK) -> dict[str, Any]:
    """A VPC."""
    return {"Vpc": resource("EC2::VPC", CidrBlock=block)}


def subnet(number: int, zone: str, block: str | None = None) -> dict[str, Any]:
    """A subnet of the VPC: 10.0.NUMBER.0/24, or `block`."""
    properties = {"VpcId": ref("Vpc"), "AvailabilityZone": zone}
    cidr = block or f"10.0.{number}.0/24"
    return {f"Subnet{number}": resource("EC2::Subnet", CidrBlock=cidr, **properties)}


def subnets(region: str) -> dict[str, Any]:
    """The VPC with two subnets, in two zones."""
    return vpc() | subnet(1, f"{region}a") | subnet(2, f"{region}b")


def group(logical_id: str = "Group") -> dict[str, Any]:
    """A security group of the VPC."""
    described = {"GroupDescription": logical_id, "VpcId": ref("Vpc")}
    return {logical_id: resource("EC2::SecurityGroup", **described)}


def group_id(logical_id: str = "Group") -> dict[str, list[str]]:
    """A security group's id."""
    return att(logical_id, "GroupId")
