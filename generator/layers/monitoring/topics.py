"""The two SNS topics of a place, warning and critical, under a key of their own.

Used by the regional monitoring and, in us-east-1, by the global one. The AWS-managed key would not
do: its policy lets no alarm publish.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from troposphere import Ref
from troposphere.kms import Key
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from generator import names
from generator.layers.alarms import SEVERITIES, Severity
from generator.layers.draft import Draft
from generator.policies import topics as policies


def add(
    draft: Draft, publishers: Sequence[str] = (policies.ALARMS,), *, edge: bool = False
) -> dict[Severity, Topic]:
    """Key, topics, who may publish, and who is told."""
    key = _key(draft, publishers)
    topics = {severity: _topic(draft, severity, key, edge) for severity in SEVERITIES}
    for severity, topic in topics.items():
        _publishers(draft, topic, publishers)
        _subscribers(draft, severity, topic)
    return topics


def _key(draft: Draft, publishers: Sequence[str]) -> Key:
    return draft.add(
        Key(
            "TopicKey",
            Description=f"{draft.settings.prefix}: notifications at rest in the alarm topics",
            KeyPolicy=policies.key_policy(publishers),
            EnableKeyRotation=True,
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def _topic(draft: Draft, severity: Severity, key: Key, edge: bool) -> Topic:
    name = names.topic(draft.settings, severity, edge=edge)
    return draft.add(
        Topic(
            f"{severity.capitalize()}Topic",
            TopicName=name,
            DisplayName=name,
            KmsMasterKeyId=Ref(key),
        )
    )


def _publishers(draft: Draft, topic: Topic, publishers: Sequence[str]) -> None:
    draft.add(
        TopicPolicy(
            f"{topic.title}Policy",
            Topics=[Ref(topic)],
            PolicyDocument=policies.topic_policy(Ref(topic), publishers),
        )
    )


def _subscribers(draft: Draft, severity: Severity, topic: Topic) -> None:
    for email in draft.settings.monitoring.emails:
        # Named after the address: whoever joins or leaves, the others need not confirm again.
        mark = sha256(email.lower().encode()).hexdigest()[:8]
        draft.add(
            SubscriptionResource(
                f"{severity.capitalize()}Email{mark}",
                TopicArn=Ref(topic),
                Protocol="email",
                Endpoint=email,
            )
        )
