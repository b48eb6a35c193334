"""Links from users to instances, and what CloudFront keeps on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.report.encryption.buckets import log_in_bucket
from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import owned, reasoned
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import (
    IN_THE_CLEAR,
    IN_TRANSIT,
    LINK,
    STORE,
    Protection,
    Reader,
    Row,
    Unreadable,
)

BY_ACM = "with the certificate, which ACM renews"
CERTIFICATE = "AWS::CertificateManager::Certificate"
NOBODY = Protection("none", "-", "whoever is on the way")
LOGS = "access_logs.s3."


def certified(estate: Estate, resource: Resource, value: object, ends: str) -> Protection:
    """By a certificate of ACM's."""
    found = estate.resolve(resource.file, value)
    if not isinstance(found, Resource) or found.type != CERTIFICATE:
        raise Unreadable(f"its certificate is {value}, which is none of these templates")
    return Protection(f"`{found.place}`", BY_ACM, ends)


def distribution(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Users → CloudFront → origins, and the caches at the edge.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/data-protection-summary.html
    """
    config = resource.properties["DistributionConfig"]
    kept = owned("CloudFront", "it takes no other", "CloudFront")
    yield Row(STORE, resource.place, "caches at the edge", kept, "TLS, as the links to and from it")
    yield _viewers(estate, resource, config)
    for origin in config["Origins"]:
        yield _origin(estate, resource, origin)


def _viewers(estate: Estate, resource: Resource, config: Mapping[str, Any]) -> Row:
    behaviors = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", ())]
    if any(each["ViewerProtocolPolicy"] == "allow-all" for each in behaviors):
        raise Unreadable("answers by plain HTTP (ViewerProtocolPolicy allow-all)")
    given = config.get("ViewerCertificate", {})
    ends = "the user and CloudFront"
    if "AcmCertificateArn" in given:
        held = certified(estate, resource, given["AcmCertificateArn"], ends)
        version, why = f"policy {given['MinimumProtocolVersion']}", ""
    else:
        held = Protection("CloudFront's own certificate", "by AWS", ends)
        why = reasoned(resource, "lets old TLS in (no certificate)", "CKV_AWS_174", IN_TRANSIT)
        version = "policy TLSv1"
    transport = f"TLS only, {version}; HTTP is redirected"
    return Row(LINK, resource.place, "users → CloudFront", held, transport, why)


def _origin(estate: Estate, resource: Resource, origin: Mapping[str, Any]) -> Row:
    what = f"CloudFront → load balancers, origin `{origin['Id']}`"
    custom = origin.get("CustomOriginConfig", {})
    if custom.get("OriginProtocolPolicy") == "https-only":
        versions = ", ".join(custom["OriginSSLProtocols"])
        held = Protection(
            "the load balancer's certificate", BY_ACM, "CloudFront and the load balancer"
        )
        return Row(LINK, resource.place, what, held, f"TLS only, {versions}")
    why = reasoned(resource, "asks its origin by plain HTTP", "E9074", IN_TRANSIT)
    return Row(LINK, resource.place, what, NOBODY, f"HTTP, {IN_THE_CLEAR}", why)


def listener(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Whoever reaches a load balancer → the load balancer."""
    properties = resource.properties
    what = f"callers → load balancer, port {properties['Port']}"
    if properties["Protocol"] != "HTTPS":
        why = _why_plain(resource, properties["DefaultActions"])
        yield Row(LINK, resource.place, what, NOBODY, f"HTTP, {IN_THE_CLEAR}", why)
        return
    value = properties["Certificates"][0]["CertificateArn"]
    held = certified(estate, resource, value, "the caller and the load balancer")
    yield Row(LINK, resource.place, what, held, f"TLS only, {properties['SslPolicy']}")


def _why_plain(resource: Resource, actions: Sequence[Mapping[str, Any]]) -> str:
    redirects = [a.get("RedirectConfig", {}).get("Protocol") == "HTTPS" for a in actions]
    if all(redirects):
        return "whatever is asked, the answer is a redirect to HTTPS"
    return reasoned(resource, "answers by plain HTTP", "E9032", IN_TRANSIT)


def target_group(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Load balancer → instances."""
    properties = resource.properties
    what = f"load balancer → instances, port {properties['Port']}"
    if properties["Protocol"] == "HTTPS":
        ends = Protection("the instance's certificate", "-", "load balancer and instance")
        yield Row(LINK, resource.place, what, ends, "TLS; the certificate is not verified")
        return
    why = reasoned(resource, "sends to its targets by plain HTTP", IN_TRANSIT)
    yield Row(LINK, resource.place, what, NOBODY, f"HTTP, {IN_THE_CLEAR}", why)


def load_balancer(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Its links are its listeners'; here is where it logs."""
    attributes = resource.properties.get("LoadBalancerAttributes", ())
    given = {each["Key"]: each["Value"] for each in attributes}
    if given.get(f"{LOGS}enabled") == "true":
        yield log_in_bucket(estate, resource, "requests", given[f"{LOGS}bucket"])


def health_check(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Route 53's checkers → load balancer. Those that read alarms or others carry nothing.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
    """
    config = resource.properties["HealthCheckConfig"]
    what = "Route 53 health checkers → load balancer"
    if config["Type"].startswith("HTTPS"):
        held = Protection("the load balancer's certificate", BY_ACM, "checkers and load balancer")
        transport = "TLS only; checkers do not verify the certificate"
        yield Row(LINK, resource.place, what, held, transport)
    elif config["Type"] not in ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"):
        why = reasoned(resource, f"asks by plain {config['Type']}", IN_TRANSIT)
        yield Row(LINK, resource.place, what, NOBODY, IN_THE_CLEAR, why)


READERS: dict[str, Reader] = {
    "AWS::CloudFront::Distribution": distribution,
    "AWS::ElasticLoadBalancingV2::Listener": listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": load_balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": target_group,
    "AWS::Route53::HealthCheck": health_check,
}
