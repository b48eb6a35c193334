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


class AlarmsReachSomeone(CloudFormationLintRule):
    """An alarm that goes off does something."""

    id = "E9091"
    shortdesc = "Alarms have an action"
    description = (
        "Every alarm and composite alarm has at least one of AlarmActions, and ActionsEnabled is"
        " not false."
    )
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html"
    tags = layer_tags("monitoring")
    risk = "An alarm without an action changes colour in a console that nobody looks at."
    fix = (
        "List the topic of its severity (or the policy that it drives) in AlarmActions; drop"
        " ActionsEnabled."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        alarms = resources(cfn, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        return [found for alarm in alarms for found in _check(cfn, alarm)]


def _check(cfn: Template, alarm: Spot) -> Iterator[RuleMatch]:
    if not values(cfn, alarm, "AlarmActions", EACH):
        yield report(alarm, "AlarmActions is empty: name a topic")
    for spot in find(cfn, alarm, "ActionsEnabled"):
        if differs(spot.value, True, None):
            yield report(spot, "ActionsEnabled must not be false: the alarm would be mute")
