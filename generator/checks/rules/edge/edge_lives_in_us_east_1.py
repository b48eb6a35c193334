from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    Spot,
    layer_tags,
    refers_to,
    report,
    resources,
    values,
)

HOME = "us-east-1"


class EdgeLivesInUsEast1(CloudFormationLintRule):
    """CloudFront's WAF and certificate are made in us-east-1."""

    id = "E9071"
    shortdesc = "CloudFront's WAF and certificate are in us-east-1"
    description = (
        "A template with a CLOUDFRONT-scope WebACL, or with the certificate of its own"
        " distribution, is linted for us-east-1 and no other region."
    )
    source_url = (
        "https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html"
    )
    tags = layer_tags("edge")
    risk = "Anywhere else the web ACL can't be made, and CloudFront does not see the certificate."
    fix = "Deploy this template in us-east-1 only, and lint it with --regions us-east-1."

    def match(self, cfn: Template) -> list[RuleMatch]:
        if list(cfn.regions) == [HOME]:
            return []
        return [
            report(
                spot, f"this belongs to CloudFront: deploy and lint the template for {HOME} only"
            )
            for spot in [*_web_acls(cfn), *_certificates(cfn)]
        ]


def _web_acls(cfn: Template) -> Iterator[Spot]:
    for acl in resources(cfn, "AWS::WAFv2::WebACL"):
        if "CLOUDFRONT" in values(cfn, acl, "Scope"):
            yield acl


def _certificates(cfn: Template) -> Iterator[Spot]:
    distributions = list(resources(cfn, "AWS::CloudFront::Distribution"))
    path = ("DistributionConfig", "ViewerCertificate", "AcmCertificateArn")
    used = refers_to([arn for one in distributions for arn in values(cfn, one, *path)])
    for certificate in resources(cfn, "AWS::CertificateManager::Certificate"):
        if certificate.name in used:
            yield certificate
