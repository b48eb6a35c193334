"""Global tables with replicas in every Region that they list, through the DynamoDB API.

A write in one Region is read in another. Settings of a replica (key, deletion protection,
point-in-time recovery, contributor insights, tags) are made in its own Region. Autoscaling of
provisioned capacity is not: a table has the least capacity of the range.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from generator.sandbox import seams
from generator.sandbox.resources.calls import already_exists, failure, picked
from generator.sandbox.resources.replicas import (
    add_replica,
    described,
    refuse_protected,
    remove_replica,
    replicas,
    settle,
)
from generator.sandbox.resources.resource import Attributes, Made, Properties, Resource

TYPE = "AWS::DynamoDB::GlobalTable"
_REPLICA = {
    "Region",
    "SSESpecification",
    "PointInTimeRecoverySpecification",
    "DeletionProtectionEnabled",
    "ContributorInsightsSpecification",
    "GlobalSecondaryIndexes",
    "TableClass",
    "Tags",
    "ReadProvisionedThroughputSettings",
    "KinesisStreamSpecification",
}


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    name = properties.get("TableName") or f"{stack}-{logical_id}"
    _check_replicas(properties)
    for region in replicas(properties):
        if described(name, region):
            raise ValueError(already_exists(TYPE, name))
    _create_table(name, properties)
    for region in replicas(properties):
        if region != seams.current_region():
            add_replica(name, region)
    for region, replica in replicas(properties).items():
        settle(name, region, {}, replica, properties)
    _expire(name, {}, properties)
    return name, _attributes(name)


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    _check_replicas(new)
    before, after = replicas(old), replicas(new)
    _check_one_at_a_time(before.keys() ^ after.keys())
    _change_table(physical_id, old, new)
    for region in sorted(before.keys() - after.keys()):
        remove_replica(physical_id, region)
    for region in sorted(after.keys() - before.keys()):
        add_replica(physical_id, region)
    for region, replica in after.items():
        settle(physical_id, region, before.get(region, {}), replica, new)
    _expire(physical_id, old, new)
    return physical_id, _attributes(physical_id)


def _delete(physical_id: str, properties: Properties) -> None:
    table = described(physical_id, seams.current_region())
    regions = [each["RegionName"] for each in table.get("Replicas", [])]
    for region in [seams.current_region(), *regions]:
        refuse_protected(physical_id, region)
    for region in regions:
        remove_replica(physical_id, region)
    if table:
        seams.client("dynamodb").delete_table(TableName=physical_id)


# --- what is refused


def _check_replicas(properties: Properties) -> None:
    regions = [each["Region"] for each in properties.get("Replicas", [])]
    if seams.current_region() not in regions:
        said = "Replicas must contain the region where the stack is deployed"
        raise ValueError(failure(said, "InvalidRequest"))
    if len(set(regions)) != len(regions):
        raise ValueError(failure("Replicas must have unique regions", "InvalidRequest"))
    unknown = {name for each in properties["Replicas"] for name in each} - _REPLICA
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ValueError(f"Encountered unsupported property {names} of a replica of {TYPE}")


def _check_one_at_a_time(changed: set[str]) -> None:
    """The documentation's rule in its words: AWS names no code for the refusal."""
    if len(changed) > 1:
        said = "You can only add or remove a single replica in each update"
        raise ValueError(failure(f"{said}: {', '.join(sorted(changed))}", "InvalidRequest"))


# --- the table at home


def _create_table(name: str, properties: Properties) -> None:
    asked = picked(
        properties,
        "KeySchema",
        "AttributeDefinitions",
        "LocalSecondaryIndexes",
        "BillingMode",
    )
    indexes = [_index(each, properties) for each in properties.get("GlobalSecondaryIndexes", [])]
    if indexes:
        asked["GlobalSecondaryIndexes"] = indexes
    if stream := _stream(properties):
        asked["StreamSpecification"] = stream
    seams.client("dynamodb").create_table(TableName=name, **asked, **_throughput(properties))


def _change_table(name: str, old: Properties, new: Properties) -> None:
    asked: Properties = {}
    if old.get("BillingMode") != new.get("BillingMode") or _throughput(old) != _throughput(new):
        asked = picked(new, "BillingMode") | _throughput(new)
    if _stream(old) != _stream(new):
        asked["StreamSpecification"] = _stream(new) or {"StreamEnabled": False}
    for region in replicas(old).keys() & replicas(new).keys():
        dynamodb = seams.client("dynamodb", region)
        if asked:
            dynamodb.update_table(TableName=name, **asked)
        for change in _index_changes(old, new):
            dynamodb.update_table(
                TableName=name,
                AttributeDefinitions=new["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[change],
            )


def _index_changes(old: Properties, new: Properties) -> list[Properties]:
    before = {each["IndexName"]: each for each in old.get("GlobalSecondaryIndexes", [])}
    after = {each["IndexName"]: each for each in new.get("GlobalSecondaryIndexes", [])}
    gone = [name for name in before if before[name] != after.get(name)]
    made = [name for name in after if after[name] != before.get(name)]
    if len(gone) + len(made) > 1:
        said = "Cannot perform more than one GSI creation or deletion in a single update"
        raise ValueError(failure(said, "InvalidRequest"))
    deleted: list[Properties] = [{"Delete": {"IndexName": name}} for name in gone]
    return deleted + [{"Create": _index(after[name], new)} for name in made]


def _index(template: Properties, properties: Properties) -> Properties:
    return picked(template, "IndexName", "KeySchema", "Projection") | _throughput(properties)


def _stream(properties: Properties) -> Properties:
    view = properties.get("StreamSpecification", {}).get("StreamViewType")
    return {"StreamEnabled": True, "StreamViewType": view} if view else {}


def _throughput(properties: Properties) -> Properties:
    """Provisioned capacity: the least that autoscaling would leave."""
    if properties.get("BillingMode", "PROVISIONED") != "PROVISIONED":
        return {}
    home = replicas(properties)[seams.current_region()]
    read = home.get("ReadProvisionedThroughputSettings") or properties.get(
        "ReadProvisionedThroughputSettings", {}
    )
    write = properties.get("WriteProvisionedThroughputSettings", {})
    units = {
        "ReadCapacityUnits": read.get("ReadCapacityUnits") or _least(read, "Read"),
        "WriteCapacityUnits": _least(write, "Write"),
    }
    return {"ProvisionedThroughput": units}


def _least(settings: Properties, way: str) -> int:
    scaling = settings.get(f"{way}CapacityAutoScalingSettings", {})
    return int(scaling.get("SeedCapacity") or scaling.get("MinCapacity") or 5)


def _expire(name: str, old: Properties, new: Properties) -> None:
    before, after = (each.get("TimeToLiveSpecification", {}) for each in (old, new))
    if before != after:
        specification = after or before | {"Enabled": False}
        seams.client("dynamodb").update_time_to_live(
            TableName=name, TimeToLiveSpecification=specification
        )


def _attributes(name: str) -> Attributes:
    table = described(name, seams.current_region())
    attributes = {"Arn": table["TableArn"], "TableId": table["TableId"]}
    if "LatestStreamArn" in table:
        attributes["StreamArn"] = table["LatestStreamArn"]
    return attributes


RESOURCES = {
    TYPE: Resource(
        _create,
        _delete,
        _update,
        frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
        frozenset(
            {
                "AttributeDefinitions",
                "BillingMode",
                "GlobalSecondaryIndexes",
                "MultiRegionConsistency",
                "ReadProvisionedThroughputSettings",
                "Replicas",
                "SSESpecification",
                "StreamSpecification",
                "TimeToLiveSpecification",
                "WriteProvisionedThroughputSettings",
            }
        ),
        name="TableName",
    ),
}
