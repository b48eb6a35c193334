from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, report, resources, values


class AlarmChecksSayWhatSilenceMeans(CloudFormationLintRule):
    """A check over an alarm decides what no data is taken for."""

    id = "E9086"
    shortdesc = "Alarm health checks state InsufficientDataHealthStatus"
    description = "A health check of Type CLOUDWATCH_METRIC has InsufficientDataHealthStatus."
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-properties-route53-healthcheck-healthcheckconfig.html"
    )
    tags = layer_tags("dns")
    risk = (
        "When the metric falls silent, a default that nobody chose decides whether the region takes"
        " traffic."
    )
    fix = (
        "Set InsufficientDataHealthStatus: Healthy for a switch that is rarely set, else"
        " LastKnownStatus."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(
                spot,
                "InsufficientDataHealthStatus is missing: say what silence of the metric means",
            )
            for check in resources(cfn, "AWS::Route53::HealthCheck")
            if "CLOUDWATCH_METRIC" in values(cfn, check, "HealthCheckConfig", "Type")
            for spot in find(cfn, check, "HealthCheckConfig", "InsufficientDataHealthStatus")
            if spot.value is None
        ]
