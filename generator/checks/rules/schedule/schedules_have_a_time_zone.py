from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, report, resources


class SchedulesHaveATimeZone(CloudFormationLintRule):
    """Night means the night of the region's own visitors."""

    id = "E9111"
    shortdesc = "Schedules have a time zone"
    description = "Every AWS::AutoScaling::ScheduledAction has TimeZone."
    source_url = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html"
    tags = layer_tags("schedule")
    risk = (
        "Without it the schedule runs in UTC: it shrinks the fleet in somebody's afternoon, and"
        " ignores summer time."
    )
    fix = "Set TimeZone to the region's IANA name, for example Asia/Tokyo."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "TimeZone is missing: name the region's IANA time zone")
            for action in resources(cfn, "AWS::AutoScaling::ScheduledAction")
            for spot in find(cfn, action, "TimeZone")
            if spot.value is None
        ]
