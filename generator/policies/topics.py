"""Who may publish to the alarm topics and use their key: services, on behalf of this account.

A service can publish to an encrypted topic only when the key's policy lets it encrypt.
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services

EventBridge is not among the publishers and cannot just be added: it sends no `aws:SourceAccount`
with its KMS requests, so its statement would have to do without that condition.
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs.aws import (
    Action,
    Allow,
    Bool,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.kms import Decrypt
from awacs.sns import Publish
from troposphere import AWSHelperFn, Ref

from generator.policies import keys

ALARMS = "cloudwatch.amazonaws.com"
BUDGETS = "budgets.amazonaws.com"


def key_policy(publishers: Sequence[str]) -> PolicyDocument:
    """The policy of a key for topics alone."""
    return keys.key_policy(encryption(publishers))


def encryption(publishers: Sequence[str]) -> Statement:
    """The publishers encrypt with the key; in its policy `*` means the key itself."""
    return Statement(
        Sid="EncryptNotifications",
        Effect=Allow,
        Principal=Principal("Service", list(publishers)),
        Action=[Decrypt, Action("kms", "GenerateDataKey*")],
        Resource=["*"],
        Condition=_for_this_account(),
    )


def topic_policy(topic: AWSHelperFn, publishers: Sequence[str]) -> PolicyDocument:
    """The publishers publish; nobody does so without TLS."""
    publishing = Statement(
        Sid="PublishForThisAccount",
        Effect=Allow,
        Principal=Principal("Service", list(publishers)),
        Action=[Publish],
        Resource=[topic],
        Condition=_for_this_account(),
    )
    transport = Statement(
        Sid="DenyPlainTransport",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[Publish],
        Resource=[topic],
        Condition=Condition(Bool("aws:SecureTransport", "false")),
    )
    return PolicyDocument(Version="2012-10-17", Statement=[publishing, transport])


def _for_this_account() -> Condition:
    return Condition(StringEquals("aws:SourceAccount", Ref("AWS::AccountId")))
