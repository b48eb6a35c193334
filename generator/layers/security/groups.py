"""Who may talk to whom: one security group a role, and rules between groups.

    the world | CloudFront, Route 53 → load balancer → application → cache, database, endpoints,
                                                                     HTTPS out

Rules are resources of their own, so that groups may name each other. A group itself holds one
placeholder, without which AWS would open all its egress. DynamoDB has no group: it is reached
through its gateway endpoint. The names that instances look up, their clock and their metadata come
from link-local addresses, which security groups do not filter.
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from typing import NamedTuple

from troposphere import GetAtt, Tags
from troposphere.ec2 import (
    SecurityGroup,
    SecurityGroupEgress,
    SecurityGroupIngress,
    SecurityGroupRule,
)

from generator.layers.draft import Draft, Expression
from generator.settings.model import Settings

CACHE_PORT = 6379
DATABASE_PORT = 5432
HTTP, HTTPS = 80, 443
ANYWHERE = "0.0.0.0/0"

CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"
HEALTH_CHECKS = "com.amazonaws.${AWS::Region}.route53-healthchecks"


class Groups(NamedTuple):
    """The security group of each role."""

    load_balancer: SecurityGroup
    application: SecurityGroup
    cache: SecurityGroup


def add_groups(draft: Draft, vpc: Expression) -> Groups:
    """The groups that every environment has, and the paths between them."""
    groups = Groups(
        _group(draft, vpc, "LoadBalancer", "load-balancer", "Load balancer: from users, or none."),
        _group(draft, vpc, "Application", "application", "Instances of the service."),
        _group(draft, vpc, "Cache", "cache", "Cache nodes: from the application only."),
    )
    port = draft.settings.compute.application_port
    _path(draft, groups.load_balancer, groups.application, port)
    _path(draft, groups.application, groups.cache, CACHE_PORT)
    _allow_https_out(draft, groups.application)
    return groups


def add_endpoint_group(draft: Draft, vpc: Expression, application: SecurityGroup) -> SecurityGroup:
    """The group of the interface endpoints. The application's HTTPS egress reaches them already."""
    group = _group(draft, vpc, "Endpoint", "endpoint", "Interface endpoints: from the application.")
    _ingress(draft, application, group, HTTPS)
    return group


def add_database_group(draft: Draft, vpc: Expression, application: SecurityGroup) -> SecurityGroup:
    """The group of Aurora's instances, which the application alone reaches."""
    about = "Aurora instances: from the application only."
    group = _group(draft, vpc, "Database", "database", about)
    _path(draft, application, group, DATABASE_PORT)
    return group


def listener_ports(settings: Settings) -> tuple[int, ...]:
    """What the load balancer is asked on from outside.

    HTTPS needs a certificate, which nobody gets for a load balancer's own name. Behind CloudFront
    nobody types the name in, so nobody needs the redirect from HTTP.
    """
    if settings.domain is None:
        return (HTTP,)
    return (HTTPS,) if settings.edge.enabled else (HTTPS, HTTP)


def open_to_the_world(draft: Draft, group: SecurityGroup) -> None:
    """Without an edge, users reach the load balancer themselves."""
    for port in listener_ports(draft.settings):
        rule = draft.add(
            SecurityGroupIngress(
                f"{group.title}From{port}",
                GroupId=GetAtt(group, "GroupId"),
                CidrIp=ANYWHERE,
                IpProtocol="tcp",
                FromPort=port,
                ToPort=port,
                Description="Users, from anywhere",
            )
        )
        if port == HTTP:
            reason = "The listener on port 80 only redirects to HTTPS."
            draft.excuse(rule, "CKV_AWS_260", reason)


def prefix_list_names(settings: Settings) -> dict[str, str]:
    """Who alone may ask a load balancer behind CloudFront: title of the list → its name.

    Without a domain Route 53 checks nothing: CloudFront's own origin group fails over.
    """
    names = {"CloudFrontPrefixList": CLOUDFRONT}
    return names | {"HealthCheckPrefixList": HEALTH_CHECKS} if settings.domain else names


def open_to_prefix_list(
    draft: Draft, vpc: Expression, title: str, prefix_list: GetAtt, port: int
) -> SecurityGroup:
    """A group for one list and port: a list counts with its full weight.

    CloudFront's weighs 55 of the 60 rules that a group has by default.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
    """
    who = title.removesuffix("PrefixList")
    about = f"Load balancer: from {who} on port {port}."
    group = _group(draft, vpc, f"{who}{port}", "load-balancer", about)
    draft.add(
        SecurityGroupIngress(
            f"{group.title}Rule",
            GroupId=GetAtt(group, "GroupId"),
            SourcePrefixListId=prefix_list,
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            Description=f"From {who}",
        )
    )
    return group


def _group(draft: Draft, vpc: Expression, title: str, role: str, about: str) -> SecurityGroup:
    nowhere = SecurityGroupRule(
        CidrIp="127.0.0.1/32",
        IpProtocol="icmp",
        FromPort=-1,
        ToPort=-1,
        Description="Placeholder: without a rule AWS would allow all",
    )
    return draft.add(
        SecurityGroup(
            f"{title}SecurityGroup",
            GroupDescription=about,
            VpcId=vpc,
            SecurityGroupEgress=[nowhere],
            Tags=Tags(Name=draft.name(title.lower()), Role=role),
        )
    )


def _path(draft: Draft, source: SecurityGroup, target: SecurityGroup, port: int) -> None:
    """Both halves of a way from one group to another."""
    draft.add(
        SecurityGroupEgress(
            f"{source.title}To{target.title}",
            GroupId=GetAtt(source, "GroupId"),
            DestinationSecurityGroupId=GetAtt(target, "GroupId"),
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            Description=f"To the {_role(target)}",
        )
    )
    _ingress(draft, source, target, port)


def _ingress(draft: Draft, source: SecurityGroup, target: SecurityGroup, port: int) -> None:
    draft.add(
        SecurityGroupIngress(
            f"{target.title}From{source.title}",
            GroupId=GetAtt(target, "GroupId"),
            SourceSecurityGroupId=GetAtt(source, "GroupId"),
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            Description=f"From the {_role(source)}",
        )
    )


def _role(group: SecurityGroup) -> str:
    words = {"LoadBalancer": "load balancer"}
    name: str = group.title.removesuffix("SecurityGroup")
    return words.get(name, name.lower())


def _allow_https_out(draft: Draft, group: SecurityGroup) -> None:
    """AWS APIs and package repositories, whose addresses change: any address, one port."""
    draft.add(
        SecurityGroupEgress(
            "ApplicationHttpsOut",
            GroupId=GetAtt(group, "GroupId"),
            CidrIp=ANYWHERE,
            IpProtocol="tcp",
            FromPort=HTTPS,
            ToPort=HTTPS,
            Description="AWS APIs, package repositories",
        )
    )
