from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import bodies, differs, find, layer_tags, report

PROPERTY = "IgnoreUnmodifiedGroupSizeProperties"


class UpdatesIgnoreScheduledSizes(CloudFormationLintRule):
    """A deployment at night leaves the night's sizes alone."""

    id = "E9042"
    shortdesc = "Stack updates keep scheduled sizes"
    description = f"UpdatePolicy.AutoScalingScheduledAction.{PROPERTY} is true."
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-attribute-updatepolicy.html"
    )
    tags = layer_tags("compute")
    risk = (
        "A stack update undoes the minimum and maximum that a scheduled action has set, until its"
        " next run."
    )
    fix = f"Add UpdatePolicy.AutoScalingScheduledAction with {PROPERTY} true."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"UpdatePolicy.AutoScalingScheduledAction.{PROPERTY} must be true")
            for group in bodies(cfn, "AWS::AutoScaling::AutoScalingGroup")
            for spot in find(cfn, group, "UpdatePolicy", "AutoScalingScheduledAction", PROPERTY)
            if differs(spot.value, True)
        ]
