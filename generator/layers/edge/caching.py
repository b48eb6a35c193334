"""Part of 07 edge: what CloudFront caches, passes on and adds to answers."""

from __future__ import annotations

from troposphere import Ref
from troposphere.cloudfront import (
    CacheCookiesConfig,
    CacheHeadersConfig,
    CachePolicy,
    CachePolicyConfig,
    CacheQueryStringsConfig,
    ContentSecurityPolicy,
    ContentTypeOptions,
    CustomHeader,
    CustomHeadersConfig,
    FrameOptions,
    OriginRequestCookiesConfig,
    OriginRequestHeadersConfig,
    OriginRequestPolicy,
    OriginRequestPolicyConfig,
    OriginRequestQueryStringsConfig,
    ParametersInCacheKeyAndForwardedToOrigin,
    ReferrerPolicy,
    RemoveHeader,
    RemoveHeadersConfig,
    ResponseHeadersPolicy,
    ResponseHeadersPolicyConfig,
    SecurityHeadersConfig,
    StrictTransportSecurity,
)

from generator.layers.draft import Draft, Tunable

NO_CACHING = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""AWS's managed policy CachingDisabled: the same id in every account.

A policy of our own with all times 0 would be its copy: such a one may name nothing in its cache
key, nor compress. Dynamic answers are small, and travel as they are.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
"""

VERSION_PARAMETER = "v"
"""The one query parameter that makes another static file of it: `app.css?v=3`."""

DAY_SECONDS = 86_400
YEAR_SECONDS = 365 * DAY_SECONDS

CONTENT_SECURITY = "base-uri 'self'; frame-ancestors 'none'; object-src 'none'"
"""What hardly any page needs and attacks do. Scripts and styles are for the service to rule on."""

PERMISSIONS = "camera=(), geolocation=(), microphone=()"


def static_caching(draft: Draft) -> Ref:
    """Cache by path alone, compressed by Brotli or gzip; the origin's Cache-Control may say less.

    Compression needs all three times above 0:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html
    """
    kept = draft.tune(
        Tunable(
            "StaticCacheSeconds",
            "Static files: time in cache (seconds)",
            "How long CloudFront keeps a static file for which the service gives no Cache-Control.",
            default=DAY_SECONDS,
            type="Number",
            minimum=1,
            maximum=YEAR_SECONDS,
            cost="Longer saves: fewer requests and GB are fetched from the Regions.",
        )
    )
    version = CacheQueryStringsConfig(
        QueryStringBehavior="whitelist", QueryStrings=[VERSION_PARAMETER]
    )
    policy = CachePolicyConfig(
        Name=draft.name("static"),
        Comment="Static files: by path and version",
        MinTTL=1,
        DefaultTTL=kept,
        MaxTTL=YEAR_SECONDS,
        ParametersInCacheKeyAndForwardedToOrigin=ParametersInCacheKeyAndForwardedToOrigin(
            CookiesConfig=CacheCookiesConfig(CookieBehavior="none"),
            HeadersConfig=CacheHeadersConfig(HeaderBehavior="none"),
            QueryStringsConfig=version,
            EnableAcceptEncodingBrotli=True,
            EnableAcceptEncodingGzip=True,
        ),
    )
    return Ref(draft.add(CachePolicy("StaticCachePolicy", CachePolicyConfig=policy)))


def dynamic_requests(draft: Draft) -> Ref:
    """Everything that the visitor sent, but the Host header.

    Without it CloudFront asks for the origin's own name, which the load balancer's certificate
    covers whatever names the visitors use.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
    """
    headers = OriginRequestHeadersConfig(HeaderBehavior="allExcept", Headers=["Host"])
    policy = OriginRequestPolicyConfig(
        Name=draft.name("dynamic"),
        Comment="Dynamic requests: all that the viewer sent but Host",
        CookiesConfig=OriginRequestCookiesConfig(CookieBehavior="all"),
        HeadersConfig=headers,
        QueryStringsConfig=OriginRequestQueryStringsConfig(QueryStringBehavior="all"),
    )
    return Ref(
        draft.add(OriginRequestPolicy("DynamicRequestPolicy", OriginRequestPolicyConfig=policy))
    )


def security_headers(draft: Draft) -> Ref:
    """Headers that a browser obeys. What a page may have reasons to change, the service overrides.

    HSTS covers our names only, and is not preloaded: both would bind the whole domain, and
    preloading for years.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
    """
    policy = ResponseHeadersPolicyConfig(
        Name=draft.name("security-headers"),
        Comment="What browsers enforce for us",
        SecurityHeadersConfig=SecurityHeadersConfig(
            StrictTransportSecurity=StrictTransportSecurity(
                AccessControlMaxAgeSec=YEAR_SECONDS,
                IncludeSubdomains=False,
                Preload=False,
                Override=True,
            ),
            ContentTypeOptions=ContentTypeOptions(Override=True),
            FrameOptions=FrameOptions(FrameOption="DENY", Override=False),
            ReferrerPolicy=ReferrerPolicy(
                ReferrerPolicy="strict-origin-when-cross-origin", Override=False
            ),
            ContentSecurityPolicy=ContentSecurityPolicy(
                ContentSecurityPolicy=CONTENT_SECURITY, Override=False
            ),
        ),
        CustomHeadersConfig=CustomHeadersConfig(
            Items=[CustomHeader(Header="Permissions-Policy", Value=PERMISSIONS, Override=False)]
        ),
        RemoveHeadersConfig=RemoveHeadersConfig(Items=[RemoveHeader(Header="X-Powered-By")]),
    )
    return Ref(
        draft.add(
            ResponseHeadersPolicy("SecurityHeadersPolicy", ResponseHeadersPolicyConfig=policy)
        )
    )
