from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import layer_tags, report
from generator.checks.rules.schedule._sizes import scheduled_actions, size

# The left one may not be greater than the right one.
ORDER = (("MinSize", "MaxSize"), ("MinSize", "DesiredCapacity"), ("DesiredCapacity", "MaxSize"))


class SizesAreInOrder(CloudFormationLintRule):
    """A scheduled action never asks for more at least than at most."""

    id = "E9112"
    shortdesc = "Scheduled sizes are in order"
    description = (
        "MinSize <= DesiredCapacity <= MaxSize in each scheduled action, with parameters taken at"
        " their defaults."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-resource-autoscaling-scheduledaction.html"
    )
    tags = layer_tags("schedule")
    risk = "The action fails at the hour it is meant for, night after night, with nobody watching."
    fix = "Correct the sizes, or the defaults of the parameters that they refer to."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(
                action,
                f"{low} {at_least:g} is greater than {high} {at_most:g}: correct one of them",
            )
            for action in scheduled_actions(cfn)
            for low, high in ORDER
            if (at_least := size(cfn, action, low)) is not None
            and (at_most := size(cfn, action, high)) is not None
            and at_least > at_most
        ]
