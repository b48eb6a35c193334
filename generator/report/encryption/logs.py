"""Log groups, and what services write to them."""

from __future__ import annotations

from collections.abc import Iterator

from generator.report.encryption.buckets import log_in_bucket
from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import owned, protection, reasoned
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import AT_REST, LOG, Protection, Reader, Row, Unreadable

GROUP = "AWS::Logs::LogGroup"
API = "TLS only: the API has nothing else"


def group(estate: Estate, resource: Resource) -> Iterator[Row]:
    """A log group."""
    yield Row(LOG, resource.place, "log group", group_protection(estate, resource), API)


def group_protection(estate: Estate, resource: Resource) -> Protection:
    """By its key. Without one CloudWatch Logs takes its own."""
    if "KmsKeyId" in resource.properties:
        return protection(estate, resource, resource.properties["KmsKeyId"], "CloudWatch Logs")
    why = reasoned(resource, "is under no key of the platform's (KmsKeyId)", AT_REST)
    return owned("CloudWatch Logs", why, "CloudWatch Logs, for whoever may read")


def log_in_group(estate: Estate, resource: Resource, what: str, target: object) -> Row:
    """A log that a service writes to one of our groups. Raises Unreadable for any other."""
    holder = estate.find(GROUP, resource.file, target)
    if holder is None:
        raise Unreadable(f"logs to {target}, which is no log group of these templates")
    held = group_protection(estate, holder)
    return Row(LOG, resource.place, f"{what}, in `{holder.place}`", held, API)


def flow_log(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Addresses, ports and counts of a VPC's traffic."""
    properties = resource.properties
    if properties.get("LogDestinationType") == "s3":
        yield log_in_bucket(estate, resource, "VPC flow log", properties["LogDestination"])
    else:
        target = properties.get("LogGroupName") or properties.get("LogDestination")
        yield log_in_group(estate, resource, "VPC flow log", target)


def web_acl_log(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Requests that AWS WAF stopped or counted."""
    for target in resource.properties["LogDestinationConfigs"]:
        yield log_in_group(estate, resource, "AWS WAF requests", target)


def destination(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Where vended logs are delivered: CloudFront's requests."""
    target = resource.properties["DestinationResourceArn"]
    yield log_in_group(estate, resource, "CloudFront requests", target)


READERS: dict[str, Reader] = {
    "AWS::EC2::FlowLog": flow_log,
    "AWS::Logs::DeliveryDestination": destination,
    "AWS::Logs::LogGroup": group,
    "AWS::WAFv2::LoggingConfiguration": web_acl_log,
}
