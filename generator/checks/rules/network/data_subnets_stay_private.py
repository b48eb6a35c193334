from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    bodies,
    by_key,
    differs,
    find,
    layer_tags,
    refers_to,
    report,
    resources,
    values,
)

SUBNET_GROUPS = ("AWS::ElastiCache::SubnetGroup", "AWS::RDS::DBSubnetGroup")
NAT_AND_EGRESS = ("NatGatewayId", "EgressOnlyInternetGatewayId")


class DataSubnetsStayPrivate(CloudFormationLintRule):
    """The subnets of caches and databases have no way to or from the internet."""

    id = "E9011"
    shortdesc = "Data subnets stay private"
    description = (
        "A subnet tagged Tier=data, or named by a cache's or a database's subnet group, gives no"
        " public addresses and its route table has no route to an internet gateway or a NAT"
        " gateway."
    )
    source_url = "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html"
    tags = layer_tags("network")
    risk = "A route out of the data subnets is a way in for an attacker and a way out for the data."
    fix = (
        "Keep only local and gateway-endpoint routes in the data route tables, and"
        " MapPublicIpOnLaunch off."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        data = [subnet for subnet in resources(cfn, "AWS::EC2::Subnet") if _holds_data(cfn, subnet)]
        return [*_public_addresses(cfn, data), *_ways_out(cfn, {subnet.name for subnet in data})]


def _holds_data(cfn: Template, subnet: Spot) -> bool:
    grouped = (group.value.get("SubnetIds") for group in resources(cfn, *SUBNET_GROUPS))
    return by_key(cfn, subnet, "Tags", "Tier") == "data" or any(
        subnet.name in refers_to(ids) for ids in grouped
    )


def _public_addresses(cfn: Template, subnets: list[Spot]) -> Iterator[RuleMatch]:
    for subnet in subnets:
        for spot in find(cfn, subnet, "MapPublicIpOnLaunch"):
            if differs(spot.value, False, None):
                yield report(spot, "MapPublicIpOnLaunch must be off in a data subnet")


def _ways_out(cfn: Template, subnets: set[str]) -> Iterator[RuleMatch]:
    tables: set[str] = set()
    for association in resources(cfn, "AWS::EC2::SubnetRouteTableAssociation"):
        if refers_to(association.value.get("SubnetId")) & subnets:
            tables |= refers_to(association.value.get("RouteTableId"))
    for route in resources(cfn, "AWS::EC2::Route"):
        if refers_to(route.value.get("RouteTableId")) & tables and _leads_out(cfn, route):
            yield report(
                route, "a data subnet uses this route table: no route to an internet or NAT gateway"
            )


def _leads_out(cfn: Template, route: Spot) -> bool:
    gateways = {body.name for body in bodies(cfn, "AWS::EC2::InternetGateway")}
    to_internet = any(
        refers_to(value) & gateways or str(value).startswith("igw-")
        for value in values(cfn, route, "GatewayId", EACH)
    )
    return to_internet or any(values(cfn, route, key, EACH) for key in NAT_AND_EGRESS)
