"""Schedules of rotations, through the Secrets Manager API.

ministack keeps a schedule and never acts on it; its RotateSecret calls no function. So a schedule
leaves the secret with the value that it had, and the function is called by whoever tries it.
"""

from __future__ import annotations

from generator.sandbox import seams
from generator.sandbox.resources.resource import Made, Properties, Resource


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    secret = properties["SecretId"]
    _set(secret, properties)
    return secret, {"Id": secret}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    _set(physical_id, new)
    return physical_id, {"Id": physical_id}


def _delete(physical_id: str, properties: Properties) -> None:
    """Nothing: ministack lacks CancelRotateSecret, and rotates nothing."""


def _set(secret: str, properties: Properties) -> None:
    rules = dict(properties["RotationRules"])
    if "AutomaticallyAfterDays" in rules:
        rules["AutomaticallyAfterDays"] = int(rules["AutomaticallyAfterDays"])
    seams.client("secretsmanager").rotate_secret(
        SecretId=secret,
        RotationLambdaARN=properties["RotationLambdaARN"],
        RotationRules=rules,
        RotateImmediately=False,
    )


RESOURCES = {
    "AWS::SecretsManager::RotationSchedule": Resource(
        _create,
        _delete,
        _update,
        frozenset({"SecretId"}),
        frozenset({"RotationLambdaARN", "RotationRules", "RotateImmediatelyOnUpdate"}),
    ),
}
