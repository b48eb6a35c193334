"""What may not be deleted: a protected load balancer, a bucket or hosted zone with content.

The services' own APIs refuse as AWS does; ministack's types, and its DeleteLoadBalancer, do not.
A certificate is checked here too: it is validated through a hosted zone, which must be there.
"""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from generator.sandbox import seams, service_seams
from generator.sandbox.resources.calls import handler_message, is_gone, told
from generator.sandbox.resources.resource import Extension, Properties


def install() -> None:
    """Refuse the deletion of a protected load balancer through its API."""
    service_seams.refuse_protected_load_balancers()


def _load_balancer(physical_id: str, properties: Properties) -> None:
    call = seams.client("elbv2").delete_load_balancer
    _delete_through(call, LoadBalancerArn=physical_id)


def _bucket(physical_id: str, properties: Properties) -> None:
    _delete_through(seams.client("s3").delete_bucket, Bucket=physical_id)


def _zone(physical_id: str, properties: Properties) -> None:
    _delete_through(seams.client("route53").delete_hosted_zone, Id=physical_id)


def _delete_through(call: Callable[..., object], **asked: str) -> None:
    """Delete as the service does, which refuses what it must; ministack then clears the rest."""
    try:
        call(**asked)
    except ClientError as error:
        if not is_gone(error):
            raise ValueError(handler_message(error)) from error


def _certificate(logical_id: str, properties: Properties, stack: str) -> None:
    for option in properties.get("DomainValidationOptions", []):
        if "HostedZoneId" in option:
            told(seams.client("route53").get_hosted_zone, Id=option["HostedZoneId"])


EXTENSIONS = {
    "AWS::CertificateManager::Certificate": Extension(before_create=_certificate),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Extension(before_delete=_load_balancer),
    "AWS::Route53::HostedZone": Extension(before_delete=_zone),
    "AWS::S3::Bucket": Extension(before_delete=_bucket),
}
