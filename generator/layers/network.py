"""01 network: the VPC of a Region.

Three tiers over two to four Availability Zones: public (load balancer, NAT), private (instances)
and data (cache; no route out at all). Subnets are cut from the VPC's /16 by Fn::Cidr into /20s, in
the order public, private, data with four places each, so that adding a zone renumbers nothing.
"""

from __future__ import annotations

from troposphere import Cidr, GetAtt, GetAZs, Ref, Select, Tags
from troposphere.ec2 import (
    EIP,
    VPC,
    FlowLog,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    Subnet,
    SubnetRouteTableAssociation,
    VPCEndpoint,
    VPCGatewayAttachment,
)

from generator import names
from generator.layers.draft import Draft, Layer, Offer, Scope, Tunable, by_region, sub

TIERS = ("Public", "Private", "Data")
ZONE_PLACES = 4
SUBNET_BITS = 12
"""Host bits of a subnet: 12 make a /20, sixteen of which fit a /16."""

SUBNETS = "List<AWS::EC2::Subnet::Id>"
VPC_ID = Offer("VpcId", "The Region's VPC.", type="AWS::EC2::VPC::Id", published=True)
VPC_CIDR = Offer("VpcCidrBlock", "Address range of the VPC.")
PUBLIC_SUBNETS = Offer("PublicSubnetIds", "Subnets of the load balancer.", type=SUBNETS)
PRIVATE_SUBNETS = Offer("PrivateSubnetIds", "Subnets of the instances.", type=SUBNETS)
DATA_SUBNETS = Offer("DataSubnetIds", "Subnets of the cache, without a route out.", type=SUBNETS)


def fill(draft: Draft) -> None:
    """The VPC from its edges inwards."""
    vpc = _vpc(draft)
    gateway = _internet_gateway(draft, vpc)
    subnets = {tier: _subnets(draft, vpc, tier) for tier in TIERS}
    public = _public_routes(draft, vpc, gateway, subnets["Public"])
    private = _private_routes(draft, vpc, subnets)
    data = _data_routes(draft, vpc, subnets["Data"])
    _gateway_endpoints(draft, vpc, [public, *private, data])
    _flow_logs(draft, vpc)

    draft.offer(VPC_ID, Ref(vpc))
    draft.offer(VPC_CIDR, GetAtt(vpc, "CidrBlock"))
    draft.offer(PUBLIC_SUBNETS, [Ref(subnet) for subnet in subnets["Public"]])
    draft.offer(PRIVATE_SUBNETS, [Ref(subnet) for subnet in subnets["Private"]])
    draft.offer(DATA_SUBNETS, [Ref(subnet) for subnet in subnets["Data"]])


def _vpc(draft: Draft) -> VPC:
    settings = draft.settings
    cidr = draft.tune(
        Tunable(
            "VpcCidr",
            "VPC address range",
            "A private /16 that overlaps no other Region's. A live network cannot change it.",
            default=settings.region(settings.home_region).cidr,
            pattern=r"^(\d{1,3}\.){3}0/16$",
            by_region=by_region(settings, {r.name: r.cidr for r in settings.regions}),
            cost="Free.",
        )
    )
    return draft.add(
        VPC(
            "Vpc",
            CidrBlock=cidr,
            EnableDnsSupport=True,
            EnableDnsHostnames=True,
            Tags=Tags(Name=draft.name("vpc")),
        )
    )


def _internet_gateway(draft: Draft, vpc: VPC) -> InternetGateway:
    gateway = draft.add(InternetGateway("InternetGateway", Tags=Tags(Name=draft.name("internet"))))
    draft.add(
        VPCGatewayAttachment(
            "InternetGatewayAttachment", VpcId=Ref(vpc), InternetGatewayId=Ref(gateway)
        )
    )
    return gateway


def _subnets(draft: Draft, vpc: VPC, tier: str) -> list[Subnet]:
    blocks = Cidr(GetAtt(vpc, "CidrBlock"), len(TIERS) * ZONE_PLACES, SUBNET_BITS)
    first = TIERS.index(tier) * ZONE_PLACES
    return [
        draft.add(
            Subnet(
                f"{tier}Subnet{zone + 1}",
                VpcId=Ref(vpc),
                AvailabilityZone=Select(zone, GetAZs("")),
                CidrBlock=Select(first + zone, blocks),
                MapPublicIpOnLaunch=False,
                Tags=Tags(Name=draft.name(f"{tier.lower()}-{zone + 1}"), Tier=tier.lower()),
            )
        )
        for zone in range(draft.settings.zones)
    ]


def _route_table(draft: Draft, vpc: VPC, title: str, subnets: list[Subnet]) -> RouteTable:
    table = draft.add(RouteTable(title, VpcId=Ref(vpc), Tags=Tags(Name=draft.name(title.lower()))))
    for subnet in subnets:
        draft.add(
            SubnetRouteTableAssociation(
                f"{subnet.title}Routes", SubnetId=Ref(subnet), RouteTableId=Ref(table)
            )
        )
    return table


def _public_routes(
    draft: Draft, vpc: VPC, gateway: InternetGateway, subnets: list[Subnet]
) -> RouteTable:
    table = _route_table(draft, vpc, "PublicRouteTable", subnets)
    draft.add(
        Route(
            "PublicDefaultRoute",
            RouteTableId=Ref(table),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=Ref(gateway),
            DependsOn="InternetGatewayAttachment",
        )
    )
    return table


def _private_routes(draft: Draft, vpc: VPC, subnets: dict[str, list[Subnet]]) -> list[RouteTable]:
    """A table a zone; its way out is the zone's own NAT gateway, or the one that all share.

    So that choice can change in a live network: a route takes another gateway in place, but a
    subnet takes another table only by replacement of its association, while it still has the old.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnetroutetableassociation.html
    """
    per_zone = draft.settings.network.nat == "per_zone"
    gateways = [
        _nat_gateway(draft, subnet, zone + 1)
        for zone, subnet in enumerate(subnets["Public"][: None if per_zone else 1])
    ]
    tables = []
    for zone, subnet in enumerate(subnets["Private"]):
        table = _route_table(draft, vpc, f"PrivateRouteTable{zone + 1}", [subnet])
        draft.add(
            Route(
                f"PrivateDefaultRoute{zone + 1}",
                RouteTableId=Ref(table),
                DestinationCidrBlock="0.0.0.0/0",
                NatGatewayId=Ref(gateways[zone if per_zone else 0]),
            )
        )
        tables.append(table)
    return tables


def _nat_gateway(draft: Draft, subnet: Subnet, zone: int) -> NatGateway:
    address = draft.add(
        EIP(f"NatAddress{zone}", Domain="vpc", DependsOn="InternetGatewayAttachment")
    )
    return draft.add(
        NatGateway(
            f"NatGateway{zone}",
            AllocationId=GetAtt(address, "AllocationId"),
            SubnetId=Ref(subnet),
            Tags=Tags(Name=draft.name(f"nat-{zone}")),
        )
    )


def _data_routes(draft: Draft, vpc: VPC, subnets: list[Subnet]) -> RouteTable:
    """A table with no route but the VPC's own: nothing in it reaches out or is reached."""
    return _route_table(draft, vpc, "DataRouteTable", subnets)


def _gateway_endpoints(draft: Draft, vpc: VPC, tables: list[RouteTable]) -> None:
    """S3 and DynamoDB without NAT: free, and off the internet."""
    for title, service in (("S3Endpoint", "s3"), ("DynamoDbEndpoint", "dynamodb")):
        draft.add(
            VPCEndpoint(
                title,
                VpcId=Ref(vpc),
                VpcEndpointType="Gateway",
                ServiceName=sub(f"com.amazonaws.${{AWS::Region}}.{service}"),
                RouteTableIds=[Ref(table) for table in tables],
            )
        )


def _flow_logs(draft: Draft, vpc: VPC) -> FlowLog:
    """To S3, which needs no role and costs a tenth of CloudWatch Logs at this volume."""
    bucket = sub("arn:${AWS::Partition}:s3:::" + names.log_bucket(draft.settings))
    return draft.add(
        FlowLog(
            "FlowLog",
            ResourceId=Ref(vpc),
            ResourceType="VPC",
            TrafficType="ALL",
            MaxAggregationInterval=60,
            LogDestinationType="s3",
            LogDestination=bucket,
            Tags=Tags(Name=draft.name("flow-log")),
        )
    )


LAYER = Layer(
    name="network",
    step="01",
    purpose="VPC over two to four zones, three tiers of subnets, NAT, endpoints, flow logs",
    scope=Scope.REGIONAL,
    fill=fill,
    after=("storage",),
)
