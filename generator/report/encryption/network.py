"""Ways out of a VPC: each port that a group may send to is a link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import reasoned
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import IN_THE_CLEAR, IN_TRANSIT, LINK, Protection, Reader, Row

HTTPS = "port 443"
SERVER = Protection("the server's certificate", "by whoever runs it", "both ends")
LOCAL = "127.0.0.1/32"
"""Where a rule leads nowhere: it keeps AWS from adding one that allows all."""
EVERYWHERE = {"CidrIp": "0.0.0.0/0"}
LISTENING = {
    "AWS::ElastiCache::ReplicationGroup": "Port",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "Port",
    "AWS::RDS::DBCluster": "Port",
}
"""What has a row of its own for those who connect to it, and its port."""


def egress(estate: Estate, resource: Resource) -> Iterator[Row]:
    """A rule of a security group by itself."""
    group = estate.resolve(resource.file, resource.properties["GroupId"])
    name = group.logical_id if isinstance(group, Resource) else "group"
    yield from _rule(estate, resource, name, resource.properties)


def group(estate: Estate, resource: Resource) -> Iterator[Row]:
    """The rules inside a security group. To one without, AWS adds a rule that lets out all."""
    for rule in resource.properties.get("SecurityGroupEgress") or [EVERYWHERE]:
        yield from _rule(estate, resource, resource.logical_id, rule)


def _rule(estate: Estate, resource: Resource, name: str, rule: Mapping[str, Any]) -> Iterator[Row]:
    if rule.get("CidrIp") == LOCAL or _is_served(estate, rule):
        return
    what = f"`{name}` → {_target(estate, resource, rule)}"
    ports = _ports(rule)
    if ports == HTTPS:
        yield Row(LINK, resource.place, what, SERVER, "TLS: HTTPS, port 443 only")
        return
    why = reasoned(resource, f"lets out to {ports}, of which no TLS is known", IN_TRANSIT)
    nobody = Protection("none", "-", "whoever is on the way")
    yield Row(LINK, resource.place, f"{what}, {ports}", nobody, IN_THE_CLEAR, why)


def _ports(rule: Mapping[str, Any]) -> str:
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if first is None:
        return "every port"
    return f"port {first}" if first == last else f"ports {first}-{last}"


def _is_served(estate: Estate, rule: Mapping[str, Any]) -> bool:
    """Whether it leads to what has a row of its own for those who connect."""
    ports = {f"port {r.properties.get(LISTENING[r.type])}" for r in estate.of_type(*LISTENING)}
    return "DestinationSecurityGroupId" in rule and _ports(rule) in ports


def _target(estate: Estate, resource: Resource, rule: Mapping[str, Any]) -> str:
    target = estate.resolve(resource.file, rule.get("DestinationSecurityGroupId"))
    if isinstance(target, Resource):
        return f"`{target.logical_id}`"
    return str(rule.get("Description") or rule.get("CidrIp")).rstrip(".")


def endpoint(estate: Estate, resource: Resource) -> Iterator[Row]:
    """The VPC's own way to a service of AWS; what may use it is the groups' rules."""
    name = estate.resolve(resource.file, resource.properties["ServiceName"])
    service = str(name).rpartition("}.")[2].rpartition(".")[2]
    kind = resource.properties.get("VpcEndpointType", "Gateway").lower()
    transport = "TLS: HTTPS; groups let out to port 443 only"
    yield Row(LINK, resource.place, f"VPC → `{service}`, {kind} endpoint", SERVER, transport)


READERS: dict[str, Reader] = {
    "AWS::EC2::SecurityGroup": group,
    "AWS::EC2::SecurityGroupEgress": egress,
    "AWS::EC2::VPCEndpoint": endpoint,
}
