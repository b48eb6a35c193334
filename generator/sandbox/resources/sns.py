"""Topics with the key that encrypts them, which the emulator's own type leaves out."""

from __future__ import annotations

from generator.sandbox import seams
from generator.sandbox.resources.calls import told
from generator.sandbox.resources.resource import Extension, Made, Properties

_ATTRIBUTES = ("KmsMasterKeyId", "SignatureVersion")


def _created(made: Made, properties: Properties, stack: str) -> Made:
    return _updated(made, {}, properties, stack)


def _updated(made: Made, before: Properties, properties: Properties, stack: str) -> Made:
    for name in _ATTRIBUTES:
        if properties.get(name) != before.get(name):
            asked = {"AttributeName": name, "AttributeValue": properties.get(name, "")}
            told(seams.client("sns").set_topic_attributes, TopicArn=made[0], **asked)
    return made


EXTENSIONS = {"AWS::SNS::Topic": Extension(created=_created, updated=_updated)}
