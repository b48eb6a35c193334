"""Rules of security groups as resources of their own, through the EC2 API."""

from __future__ import annotations

from typing import Any

from generator.sandbox import seams
from generator.sandbox.resources.calls import failure, picked
from generator.sandbox.resources.resource import Made, Properties, Resource

_SIDES = {"ingress": "Source", "egress": "Destination"}


def _rule(side: str, properties: Properties) -> Properties:
    """One rule as an IpPermission, which is how the API takes it."""
    peer = _SIDES[side]
    described = picked(properties, "Description")
    permission = picked(properties, "IpProtocol")
    permission |= _ports(properties)
    if "CidrIp" in properties:
        permission["IpRanges"] = [picked(properties, "CidrIp") | described]
    if "CidrIpv6" in properties:
        permission["Ipv6Ranges"] = [picked(properties, "CidrIpv6") | described]
    if group := properties.get(f"{peer}SecurityGroupId"):
        owner = properties.get("SourceSecurityGroupOwnerId")
        pair = {"GroupId": group} | ({"UserId": owner} if owner else {})
        permission["UserIdGroupPairs"] = [pair | described]
    if prefix_list := properties.get(f"{peer}PrefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": prefix_list} | described]
    return permission


def _request(side: str, properties: Properties) -> Properties:
    """One rule as a SecurityGroupRuleRequest: every part of it, for all of it is written."""
    peer = _SIDES[side]
    names = {
        "CidrIp": "CidrIpv4",
        "CidrIpv6": "CidrIpv6",
        f"{peer}SecurityGroupId": "ReferencedGroupId",
        f"{peer}PrefixListId": "PrefixListId",
    }
    asked = {names[name]: value for name, value in picked(properties, *names).items()}
    asked |= {"IpProtocol": properties["IpProtocol"], **_ports(properties)}
    return asked | {"Description": properties.get("Description", "")}


def _ports(properties: Properties) -> Properties:
    return {name: int(value) for name, value in picked(properties, "FromPort", "ToPort").items()}


def _rule_type(side: str) -> Resource:
    """The type of one side; the physical id is the rule's own, as on AWS."""

    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        _refuse_duplicate(side, properties)
        authorize = seams.client("ec2").authorize_security_group_ingress
        if side == "egress":
            authorize = seams.client("ec2").authorize_security_group_egress
        made = authorize(GroupId=properties["GroupId"], IpPermissions=[_rule(side, properties)])
        identifier: str = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return identifier, {"Id": identifier}

    def update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
        changed = {"SecurityGroupRuleId": physical_id, "SecurityGroupRule": _request(side, new)}
        seams.client("ec2").modify_security_group_rules(
            GroupId=new["GroupId"], SecurityGroupRules=[changed]
        )
        return physical_id, {"Id": physical_id}

    def delete(physical_id: str, properties: Properties) -> None:
        revoke = seams.client("ec2").revoke_security_group_ingress
        if side == "egress":
            revoke = seams.client("ec2").revoke_security_group_egress
        revoke(GroupId=properties["GroupId"], SecurityGroupRuleIds=[physical_id])

    peer = _SIDES[side]
    owner = {"SourceSecurityGroupOwnerId"} if side == "ingress" else set()
    fixed = {"GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", *owner}
    fixed |= {f"{peer}SecurityGroupId", f"{peer}PrefixListId"}
    return Resource(create, delete, update, frozenset(fixed), frozenset({"Description"}))


def _refuse_duplicate(side: str, properties: Properties) -> None:
    """EC2 refuses a rule that the group has; the emulator would answer with the other's id."""
    wanted = _peers(_rule(side, properties))
    groups = seams.client("ec2").describe_security_groups(GroupIds=[properties["GroupId"]])
    key = "IpPermissions" if side == "ingress" else "IpPermissionsEgress"
    if any(wanted & _peers(each) for each in groups["SecurityGroups"][0][key]):
        said = "the specified rule already exists"
        raise ValueError(failure(said, "AlreadyExists"))


def _peers(permission: Properties) -> set[tuple[Any, ...]]:
    """What makes rules the same: protocol, ports and peer."""
    ports = tuple(permission.get(name) for name in ("IpProtocol", "FromPort", "ToPort"))
    peers = {
        "IpRanges": "CidrIp",
        "Ipv6Ranges": "CidrIpv6",
        "UserIdGroupPairs": "GroupId",
        "PrefixListIds": "PrefixListId",
    }
    return {(*ports, each[name]) for key, name in peers.items() for each in permission.get(key, [])}


RESOURCES = {
    "AWS::EC2::SecurityGroupIngress": _rule_type("ingress"),
    "AWS::EC2::SecurityGroupEgress": _rule_type("egress"),
}
