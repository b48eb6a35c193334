"""Replicas of a global table, each with its settings, made in its own Region."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from generator.sandbox import seams
from generator.sandbox.resources.calls import failure, is_gone, picked, tag_changes
from generator.sandbox.resources.resource import Properties


def refuse_protected(name: str, region: str) -> None:
    if described(name, region).get("DeletionProtectionEnabled"):
        said = f"Resource cannot be deleted as it is currently protected against deletion: {name}"
        raise ValueError(
            failure(f"{said} in {region}. Disable deletion protection first.", "InvalidRequest")
        )


def add_replica(name: str, region: str) -> None:
    change = [{"Create": {"RegionName": region}}]
    seams.client("dynamodb").update_table(TableName=name, ReplicaUpdates=change)


def remove_replica(name: str, region: str) -> None:
    refuse_protected(name, region)
    change = [{"Delete": {"RegionName": region}}]
    seams.client("dynamodb").update_table(TableName=name, ReplicaUpdates=change)


def settle(
    name: str, region: str, old: Properties, new: Properties, properties: Properties
) -> None:
    """Make the settings of one replica what the template has, in its own Region."""
    dynamodb = seams.client("dynamodb", region)
    asked = _replica_settings(new, properties)
    if asked != _replica_settings(old, properties):
        dynamodb.update_table(TableName=name, **asked)
    point = new.get("PointInTimeRecoverySpecification", {})
    if point != old.get("PointInTimeRecoverySpecification", {}):
        dynamodb.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False} | point,
        )
    _observe(dynamodb, name, old, new)
    _retag(dynamodb, name, old, new)


def _replica_settings(replica: Properties, properties: Properties) -> Properties:
    asked: Properties = picked(replica, "TableClass")
    protected = replica.get("DeletionProtectionEnabled", False)
    asked["DeletionProtectionEnabled"] = protected in (True, "true")
    encryption = properties.get("SSESpecification")
    if replica and encryption:
        asked["SSESpecification"] = {"Enabled": encryption["SSEEnabled"]} | picked(
            encryption, "SSEType"
        )
        asked["SSESpecification"] |= picked(replica.get("SSESpecification", {}), "KMSMasterKeyId")
    return asked


def _observe(dynamodb: Any, name: str, old: Properties, new: Properties) -> None:
    """Contributor insights of the table and of its indexes."""
    before, after = _insights(old), _insights(new)
    for index in before.keys() | after.keys():
        wanted = after.get(index, {"Enabled": False})
        if wanted == before.get(index):
            continue
        asked = {"IndexName": index} if index else {}
        dynamodb.update_contributor_insights(
            TableName=name,
            ContributorInsightsAction="ENABLE" if wanted["Enabled"] else "DISABLE",
            **asked,
            **({"ContributorInsightsMode": wanted["Mode"]} if "Mode" in wanted else {}),
        )


def _insights(replica: Properties) -> dict[str, Properties]:
    found = {"": replica.get("ContributorInsightsSpecification")}
    for index in replica.get("GlobalSecondaryIndexes", []):
        found[index["IndexName"]] = index.get("ContributorInsightsSpecification")
    return {index: insights for index, insights in found.items() if insights}


def _retag(dynamodb: Any, name: str, old: Properties, new: Properties) -> None:
    gone, changed = tag_changes(old.get("Tags", []), new.get("Tags", []))
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    if gone:
        dynamodb.untag_resource(ResourceArn=arn, TagKeys=gone)
    if changed:
        dynamodb.tag_resource(ResourceArn=arn, Tags=changed)


def replicas(properties: Properties) -> dict[str, Properties]:
    return {each["Region"]: each for each in properties.get("Replicas", [])}


def described(name: str, region: str) -> Properties:
    """A table, or nothing where none stands."""
    try:
        found: Properties = seams.client("dynamodb", region).describe_table(TableName=name)["Table"]
    except ClientError as error:
        if is_gone(error):
            return {}
        raise
    return found
