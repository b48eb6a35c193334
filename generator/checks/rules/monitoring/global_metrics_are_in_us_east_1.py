from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import EACH, Spot, find, layer_tags, report, resources

HOME = "us-east-1"
GLOBAL = ("AWS/CloudFront", "AWS/Route53")


class GlobalMetricsAreInUsEast1(CloudFormationLintRule):
    """Alarms on CloudFront and on health checks live where those metrics are."""

    id = "E9095"
    shortdesc = "Alarms on global metrics are in us-east-1"
    description = (
        f"An alarm on {' or '.join(GLOBAL)} stands only in a template that is linted for {HOME}"
        " alone."
    )
    source_url = (
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html"
    )
    tags = layer_tags("monitoring")
    risk = (
        "In every other region the metric does not exist: the alarm stays in INSUFFICIENT_DATA for"
        " ever."
    )
    fix = f"Move the alarm to the global monitoring template, which is deployed in {HOME}."

    def match(self, cfn: Template) -> list[RuleMatch]:
        if list(cfn.regions) == [HOME]:
            return []
        return [
            report(spot, f"{spot.value} has metrics in {HOME} only: move the alarm there")
            for alarm in resources(cfn, "AWS::CloudWatch::Alarm")
            for spot in _namespaces(cfn, alarm)
            if spot.value in GLOBAL
        ]


def _namespaces(cfn: Template, alarm: Spot) -> list[Spot]:
    inside = find(cfn, alarm, "Metrics", EACH, "MetricStat", "Metric", "Namespace")
    return [*find(cfn, alarm, "Namespace"), *inside]
