from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    differs,
    find,
    layer_tags,
    report,
    resources,
    values,
)

ALARM = "aws:cloudwatch:alarm"


class ExperimentsStopOnAnAlarm(CloudFormationLintRule):
    """An experiment ends when users are hurt."""

    id = "E9131"
    shortdesc = "Experiments stop on an alarm"
    description = (
        "StopConditions of an FIS experiment template name at least one CloudWatch alarm, and none"
        " has another source."
    )
    source_url = "https://docs.aws.amazon.com/fis/latest/userguide/stop-conditions.html"
    tags = layer_tags("chaos")
    risk = "An experiment without a stop condition goes on while users suffer: it is an outage."
    fix = "Add a stop condition of source aws:cloudwatch:alarm with the ARN of a critical alarm."

    def match(self, cfn: Template) -> list[RuleMatch]:
        templates = resources(cfn, "AWS::FIS::ExperimentTemplate")
        return [found for template in templates for found in _check(cfn, template)]


def _check(cfn: Template, template: Spot) -> Iterator[RuleMatch]:
    if not values(cfn, template, "StopConditions", EACH):
        yield report(template, "StopConditions is empty: name a critical alarm")
    for condition in find(cfn, template, "StopConditions", EACH):
        for source in find(cfn, condition, "Source"):
            if differs(source.value, ALARM):
                yield report(source, f"Source of a stop condition must be {ALARM}")
            elif not any(values(cfn, condition, "Value")):
                yield report(condition, "Value is missing: give the ARN of the alarm")
