from collections import defaultdict

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    find,
    layer_tags,
    report,
    resources,
    target,
    values,
)


class OnePrefixListPerGroup(CloudFormationLintRule):
    """Each managed prefix list and port has its own security group."""

    id = "E9023"
    shortdesc = "One prefix list per security group"
    description = "At most one ingress rule of a security group has a SourcePrefixListId."
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html"
    tags = layer_tags("security")
    risk = (
        "A list counts with its full weight, and CloudFront's weighs 55 of the 60 rules that a"
        " group has by default: the second one does not fit."
    )
    fix = "Make a security group for each list and port, and give the load balancer all of them."

    def match(self, cfn: Template) -> list[RuleMatch]:
        lists: dict[str, list[Spot]] = defaultdict(list)
        for group in resources(cfn, "AWS::EC2::SecurityGroup"):
            lists[group.name].extend(find(cfn, group, "SecurityGroupIngress", EACH))
        for rule in resources(cfn, "AWS::EC2::SecurityGroupIngress"):
            lists[target(rule.value.get("GroupId"))].append(rule)
        return [
            report(
                extra,
                f"{group} already takes a prefix list: give this one a security group of its own",
            )
            for group, rules in lists.items()
            for extra in [rule for rule in rules if any(values(cfn, rule, "SourcePrefixListId"))][
                1:
            ]
        ]
