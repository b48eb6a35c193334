from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    by_key,
    differs,
    find,
    is_unknown,
    layer_tags,
    refers_to,
    report,
    resources,
    values,
)

ANYWHERE = {"CidrIp": "0.0.0.0/0", "CidrIpv6": "::/0"}


class OnlyLoadBalancersAreOpen(CloudFormationLintRule):
    """From anywhere one may enter the load balancer's web ports, and nothing else."""

    id = "E9021"
    shortdesc = "Only load balancers are open to the world"
    description = (
        "Ingress from 0.0.0.0/0 or ::/0 is TCP 80 or 443, one port a rule, into a security group"
        " tagged Role=load-balancer."
    )
    source_url = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html"
    tags = layer_tags("security")
    risk = (
        "Instances, caches and databases that anyone can reach are scanned and attacked within"
        " minutes."
    )
    fix = (
        "Let the role's source group in (SourceSecurityGroupId), or tag the ALB's group"
        " Role=load-balancer."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        groups = {group.name: group for group in resources(cfn, "AWS::EC2::SecurityGroup")}
        inline = [
            (group, rule)
            for group in groups.values()
            for rule in find(cfn, group, "SecurityGroupIngress", EACH)
        ]
        alone = [
            (_group_of(rule, groups), rule)
            for rule in resources(cfn, "AWS::EC2::SecurityGroupIngress")
        ]
        return [
            report(
                rule,
                f"ingress from {source} is for ports 80 and 443 of a group tagged"
                " Role=load-balancer",
            )
            for group, rule in [*inline, *alone]
            for source in _open_sources(cfn, rule)
            if not (_is_web(cfn, rule) and _is_load_balancer(cfn, group))
        ]


def _group_of(rule: Spot, groups: dict[str, Spot]) -> Spot | None:
    names = refers_to(rule.value.get("GroupId")) & groups.keys()
    return groups[names.pop()] if names else None


def _open_sources(cfn: Template, rule: Spot) -> Iterator[str]:
    yield from (cidr for key, cidr in ANYWHERE.items() if cidr in values(cfn, rule, key))


def _is_web(cfn: Template, rule: Spot) -> bool:
    """Whether the rule is, or may turn out to be, for one web port."""
    first, last = values(cfn, rule, "FromPort"), values(cfn, rule, "ToPort")
    if any(differs(value, "tcp", 6) for value in values(cfn, rule, "IpProtocol")):
        return False
    if any(differs(port, 80, 443) for port in [*first, *last]):
        return False
    return first == last or any(is_unknown(port) for port in [*first, *last])


def _is_load_balancer(cfn: Template, group: Spot | None) -> bool:
    """A group of another template can't be judged here: its own template's tag is what counts."""
    return group is None or not differs(by_key(cfn, group, "Tags", "Role"), "load-balancer")
