"""Part of 07 edge: where CloudFront and AWS WAF log, under a key of their own in us-east-1.

CloudWatch Logs rather than S3: the groups take our key, expire by themselves, and can be queried
where an incident is looked at. CloudFront's standard logging v2 is no property of the distribution
but a source, a destination and a delivery of CloudWatch Logs, all three in us-east-1:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
"""

from __future__ import annotations

from collections.abc import Sequence

from troposphere import GetAtt, Ref, Sub, Tags
from troposphere.cloudfront import Distribution
from troposphere.kms import Key
from troposphere.logs import (
    Delivery,
    DeliveryDestination,
    DeliverySource,
    LogGroup,
    ResourcePolicy,
)

from generator.layers.draft import Draft, sub
from generator.policies.edge_logging import log_delivery
from generator.policies.logging import logs_key_policy

PERMISSION = "LogDeliveryPermission"
"""Logical id of the permission to write: whatever delivers into a group waits for it."""

ACCESS_LOG_FIELDS = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
)
"""What is logged of a request: all but its cookies, which are its session.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
"""


def add_key(draft: Draft) -> Key:
    """The key of the groups below; a Region's own key cannot be used in another Region."""
    return draft.add(
        Key(
            "LogsKey",
            Description=f"{draft.settings.prefix}: logs of CloudFront and AWS WAF",
            EnableKeyRotation=True,
            KeyPolicy=logs_key_policy(),
            PendingWindowInDays=30,
            Tags=Tags(Name=draft.name("edge-logs")),
            # Without the key, what was logged could not be read any more.
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def add_group(draft: Draft, title: str, key: Key, name: str | None = None) -> LogGroup:
    """A log group; named only where a service insists on a name."""
    named = {"LogGroupName": name} if name else {}
    return draft.add(
        LogGroup(
            title,
            KmsKeyId=GetAtt(key, "Arn"),
            RetentionInDays=draft.settings.log_retention_days,
            **named,
        )
    )


def arn(group: LogGroup) -> Sub:
    """A group's ARN as log deliveries want it: without the `:*` of its Arn attribute."""
    return sub(
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${"
        + str(group.title)
        + "}"
    )


def permit_delivery(draft: Draft, groups: Sequence[LogGroup]) -> ResourcePolicy:
    """Stated here, or AWS would add a policy of its own to the account when the first log flows.

    One for all groups: an account has ten of these a Region.
    """
    return draft.add(
        ResourcePolicy(
            PERMISSION,
            PolicyName=draft.name("edge-log-delivery"),
            PolicyDocument=log_delivery([group.title for group in groups]),
        )
    )


def deliver_access_logs(draft: Draft, distribution: Distribution, group: LogGroup) -> None:
    """Every request that a viewer makes, within minutes, as JSON."""
    source = draft.add(
        DeliverySource(
            "AccessLogSource",
            Name=draft.name("edge-access"),
            LogType="ACCESS_LOGS",
            ResourceArn=sub(
                "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${"
                + str(distribution.title)
                + "}"
            ),
        )
    )
    destination = draft.add(
        DeliveryDestination(
            "AccessLogDestination",
            Name=draft.name("edge-access"),
            DestinationResourceArn=arn(group),
            OutputFormat="json",
        )
    )
    draft.add(
        Delivery(
            "AccessLogDelivery",
            DeliverySourceName=Ref(source),
            DeliveryDestinationArn=GetAtt(destination, "Arn"),
            RecordFields=list(ACCESS_LOG_FIELDS),
            DependsOn=PERMISSION,
        )
    )
