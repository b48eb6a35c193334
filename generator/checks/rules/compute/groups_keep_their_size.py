from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, report, resources


class GroupsKeepTheirSize(CloudFormationLintRule):
    """The size of the fleet belongs to the policies and schedules, not to the template."""

    id = "E9041"
    shortdesc = "No DesiredCapacity in the template"
    description = "AWS::AutoScaling::AutoScalingGroup has no DesiredCapacity."
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-resource-autoscaling-autoscalinggroup.html"
    )
    tags = layer_tags("compute")
    risk = "Each deployment sets the live fleet back to this number, at peak load too."
    fix = "Remove DesiredCapacity: a new group starts at MinSize, a live one keeps its size."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "DesiredCapacity resets the live fleet on every deployment: remove it")
            for group in resources(cfn, "AWS::AutoScaling::AutoScalingGroup")
            for spot in find(cfn, group, "DesiredCapacity")
            if spot.value is not None
        ]
