from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    Spot,
    by_key,
    differs,
    layer_tags,
    refers_to,
    report,
    resources,
    values,
)

TAG = "LoadGenerator"


class GeneratorsSwitchOff(CloudFormationLintRule):
    """Load generators are empty at rest, and a schedule empties them whatever else fails."""

    id = "E9151"
    shortdesc = "Load generators are switched off by a schedule"
    description = (
        f"An AWS::AutoScaling::AutoScalingGroup tagged {TAG} has MinSize 0, and a scheduled action"
        " that sets DesiredCapacity 0 and no MaxSize."
    )
    source_url = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html"
    tags = layer_tags("load_generator")
    risk = (
        "A load test that somebody forgot is paid for until the bill comes; and an action that sets"
        " MaxSize 0 keeps the next one from starting."
    )
    fix = "Set MinSize to 0, and add an action with MinSize 0 and DesiredCapacity 0 only."

    def match(self, cfn: Template) -> list[RuleMatch]:
        groups = resources(cfn, "AWS::AutoScaling::AutoScalingGroup")
        marked = [each for each in groups if by_key(cfn, each, "Tags", TAG) is not None]
        return [found for group in marked for found in _check(cfn, group)]


def _check(cfn: Template, group: Spot) -> Iterator[RuleMatch]:
    if any(differs(size, 0) for size in values(cfn, group, "MinSize")):
        yield report(group, "MinSize must be 0: load generators are empty at rest")
    actions = [
        action
        for action in resources(cfn, "AWS::AutoScaling::ScheduledAction")
        if group.name in refers_to(action.value.get("AutoScalingGroupName"))
    ]
    if not any(_empties(cfn, action) for action in actions):
        yield report(group, "no scheduled action sets its DesiredCapacity to 0, and no MaxSize")


def _empties(cfn: Template, action: Spot) -> bool:
    sizes = values(cfn, action, "DesiredCapacity")
    return not any(differs(size, 0) for size in sizes) and "MaxSize" not in action.value
