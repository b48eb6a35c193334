from collections import defaultdict

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import layer_tags, report, target
from generator.checks.rules.schedule._sizes import scheduled_actions, size


class NightsAreSmallerThanDays(CloudFormationLintRule):
    """The night's minimum is not above the day's."""

    id = "E9113"
    shortdesc = "Nights are not larger than days"
    description = (
        "MinSize of a Nightly... action is at most the largest MinSize of the group's Daytime..."
        " actions, with parameters taken at their defaults."
    )
    source_url = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html"
    tags = layer_tags("schedule")
    risk = (
        "Night and day are swapped: the fleet is shrunk when visitors come, and paid for while they"
        " sleep."
    )
    fix = "Swap the two sizes, or correct the defaults of the parameters that they refer to."

    def match(self, cfn: Template) -> list[RuleMatch]:
        days: dict[str, list[float]] = defaultdict(list)
        nights = []
        for action in scheduled_actions(cfn):
            least = size(cfn, action, "MinSize")
            group = target(action.value.get("AutoScalingGroupName"))
            if least is not None and action.name.startswith("Daytime"):
                days[group].append(least)
            elif least is not None and action.name.startswith("Nightly"):
                nights.append((action, group, least))
        return [
            report(
                action,
                f"MinSize {least:g} at night is above the day's {max(days[group]):g}: swap them",
            )
            for action, group, least in nights
            if group in days and least > max(days[group])
        ]
