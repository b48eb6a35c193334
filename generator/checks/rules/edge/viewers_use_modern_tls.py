from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, differs, find, layer_tags, report
from generator.checks.rules.edge._behaviours import behaviours, distributions

HTTPS = ("redirect-to-https", "https-only")
MODERN = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")


class ViewersUseModernTls(CloudFormationLintRule):
    """Visitors speak HTTPS with the CDN, at TLS 1.2 of 2021 or better."""

    id = "E9072"
    shortdesc = "Viewers use modern TLS"
    description = (
        "Each cache behaviour redirects to HTTPS or takes HTTPS only; a distribution with a"
        " certificate of ours has MinimumProtocolVersion TLSv1.2_2021 or newer."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
        "secure-connections-supported-viewer-protocols-ciphers.html"
    )
    tags = layer_tags("edge")
    risk = (
        "Plain HTTP, or TLS with ciphers that are broken, lets others read and change what visitors"
        " see."
    )
    fix = (
        "Set ViewerProtocolPolicy to redirect-to-https, and MinimumProtocolVersion to TLSv1.2_2021"
        " or newer."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            found for one in distributions(cfn) for found in [*_plain(cfn, one), *_old(cfn, one)]
        ]


def _plain(cfn: Template, distribution: Spot) -> Iterator[RuleMatch]:
    for behaviour in behaviours(cfn, distribution):
        for spot in find(cfn, behaviour, "ViewerProtocolPolicy"):
            if differs(spot.value, *HTTPS):
                yield report(spot, f"ViewerProtocolPolicy must be {' or '.join(HTTPS)}")


def _old(cfn: Template, distribution: Spot) -> Iterator[RuleMatch]:
    for viewer in find(cfn, distribution, "DistributionConfig", "ViewerCertificate"):
        if not isinstance(viewer.value, dict) or "AcmCertificateArn" not in viewer.value:
            continue
        for spot in find(cfn, viewer, "MinimumProtocolVersion"):
            if differs(spot.value, *MODERN):
                yield report(spot, f"MinimumProtocolVersion must be one of {', '.join(MODERN)}")
