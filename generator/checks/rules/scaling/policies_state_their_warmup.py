from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, report, resources, values

WARMING = ("StepScaling", "TargetTrackingScaling")  # simple and predictive policies have no warm-up


class PoliciesStateTheirWarmup(CloudFormationLintRule):
    """A policy knows how long a new instance takes before it counts."""

    id = "E9103"
    shortdesc = "Scaling policies state their warm-up"
    description = "Every step and target-tracking policy has EstimatedInstanceWarmup."
    source_url = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-default-instance-warmup.html"
    tags = layer_tags("scaling")
    risk = (
        "Without it the group's cooldown of 300 s stands in, and the policy scales out twice or far"
        " too late."
    )
    fix = "Set EstimatedInstanceWarmup to the seconds from launch to first served request."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "EstimatedInstanceWarmup is missing: state it in every policy")
            for policy in resources(cfn, "AWS::AutoScaling::ScalingPolicy")
            if any(kind in WARMING for kind in values(cfn, policy, "PolicyType"))
            for spot in find(cfn, policy, "EstimatedInstanceWarmup")
            if spot.value is None
        ]
