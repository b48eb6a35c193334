from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, report, resources

NEEDED = {
    "AWS::CloudWatch::Alarm": ("TreatMissingData", "AlarmDescription"),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmDescription",),
}


class AlarmsExplainThemselves(CloudFormationLintRule):
    """An alarm says what it means, and what missing data means to it."""

    id = "E9092"
    shortdesc = "Alarms state missing data and description"
    description = (
        "Each alarm has TreatMissingData and AlarmDescription, a composite alarm AlarmDescription."
    )
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html"
    tags = layer_tags("monitoring")
    risk = (
        "A dead source leaves an alarm in INSUFFICIENT_DATA, and who is woken at night reads only a"
        " name."
    )
    fix = (
        "Choose TreatMissingData for the metric, and write in AlarmDescription what happened and"
        " what to do."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"{name} is missing: state it")
            for kind, names in NEEDED.items()
            for alarm in resources(cfn, kind)
            for name in names
            for spot in find(cfn, alarm, name)
            if spot.value is None
        ]
