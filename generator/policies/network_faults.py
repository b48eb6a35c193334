"""What the experiments that cut networks may do.

What AWS FIS makes for them (network ACLs, route tables, prefix lists, interfaces) it tags
`managedByFIS`, and it may change and delete only what has that tag.

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html#network-actions-reference
https://docs.aws.amazon.com/fis/latest/userguide/cross-region-scenario.html
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs import ec2
from awacs.aws import Condition, StringEquals
from troposphere import Sub

from generator.policies.statements import Grant, Resource, allow, allow_any

READS = "EC2 authorises describing on * only; it changes nothing."
MANAGED = {"managedByFIS": "true"}


def cut_off(subnets: Sequence[Resource]) -> list[Grant]:
    """Put a network ACL of FIS's own before these subnets, and the old one back."""
    created_with = _tagged({"ec2:CreateAction": "CreateNetworkAcl", **_requested()})
    changing = [ec2.CreateNetworkAclEntry, ec2.DeleteNetworkAcl]
    swapping = [*subnets, _ec2("network-acl")]
    seeing = [
        ec2.DescribeManagedPrefixLists,
        ec2.DescribeNetworkAcls,
        ec2.DescribeSubnets,
        ec2.DescribeVpcs,
    ]
    return [
        allow("MakeAcl", [ec2.CreateNetworkAcl], [_ec2("network-acl")], _tagged(_requested())),
        allow("MakeAclInVpc", [ec2.CreateNetworkAcl], [_ec2("vpc")]),
        allow("TagAcl", [ec2.CreateTags], [_ec2("network-acl")], created_with),
        allow("ChangeAcl", changing, [_ec2("network-acl")], _tagged(_managed())),
        allow("SwapAcl", [ec2.ReplaceNetworkAclAssociation], swapping),
        allow("SeePrefixes", [ec2.GetManagedPrefixListEntries], [_ec2("prefix-list")]),
        allow_any("SeeNetwork", seeing, READS),
    ]


def isolate(subnets: Sequence[Resource]) -> list[Grant]:
    """Put a route table of FIS's own behind these subnets, and the old one back."""
    tables, lists, interfaces = (
        _ec2(kind) for kind in ("route-table", "prefix-list", "network-interface")
    )
    requested, managed = _tagged(_requested()), _tagged(_managed())
    joining = [
        ec2.AssociateRouteTable,
        ec2.DisassociateRouteTable,
        ec2.ReplaceRouteTableAssociation,
    ]
    making = [ec2.CreateRouteTable, ec2.CreateManagedPrefixList, ec2.CreateNetworkInterface]
    changing = [
        ec2.CreateRoute,
        ec2.DeleteManagedPrefixList,
        ec2.DeleteNetworkInterface,
        ec2.DeleteRouteTable,
        ec2.ModifyManagedPrefixList,
    ]
    seeing = [
        ec2.DescribeManagedPrefixLists,
        ec2.DescribeNetworkInterfaces,
        ec2.DescribeRouteTables,
        ec2.DescribeSecurityGroups,
        ec2.DescribeSubnets,
        ec2.DescribeVpcEndpoints,
        ec2.DescribeVpcPeeringConnections,
        ec2.DescribeVpcs,
    ]
    return [
        allow("MakeRoutes", making, [tables, lists, interfaces], requested),
        allow("MakeRoutesInVpc", [ec2.CreateRouteTable], [_ec2("vpc")]),
        allow("MakeInterfaces", [ec2.CreateNetworkInterface], [*subnets, _ec2("security-group")]),
        allow("TagRoutes", [ec2.CreateTags], [tables, lists, interfaces], requested),
        allow("ChangeRoutes", changing, [tables, lists, interfaces], managed),
        allow("SwapRoutes", joining, [*subnets, tables]),
        # The gateway endpoints of S3 and DynamoDB follow the subnets into the new table.
        allow("RouteToEndpoints", [ec2.ModifyVpcEndpoint], [tables, _ec2("vpc-endpoint")]),
        allow("SeePrefixes", [ec2.GetManagedPrefixListEntries], [lists]),
        allow_any("SeeNetwork", seeing, READS),
    ]


def _requested() -> dict[str, str]:
    return {f"aws:RequestTag/{key}": value for key, value in MANAGED.items()}


def _managed() -> dict[str, str]:
    return {f"aws:ResourceTag/{key}": value for key, value in MANAGED.items()}


def _tagged(tags: dict[str, str]) -> Condition:
    return Condition(StringEquals(tags))


def _ec2(kind: str) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:ec2:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*")
