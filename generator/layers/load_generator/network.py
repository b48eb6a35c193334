"""The network of load generators: two public subnets, and nobody is let in but the group itself.

No NAT gateway: it would cost by the hour, and one address for all of them would be what a rate
limit of the firewall sees. The VPC is connected to no other, so all Regions may have one range.
"""

from __future__ import annotations

from typing import NamedTuple

from troposphere import Cidr, GetAtt, GetAZs, Ref, Select, Tags
from troposphere.ec2 import (
    VPC,
    FlowLog,
    InternetGateway,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupEgress,
    SecurityGroupIngress,
    SecurityGroupRule,
    Subnet,
    SubnetRouteTableAssociation,
    VPCGatewayAttachment,
)
from troposphere.s3 import Bucket

from generator import names
from generator.layers.draft import IN_TRANSIT, Draft, Expression

RANGE = "10.255.252.0/22"
"""1,000 addresses: fifty workers, and whatever replaces them."""
SUBNETS, HOST_BITS = 2, 9
LOCUST_PORT = 5557
LOCUST_HAS_NO_TLS = (
    "Locust's own protocol has no TLS; it carries counts and how many users to start, between "
    "machines of this one group."
)
HTTPS = 443


class Places(NamedTuple):
    """Where instances go."""

    subnets: list[Subnet]
    group: SecurityGroup


def add(draft: Draft, logs: Bucket) -> Places:
    """The VPC from its edge inwards; `logs` takes its flow logs."""
    vpc = draft.add(
        VPC(
            "Vpc",
            CidrBlock=RANGE,
            EnableDnsSupport=True,
            EnableDnsHostnames=True,
            Tags=_named(draft, "vpc"),
        )
    )
    subnets = [_subnet(draft, vpc, number) for number in range(SUBNETS)]
    _way_out(draft, vpc, subnets)
    _flow_log(draft, vpc, logs)
    return Places(subnets, _group(draft, vpc))


def _subnet(draft: Draft, vpc: VPC, number: int) -> Subnet:
    """Addresses are given by the launch template, where it is seen who gets one."""
    return draft.add(
        Subnet(
            f"Subnet{number + 1}",
            VpcId=Ref(vpc),
            AvailabilityZone=Select(number, GetAZs("")),
            CidrBlock=Select(number, Cidr(GetAtt(vpc, "CidrBlock"), SUBNETS, HOST_BITS)),
            MapPublicIpOnLaunch=False,
            Tags=_named(draft, f"subnet-{number + 1}"),
        )
    )


def _way_out(draft: Draft, vpc: VPC, subnets: list[Subnet]) -> None:
    gateway = draft.add(InternetGateway("InternetGateway", Tags=_named(draft, "internet")))
    attached = draft.add(
        VPCGatewayAttachment(
            "InternetGatewayAttachment", VpcId=Ref(vpc), InternetGatewayId=Ref(gateway)
        )
    )
    table = draft.add(RouteTable("RouteTable", VpcId=Ref(vpc), Tags=_named(draft, "routes")))
    draft.add(
        Route(
            "DefaultRoute",
            RouteTableId=Ref(table),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=Ref(gateway),
            DependsOn=attached.title,
        )
    )
    for subnet in subnets:
        draft.add(
            SubnetRouteTableAssociation(
                f"{subnet.title}Routes", SubnetId=Ref(subnet), RouteTableId=Ref(table)
            )
        )


def _flow_log(draft: Draft, vpc: VPC, logs: Bucket) -> None:
    """Into the layer's own bucket: in other accounts and Regions there is no other."""
    draft.add(
        FlowLog(
            "FlowLog",
            ResourceId=Ref(vpc),
            ResourceType="VPC",
            TrafficType="ALL",
            MaxAggregationInterval=600,
            LogDestinationType="s3",
            LogDestination=GetAtt(logs, "Arn"),
            Tags=_named(draft, "flow-log"),
            DependsOn="LoadtestBucketPolicy",
        )
    )


def _group(draft: Draft, vpc: VPC) -> SecurityGroup:
    """Out to HTTPS, which is all that a target, AWS and package indexes speak."""
    nowhere = SecurityGroupRule(
        CidrIp="127.0.0.1/32",
        IpProtocol="icmp",
        FromPort=-1,
        ToPort=-1,
        Description="Placeholder: without a rule AWS would allow all",
    )
    group = draft.add(
        SecurityGroup(
            "GeneratorSecurityGroup",
            GroupDescription="Load generators: from each other only.",
            VpcId=Ref(vpc),
            SecurityGroupEgress=[nowhere],
            Tags=_named(draft, "generators"),
        )
    )
    _let_workers_meet_their_master(draft, GetAtt(group, "GroupId"))
    _let_out(draft, GetAtt(group, "GroupId"))
    return group


def _let_workers_meet_their_master(draft: Draft, own: Expression) -> None:
    locust = {"IpProtocol": "tcp", "FromPort": LOCUST_PORT, "ToPort": LOCUST_PORT, "GroupId": own}
    draft.add(
        SecurityGroupIngress(
            "MasterFromWorkers",
            SourceSecurityGroupId=own,
            Description="Locust, from workers",
            **locust,
        )
    )
    to_master = draft.add(
        SecurityGroupEgress(
            "WorkersToMaster",
            DestinationSecurityGroupId=own,
            Description="Locust, to the master",
            **locust,
        )
    )
    draft.explain(to_master, IN_TRANSIT, LOCUST_HAS_NO_TLS)


def _let_out(draft: Draft, own: Expression) -> None:
    draft.add(
        SecurityGroupEgress(
            "HttpsOut",
            GroupId=own,
            CidrIp="0.0.0.0/0",
            IpProtocol="tcp",
            FromPort=HTTPS,
            ToPort=HTTPS,
            Description="What is loaded, AWS APIs, packages",
        )
    )


def _named(draft: Draft, suffix: str) -> Tags:
    return Tags(Name=names.generators(draft.settings, suffix))
