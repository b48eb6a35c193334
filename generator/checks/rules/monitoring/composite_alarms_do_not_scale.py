from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    bodies,
    find,
    layer_tags,
    refers_to,
    report,
    resources,
    text,
)
from generator.checks.rules.monitoring._topics import ACTIONS


class CompositeAlarmsDoNotScale(CloudFormationLintRule):
    """A composite alarm tells people; it can't drive a scaling policy."""

    id = "E9096"
    shortdesc = "Composite alarms do not scale"
    description = "No action of a CompositeAlarm is an Auto Scaling policy."
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"
    tags = layer_tags("monitoring")
    risk = (
        "CloudWatch does not support the action: the fleet is not scaled when the alarm goes off."
    )
    fix = "Let a metric alarm drive the policy, and the composite alarm notify a topic."

    def match(self, cfn: Template) -> list[RuleMatch]:
        scaling = {body.name for body in bodies(cfn, "AWS::AutoScaling::ScalingPolicy")}
        return [
            report(
                spot, f"{key} of a composite alarm can't be an Auto Scaling policy: notify a topic"
            )
            for alarm in resources(cfn, "AWS::CloudWatch::CompositeAlarm")
            for key in ACTIONS
            for spot in find(cfn, alarm, key, EACH)
            if refers_to(spot.value) & scaling or ":autoscaling:" in text(spot.value)
        ]
