"""Topics, queues, and who is told."""

from __future__ import annotations

from collections.abc import Iterator

from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import owned, protection, reasoned
from generator.report.encryption.policies import allows, denies_plain, listed, worded
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import (
    AT_REST,
    IN_THE_CLEAR,
    IN_TRANSIT,
    LINK,
    NOT_DEMANDED,
    QUEUE,
    Protection,
    Reader,
    Row,
)

MAIL = ("e-mail", "it says an alarm's name and state; TLS as far as the recipient's server goes")
TLS = {"https", "lambda", "sqs", "firehose", "application"}
"""Protocols of subscriptions that have no other way."""


def topic(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Notifications, while SNS keeps them.

    https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
    """
    held = _held(estate, resource, "KmsMasterKeyId")
    transport = _transport(estate, resource, "AWS::SNS::TopicPolicy", "Topics", "sns:Publish")
    yield Row(QUEUE, resource.place, "SNS topic", held, *transport)
    ends = Protection("of Amazon SNS", "by AWS", "the sender and Amazon SNS")
    for sender in _senders(estate, resource):
        yield Row(LINK, resource.place, f"{sender} → topic", ends, *transport)


def queue(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Messages of a queue."""
    held = _held(estate, resource, "KmsMasterKeyId")
    transport = _transport(estate, resource, "AWS::SQS::QueuePolicy", "Queues", "sqs:SendMessage")
    yield Row(QUEUE, resource.place, "SQS queue", held, *transport)


def _held(estate: Estate, resource: Resource, name: str) -> Protection:
    if name in resource.properties:
        return protection(estate, resource, resource.properties[name], "Amazon SNS")
    why = reasoned(resource, f"is under no key of the platform's ({name})", AT_REST)
    return owned("the service", why, "the service, for whoever may receive")


def _senders(estate: Estate, resource: Resource) -> Iterator[str]:
    """Services that the topic's policy lets publish."""
    for policy in _policies(estate, resource, "AWS::SNS::TopicPolicy", "Topics"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            if allows(statement, "sns:Publish") and isinstance(statement["Principal"], dict):
                yield from map(worded, listed(statement["Principal"].get("Service", [])))


def _transport(
    estate: Estate, resource: Resource, kind: str, named: str, send: str
) -> tuple[str, str]:
    found = _policies(estate, resource, kind, named)
    if any(denies_plain(estate, resource, policy, send) for policy in found):
        return "TLS only, by its policy", ""
    why = reasoned(resource, "takes messages without TLS (no Deny in its policy)", IN_TRANSIT)
    return NOT_DEMANDED, why


def _policies(estate: Estate, resource: Resource, kind: str, named: str) -> Iterator[Resource]:
    for policy in estate.of_type(kind):
        if resource in [estate.resolve(policy.file, each) for each in policy.properties[named]]:
            yield policy


def subscription(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Alarm → topic → whoever is told."""
    protocol = resource.properties["Protocol"]
    if protocol.startswith("email"):
        transport = MAIL
    elif protocol in TLS:
        transport = ("TLS only", "")
    else:
        transport = (IN_THE_CLEAR, reasoned(resource, f"goes by {protocol}", IN_TRANSIT))
    ends = Protection("of both ends", "-", "the recipient")
    source = estate.resolve(resource.file, resource.properties["TopicArn"])
    name = f"`{source.place}`" if isinstance(source, Resource) else "topic"
    yield Row(LINK, resource.place, f"{name} → {protocol}", ends, *transport)


READERS: dict[str, Reader] = {
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::Topic": topic,
    "AWS::SQS::Queue": queue,
}
