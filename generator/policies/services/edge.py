"""CloudFront, AWS WAF, certificates, health checks."""

from __future__ import annotations

from generator.policies.services.row import AWS_NAMES_IT, Service, here

ROWS = (
    Service(
        "acm",
        "AddTagsToCertificate DeleteCertificate DescribeCertificate ListTagsForCertificate "
        "RemoveTagsFromCertificate UpdateCertificateOptions",
        (here("acm", "certificate/*"),),
        anywhere="RequestCertificate",
        reason="A certificate that is not there yet has no ARN.",
    ),
    Service(
        "cloudfront",
        anywhere="Get* List* DescribeFunction TagResource UntagResource CreateDistribution "
        "UpdateDistribution DeleteDistribution CreateCachePolicy "
        "UpdateCachePolicy DeleteCachePolicy CreateOriginRequestPolicy "
        "UpdateOriginRequestPolicy DeleteOriginRequestPolicy CreateResponseHeadersPolicy "
        "UpdateResponseHeadersPolicy DeleteResponseHeadersPolicy CreateFunction "
        "UpdateFunction PublishFunction DeleteFunction CreateMonitoringSubscription "
        "DeleteMonitoringSubscription AllowVendedLogDeliveryForResource",
        reason=AWS_NAMES_IT,
    ),
    Service(
        "wafv2",
        "CreateWebACL DeleteWebACL GetWebACL UpdateWebACL ListTagsForResource TagResource "
        "UntagResource DeleteLoggingConfiguration GetLoggingConfiguration "
        "PutLoggingConfiguration",
        (
            here("wafv2", "global/webacl/{prefix}-*"),
            "arn:${AWS::Partition}:wafv2:*:*:global/managedruleset/*",
        ),
    ),
    Service(
        "route53",
        "ChangeTagsForResource CreateHealthCheck DeleteHealthCheck GetChange GetHealthCheck "
        "ListTagsForResource UpdateHealthCheck",
        (
            "arn:${AWS::Partition}:route53:::healthcheck/*",
            "arn:${AWS::Partition}:route53:::change/*",
        ),
        anywhere="CreateHealthCheck ListHostedZones ListHostedZonesByName",
        reason="A health check that is not there yet has no ARN; zones are listed as a whole.",
    ),
)
