from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    differs,
    find,
    layer_tags,
    report,
    text,
    values,
)
from generator.checks.rules.edge._behaviours import behaviours, distributions

READS = ("GET", "HEAD", "OPTIONS")


class OriginGroupsServeReads(CloudFormationLintRule):
    """Behind an origin group stand reads only: CloudFront does not fail writes over."""

    id = "E9075"
    shortdesc = "Origin groups serve reads only"
    description = (
        "A behaviour whose TargetOriginId is an origin group allows only GET, HEAD and OPTIONS."
    )
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html"
    tags = layer_tags("edge")
    risk = (
        "CloudFront never fails over a POST or PUT: writes would fail just when the group is"
        " needed."
    )
    fix = "Send writes to one origin whose DNS name fails over, and reads to the group."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(
                method,
                f"an origin group does not fail over {method.value}: allow {', '.join(READS)} only",
            )
            for distribution in distributions(cfn)
            for group in values(
                cfn, distribution, "DistributionConfig", "OriginGroups", "Items", EACH, "Id"
            )
            for behaviour in behaviours(cfn, distribution)
            if text(group) in map(text, values(cfn, behaviour, "TargetOriginId"))
            for method in find(cfn, behaviour, "AllowedMethods", EACH)
            if differs(method.value, *READS)
        ]
