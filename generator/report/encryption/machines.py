"""Volumes of instances, functions, secrets, parameters, certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import managed, owned, protection, reasoned
from generator.report.encryption.logs import API
from generator.report.encryption.policies import users
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import STORE, Protection, Reader, Row, Unreadable

NITRO = "encrypted on the way, by the instance's host"
"""https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html"""


def launch_template(estate: Estate, resource: Resource) -> Iterator[Row]:
    """The volumes of the instances that it starts."""
    yield from _volumes(estate, resource, resource.properties["LaunchTemplateData"])


def instance(estate: Estate, resource: Resource) -> Iterator[Row]:
    """The volumes of one instance; those of its launch template have their own row."""
    if "LaunchTemplate" not in resource.properties:
        yield from _volumes(estate, resource, resource.properties)


def _volumes(estate: Estate, resource: Resource, data: Mapping[str, Any]) -> Iterator[Row]:
    volumes = [m for m in data.get("BlockDeviceMappings", ()) if "Ebs" in m]
    if not volumes:
        raise Unreadable("says nothing of its volumes (BlockDeviceMappings)")
    for mapping in volumes:
        held = _volume(estate, resource, mapping["Ebs"])
        what = f"EBS volume {mapping['DeviceName']} of each instance"
        yield Row(STORE, resource.place, what, held, NITRO)


def _volume(estate: Estate, resource: Resource, ebs: Mapping[str, Any]) -> Protection:
    if ebs.get("Encrypted") is not True:
        raise Unreadable("starts instances with volumes that are not encrypted (Ebs.Encrypted)")
    if "KmsKeyId" in ebs:
        return protection(estate, resource, ebs["KmsKeyId"], "Amazon EC2")
    return managed(resource, "aws/ebs")


def function(estate: Estate, resource: Resource) -> Iterator[Row]:
    """A Lambda function's code and variables; its log group has a row of its own."""
    if "LogGroup" not in resource.properties.get("LoggingConfig", {}):
        raise Unreadable("logs to a group that Lambda makes by itself (LoggingConfig)")
    held = _code(estate, resource, resource.properties)
    yield Row(STORE, resource.place, "Lambda function's code and variables", held, API)


def _code(estate: Estate, resource: Resource, properties: Mapping[str, Any]) -> Protection:
    """https://docs.aws.amazon.com/lambda/latest/dg/security-encryption-at-rest.html"""
    if "KmsKeyArn" in properties:
        return protection(estate, resource, properties["KmsKeyArn"], "AWS Lambda")
    if properties.get("Environment"):
        return managed(resource, "aws/lambda")
    return owned("AWS Lambda", "code that templates/ shows, and no variables", "AWS Lambda")


def secret(estate: Estate, resource: Resource) -> Iterator[Row]:
    """A secret, and its replicas in other Regions.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    properties = resource.properties
    replicas = properties.get("ReplicaRegions", ())
    keys = [each.get("KmsKeyId") for each in (properties, *replicas)]
    held = dict.fromkeys(_secret(estate, resource, key) for key in keys)
    key = ", ".join(dict.fromkeys(each.key for each in held))
    first = next(iter(held))
    rotation = f"key {first.rotation}; value {_renewal(estate, resource)}"
    whole = first._replace(key=key, rotation=rotation)
    what = f"secret, in {len(keys)} Regions" if replicas else "secret"
    yield Row(STORE, resource.place, what, whole, API)


def _renewal(estate: Estate, resource: Resource) -> str:
    """How often the secret itself changes."""
    for schedule in estate.of_type("AWS::SecretsManager::RotationSchedule"):
        if estate.resolve(schedule.file, schedule.properties["SecretId"]) == resource:
            rules = schedule.properties["RotationRules"]
            days = rules.get("AutomaticallyAfterDays")
            return f"every {days} days" if days else str(rules["ScheduleExpression"])
    return f"by hand: {reasoned(resource, 'is never rotated', 'CKV2_AWS_57')}"


def _secret(estate: Estate, resource: Resource, key: object) -> Protection:
    if key is not None:
        return protection(estate, resource, key, "Secrets Manager")
    who = users(estate, resource, "secretsmanager:GetSecretValue")
    held = managed(resource, "aws/secretsmanager")
    return held._replace(readers=f"through Secrets Manager: {who}")


def parameter(estate: Estate, resource: Resource) -> Iterator[Row]:
    """CloudFormation makes no SecureString, so nothing secret can be here."""
    held = owned("Systems Manager", "configuration, never a secret", "whoever may read it")
    yield Row(STORE, resource.place, "SSM parameter", held, API)


def certificate(estate: Estate, resource: Resource) -> Iterator[Row]:
    """A certificate's private key never leaves ACM but for what it is attached to.

    https://docs.aws.amazon.com/acm/latest/userguide/data-protection.html
    """
    rotation = "every year, by AWS; ACM renews the certificate itself"
    held = Protection("`aws/acm`, AWS managed", rotation, "ACM", "ACM takes no other")
    yield Row(STORE, resource.place, "certificate's private key", held, API)


READERS: dict[str, Reader] = {
    "AWS::CertificateManager::Certificate": certificate,
    "AWS::EC2::Instance": instance,
    "AWS::EC2::LaunchTemplate": launch_template,
    "AWS::Lambda::Function": function,
    "AWS::SSM::Parameter": parameter,
    "AWS::SecretsManager::Secret": secret,
}
