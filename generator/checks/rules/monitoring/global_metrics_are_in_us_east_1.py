from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    find,
    is_unknown,
    layer_tags,
    report,
    resources,
    values,
)

HOME = "us-east-1"
GLOBAL = ("AWS/CloudFront", "AWS/Route53")
FIREWALL = "AWS/WAFV2"


class GlobalMetricsAreInUsEast1(CloudFormationLintRule):
    """Alarms on CloudFront and on health checks live where those metrics are."""

    id = "E9095"
    shortdesc = "Alarms on global metrics are in us-east-1"
    description = (
        f"An alarm on {' or '.join(GLOBAL)}, or on {FIREWALL} without a Region dimension (scope"
        f" CLOUDFRONT), stands only in a template that is linted for {HOME} alone."
    )
    source_url = (
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html"
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
            report(namespace, f"{namespace.value} has metrics in {HOME} only: move the alarm there")
            for alarm in resources(cfn, "AWS::CloudWatch::Alarm")
            for metric in _metrics(cfn, alarm)
            for namespace in find(cfn, metric, "Namespace")
            if namespace.value in GLOBAL
            or (namespace.value == FIREWALL and _is_of_cloudfront(cfn, metric))
        ]


def _metrics(cfn: Template, alarm: Spot) -> list[Spot]:
    """What names a metric: the alarm itself, and each metric of its math."""
    return [alarm, *find(cfn, alarm, "Metrics", EACH, "MetricStat", "Metric")]


def _is_of_cloudfront(cfn: Template, metric: Spot) -> bool:
    """A regional web ACL's metrics have a Region dimension, a CLOUDFRONT one's have none."""
    names = values(cfn, metric, "Dimensions", EACH, "Name")
    return "Region" not in names and not any(map(is_unknown, names))
