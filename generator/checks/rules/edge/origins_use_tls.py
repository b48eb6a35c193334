from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import EACH, Spot, differs, find, layer_tags, report
from generator.checks.rules.edge._behaviours import distributions


class OriginsUseTls(CloudFormationLintRule):
    """From the CDN to the origin the request stays encrypted."""

    id = "E9074"
    shortdesc = "Custom origins use TLS 1.2"
    description = (
        "CustomOriginConfig has OriginProtocolPolicy https-only and OriginSSLProtocols TLSv1.2"
        " alone."
    )
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html"
    tags = layer_tags("edge")
    risk = (
        "The secret header and the visitor's session cross the internet in clear text, or under"
        " broken TLS."
    )
    fix = "Set OriginProtocolPolicy to https-only and OriginSSLProtocols to [TLSv1.2]."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            found
            for distribution in distributions(cfn)
            for origin in find(
                cfn, distribution, "DistributionConfig", "Origins", EACH, "CustomOriginConfig"
            )
            if origin.value is not None
            for found in _check(cfn, origin)
        ]


def _check(cfn: Template, origin: Spot) -> Iterator[RuleMatch]:
    for spot in find(cfn, origin, "OriginProtocolPolicy"):
        if differs(spot.value, "https-only"):
            yield report(spot, "OriginProtocolPolicy must be https-only")
    for protocols in find(cfn, origin, "OriginSSLProtocols"):
        listed = list(find(cfn, protocols, EACH)) or [protocols]
        if any(differs(one.value, "TLSv1.2") for one in listed):
            yield report(protocols, "OriginSSLProtocols must be TLSv1.2 alone")
