from collections.abc import Iterator
from fnmatch import fnmatchcase

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._policies import statements
from generator.checks.rules._template import (
    EACH,
    Spot,
    is_unknown,
    layer_tags,
    refers_to,
    report,
    resources,
    values,
)
from generator.checks.rules.monitoring._topics import notified_by

NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")


class TopicKeysAdmitPublishers(CloudFormationLintRule):
    """The key of a topic lets in whoever publishes to it."""

    id = "E9094"
    shortdesc = "Topic keys admit their publishers"
    description = (
        "The policy of a key that encrypts a notified topic allows kms:Decrypt and"
        " kms:GenerateDataKey* to cloudwatch.amazonaws.com, and to budgets.amazonaws.com where a"
        " budget notifies the topic."
    )
    source_url = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
    tags = layer_tags("monitoring")
    risk = (
        "The alarm fires, KMS refuses the service, and the message is dropped without an error"
        " anywhere."
    )
    fix = "Allow the service principal kms:Decrypt and kms:GenerateDataKey* in the key's policy."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(key, f"KeyPolicy must allow {service} {action} for {topic.name}")
            for service, names in notified_by(cfn).items()
            for topic in resources(cfn, "AWS::SNS::Topic")
            if topic.name in names
            for key in _keys_of(cfn, topic)
            for action in _refused(cfn, key, service)
        ]


def _keys_of(cfn: Template, topic: Spot) -> Iterator[Spot]:
    named = refers_to(topic.value.get("KmsMasterKeyId"))
    for alias in resources(cfn, "AWS::KMS::Alias"):
        if alias.name in named:
            named = named | refers_to(alias.value.get("TargetKeyId"))
    yield from (key for key in resources(cfn, "AWS::KMS::Key") if key.name in named)


def _refused(cfn: Template, key: Spot, service: str) -> list[str]:
    allowed = list(statements(cfn, key, ("KeyPolicy",), "Allow"))
    mine = [one for one in allowed if service in values(cfn, one, "Principal", "Service", EACH)]
    patterns = [pattern for one in mine for pattern in values(cfn, one, "Action", EACH)]
    if any(is_unknown(pattern) for pattern in [*patterns, *values(cfn, key, "KeyPolicy")]):
        return []
    return [
        need
        for need in NEEDED
        if not any(fnmatchcase(need.lower(), str(one).lower()) for one in patterns)
    ]
