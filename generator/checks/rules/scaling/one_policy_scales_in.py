from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    differs,
    find,
    layer_tags,
    number,
    report,
    resources,
    target,
    values,
)

TRACKING = "TargetTrackingConfiguration"


class OnePolicyScalesIn(CloudFormationLintRule):
    """Where target tracking takes instances away, no step policy does."""

    id = "E9101"
    shortdesc = "One policy scales in"
    description = (
        "A group with a target-tracking policy that may scale in has no step or simple policy with"
        " a negative ScalingAdjustment."
    )
    source_url = (
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scale-based-on-demand.html"
    )
    tags = layer_tags("scaling")
    risk = (
        "The step takes instances away, target tracking brings them back: the fleet swings, at"
        " every visitor's cost."
    )
    fix = "Let target tracking alone scale in; keep step policies for fast scale-out."

    def match(self, cfn: Template) -> list[RuleMatch]:
        policies = list(resources(cfn, "AWS::AutoScaling::ScalingPolicy"))
        tracked = {_group(policy) for policy in policies if _scales_in_by_target(cfn, policy)}
        return [
            report(spot, "target tracking scales this group in: a step policy must only scale out")
            for policy in policies
            if _group(policy) in tracked
            for spot in _adjustments(cfn, policy)
            if (number(spot.value) or 0) < 0
        ]


def _group(policy: Spot) -> str:
    return target(policy.value.get("AutoScalingGroupName"))


def _scales_in_by_target(cfn: Template, policy: Spot) -> bool:
    if policy.value.get(TRACKING) is None:
        return False
    return any(differs(value, True) for value in values(cfn, policy, TRACKING, "DisableScaleIn"))


def _adjustments(cfn: Template, policy: Spot) -> list[Spot]:
    steps = find(cfn, policy, "StepAdjustments", EACH, "ScalingAdjustment")
    return [*find(cfn, policy, "ScalingAdjustment"), *steps]
