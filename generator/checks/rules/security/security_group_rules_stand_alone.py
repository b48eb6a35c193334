from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    find,
    is_unknown,
    layer_tags,
    report,
    resources,
    values,
)

# AWS opens all egress when a group states none; these addresses stand for "nothing".
NOWHERE = {"127.0.0.1/32", "255.255.255.255/32"}


class SecurityGroupRulesStandAlone(CloudFormationLintRule):
    """Rules are resources of their own; a group itself only says that nothing may leave."""

    id = "E9022"
    shortdesc = "Security group rules stand alone"
    description = (
        "A security group has no inline ingress, and exactly one inline egress rule: the"
        " placeholder to 127.0.0.1/32 or 255.255.255.255/32 that keeps AWS from opening all egress."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-resource-ec2-securitygroup.html"
    )
    tags = layer_tags("security")
    risk = (
        "Groups that name each other inline make a circle that can't be deployed; without egress"
        " stated, everything may leave."
    )
    fix = (
        "Write SecurityGroupIngress and SecurityGroupEgress resources, and one inline egress to"
        " 127.0.0.1/32."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        groups = resources(cfn, "AWS::EC2::SecurityGroup")
        return [
            found for group in groups for found in [*_ingress(cfn, group), *_egress(cfn, group)]
        ]


def _ingress(cfn: Template, group: Spot) -> Iterator[RuleMatch]:
    for rule in find(cfn, group, "SecurityGroupIngress", EACH):
        yield report(
            rule, "write inline SecurityGroupIngress as resources of type SecurityGroupIngress"
        )


def _egress(cfn: Template, group: Spot) -> Iterator[RuleMatch]:
    rules = list(find(cfn, group, "SecurityGroupEgress", EACH))
    if any(is_unknown(rule.value) for rule in rules):
        return
    if not rules or None in values(cfn, group, "SecurityGroupEgress"):
        yield report(
            group,
            "SecurityGroupEgress must hold the placeholder to 127.0.0.1/32, or AWS opens"
            " everything",
        )
    for rule in rules[:1]:
        if not NOWHERE & {str(cidr) for cidr in values(cfn, rule, "CidrIp")}:
            yield report(
                rule, "the inline SecurityGroupEgress rule must be the placeholder to 127.0.0.1/32"
            )
    for rule in rules[1:]:
        yield report(rule, "write further egress rules as resources of type SecurityGroupEgress")
