"""07 edge: CloudFront, and if asked for AWS WAF, in front of all Regions.

Everything stands in us-east-1, where CloudFront looks for its certificate and its web ACL:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html

Two behaviours: static files by path, cached and compressed; everything else is passed on to the
nearest healthy Region (`edge_origins`), with what `edge_caching` says. Logs: `edge_logs`.
"""

from __future__ import annotations

from troposphere import GetAtt, Ref, Tags
from troposphere.certificatemanager import Certificate, DomainValidationOption
from troposphere.cloudfront import (
    CacheBehavior,
    DefaultCacheBehavior,
    Distribution,
    DistributionConfig,
    GeoRestriction,
    MonitoringSubscription,
    MonitoringSubscriptionProperty,
    RealtimeMetricsSubscriptionConfig,
    Restrictions,
    ViewerCertificate,
)

from generator import names
from generator.layers.draft import Draft, Layer, Offer, Scope
from generator.layers.edge import caching as edge_caching
from generator.layers.edge import logs as edge_logs
from generator.layers.edge import origins as edge_origins
from generator.layers.edge import web_acl
from generator.layers.edge.origins import Origins
from generator.layers.foundation import HOSTED_ZONE_ID

DISTRIBUTION_ID = Offer(
    "DistributionId", "The CloudFront distribution.", scope=Scope.EDGE, published=True
)
DISTRIBUTION_DOMAIN = Offer(
    "DistributionDomainName",
    "CloudFront's own name of the distribution.",
    scope=Scope.EDGE,
    published=True,
)

READ_METHODS = ["GET", "HEAD", "OPTIONS"]
ALL_METHODS = [*READ_METHODS, "PUT", "PATCH", "POST", "DELETE"]

MINIMUM_TLS = "TLSv1.2_2025"
"""TLS 1.3, and of TLS 1.2 what has forward secrecy and AES-GCM. TLSv1.2_2021 has one cipher family
more that nobody needs; TLSv1.3_2025 would turn away browsers that are still in use.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
"""


def fill(draft: Draft) -> None:
    """The distribution, after what it refers to; then who watches it."""
    logs_key = edge_logs.add_key(draft)
    access_log = edge_logs.add_group(draft, "AccessLogs", logs_key)
    groups = [access_log]
    acl = None
    if wanted := draft.settings.edge.web_acl:
        caught = edge_logs.add_group(draft, "WebAclLogs", logs_key, web_acl.log_group_name(draft))
        groups.append(caught)
        acl = web_acl.add(draft, wanted, caught)
    edge_logs.permit_delivery(draft, groups)

    distribution = _distribution(draft, {"WebACLId": GetAtt(acl, "Arn")} if acl else {})
    edge_logs.deliver_access_logs(draft, distribution, access_log)
    _origin_metrics(draft, distribution)

    draft.offer(DISTRIBUTION_ID, Ref(distribution))
    draft.offer(DISTRIBUTION_DOMAIN, GetAtt(distribution, "DomainName"))


def _distribution(draft: Draft, firewall: dict[str, GetAtt]) -> Distribution:
    settings = draft.settings
    origins = edge_origins.routed(draft) if settings.domain else edge_origins.regional(draft)
    grouped = {"OriginGroups": origins.groups} if origins.groups else {}
    config = DistributionConfig(
        Enabled=True,
        Comment=settings.prefix,
        HttpVersion="http2and3",
        IPV6Enabled=True,
        PriceClass=settings.edge.price_class,
        Origins=list(origins.origins),
        **_behaviours(draft, origins),
        **_viewer_names(draft),
        **grouped,
        **firewall,
        Restrictions=Restrictions(GeoRestriction=GeoRestriction(RestrictionType="none")),
    )
    distribution = draft.add(
        Distribution("Distribution", DistributionConfig=config, Tags=Tags(Name=draft.name("edge")))
    )
    _excuse(draft, distribution)
    return distribution


def _behaviours(draft: Draft, origins: Origins) -> dict[str, object]:
    """Static files by path, all else dynamic; both redirect to HTTPS and carry security headers."""
    headers = edge_caching.security_headers(draft)
    called = {"FunctionAssociations": list(origins.functions)} if origins.functions else {}
    dynamic = DefaultCacheBehavior(
        TargetOriginId=origins.dynamic,
        ViewerProtocolPolicy="redirect-to-https",
        AllowedMethods=ALL_METHODS,
        CachePolicyId=edge_caching.NO_CACHING,
        OriginRequestPolicyId=edge_caching.dynamic_requests(draft),
        ResponseHeadersPolicyId=headers,
        **called,
    )
    static = CacheBehavior(
        PathPattern=f"{draft.settings.edge.static_path}*",
        TargetOriginId=origins.static,
        ViewerProtocolPolicy="redirect-to-https",
        AllowedMethods=READ_METHODS,
        CachedMethods=READ_METHODS,
        Compress=True,
        CachePolicyId=edge_caching.static_caching(draft),
        ResponseHeadersPolicyId=headers,
    )
    return {"DefaultCacheBehavior": dynamic, "CacheBehaviors": [static]}


def _viewer_names(draft: Draft) -> dict[str, object]:
    """Our names and their certificate, or CloudFront's own."""
    if not draft.settings.domain:
        return {"ViewerCertificate": ViewerCertificate(CloudFrontDefaultCertificate=True)}
    viewer = ViewerCertificate(
        AcmCertificateArn=Ref(_certificate(draft)),
        SslSupportMethod="sni-only",
        MinimumProtocolVersion=MINIMUM_TLS,
    )
    return {"Aliases": list(names.public(draft.settings)), "ViewerCertificate": viewer}


def _certificate(draft: Draft) -> Certificate:
    """Validated by records that ACM's own resource puts into the zone, and renewed by them."""
    zone = draft.need(HOSTED_ZONE_ID)
    apex, *others = covered = names.public(draft.settings)
    alternates = {"SubjectAlternativeNames": others} if others else {}
    return draft.add(
        Certificate(
            "Certificate",
            DomainName=apex,
            ValidationMethod="DNS",
            DomainValidationOptions=[
                DomainValidationOption(DomainName=name, HostedZoneId=zone) for name in covered
            ],
            Tags=Tags(Name=draft.name("edge")),
            **alternates,
        )
    )


def _origin_metrics(draft: Draft, distribution: Distribution) -> None:
    """Origin latency, cache hits and errors by code: eight metrics for about 2 USD a month.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/viewing-cloudfront-metrics.html
    """
    enabled = RealtimeMetricsSubscriptionConfig(RealtimeMetricsSubscriptionStatus="Enabled")
    draft.add(
        MonitoringSubscription(
            "OriginMetrics",
            DistributionId=Ref(distribution),
            MonitoringSubscription=MonitoringSubscriptionProperty(
                RealtimeMetricsSubscriptionConfig=enabled
            ),
        )
    )


def _excuse(draft: Draft, distribution: Distribution) -> None:
    """What checkers find, and why it is so."""
    settings = draft.settings
    draft.excuse(
        distribution, "CKV_AWS_86", "Logged by standard logging v2: see AccessLogDelivery."
    )
    if not settings.edge.web_acl:
        draft.excuse(distribution, "CKV_AWS_68", "edge.web_acl is left out in the settings.")
    if not settings.domain:
        draft.excuse(
            distribution,
            "CKV_AWS_174",
            "Without a domain the certificate is CloudFront's, whose TLS policy cannot be set.",
        )
        draft.excuse(
            distribution,
            "E9074",
            "Without a domain no certificate can name the load balancers: HTTP to the origin.",
        )


LAYER = Layer(
    name="edge",
    step="07",
    purpose="CloudFront: certificate, caching, security headers, logs; AWS WAF if asked for",
    scope=Scope.EDGE,
    fill=fill,
    after=("foundation", "regional"),
    wanted=lambda settings: settings.edge.enabled,
)
