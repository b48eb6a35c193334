"""Aurora's global databases and clusters, through the RDS API.

ministack has a type for clusters that knows no global database. Its types for instances, subnet
groups and parameter groups are used as they are. What joins and leaves is what AWS's own handlers
do: https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.sandbox import seams
from generator.sandbox.resources.calls import failure, tag_changes
from generator.sandbox.resources.resource import Attributes, Made, Properties, Resource

GLOBAL, CLUSTER = "AWS::RDS::GlobalCluster", "AWS::RDS::DBCluster"
_MEMBERSHIP = "GlobalClusterIdentifier"

_IN_API = {
    "PerformanceInsightsEnabled": "EnablePerformanceInsights",
    "PerformanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
}
"""Properties that the API has another name for."""
_UNSIGNED = {"SourceRegion"}
"""Asks the SDK to sign a URL for the other Region, which the emulator does not read."""
_FIXED = frozenset(
    {"DBClusterIdentifier", "DBSubnetGroupName", "DatabaseName", "KmsKeyId", "SourceRegion"}
    | {"StorageEncrypted", "Engine", "MasterUsername"}
)
_CHANGEABLE = frozenset(
    {"BackupRetentionPeriod", "CopyTagsToSnapshot", "DBClusterParameterGroupName"}
    | {"DatabaseInsightsMode", "DeletionProtection", "EnableGlobalWriteForwarding"}
    | {"EnableIAMDatabaseAuthentication", "EngineVersion", "MasterUserPassword"}
    | {"PerformanceInsightsEnabled", "PerformanceInsightsKmsKeyId"}
    | {"PerformanceInsightsRetentionPeriod", "Port", "ServerlessV2ScalingConfiguration"}
    | {"VpcSecurityGroupIds"}
)
_WHOLE = {"BackupRetentionPeriod", "PerformanceInsightsRetentionPeriod", "Port"}
_FLAGS = {
    *("CopyTagsToSnapshot", "DeletionProtection", "EnableGlobalWriteForwarding"),
    *("EnableIAMDatabaseAuthentication", "PerformanceInsightsEnabled", "StorageEncrypted"),
}


# --- global databases -----------------------------------------------------------------------------


def _create_global(logical_id: str, properties: Properties, stack: str) -> Made:
    made = seams.client("rds").create_global_cluster(**_asked(properties))["GlobalCluster"]
    return made[_MEMBERSHIP], _endpoint(made)


def _update_global(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    rds, asked = seams.client("rds"), {_MEMBERSHIP: physical_id}
    changed = {k: v for k, v in _asked(new).items() if v != _asked(old).get(k)} | asked
    changed.pop("Tags", None)
    found = rds.modify_global_cluster(**changed)["GlobalCluster"]
    _retag(found["GlobalClusterArn"], old, new)
    return physical_id, _endpoint(found)


def _delete_global(physical_id: str, properties: Properties) -> None:
    seams.client("rds").delete_global_cluster(GlobalClusterIdentifier=physical_id)


def _endpoint(made: Mapping[str, Any]) -> Attributes:
    return {"GlobalEndpoint.Address": made.get("Endpoint", "")}


# --- clusters -------------------------------------------------------------------------------------


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    made = seams.client("rds").create_db_cluster(**_asked(properties))["DBCluster"]
    return made["DBClusterIdentifier"], _attributes(made)


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    """In place. A cluster leaves a global database, but none that stands can join one."""
    rds, joined = seams.client("rds"), new.get(_MEMBERSHIP)
    if joined and joined != old.get(_MEMBERSHIP):
        raise ValueError(failure("Resource is immutable", "NotUpdatable"))
    if old.get(_MEMBERSHIP) and not joined:
        _leave(physical_id, old)
    before, after = _asked(old), _asked(new)
    changed = {
        _IN_API.get(name, name): after[_IN_API.get(name, name)]
        for name in _CHANGEABLE & new.keys()
        if after[_IN_API.get(name, name)] != before.get(_IN_API.get(name, name))
    }
    asked = {"DBClusterIdentifier": physical_id, "ApplyImmediately": True}
    made = rds.modify_db_cluster(**asked, **changed)["DBCluster"]
    _retag(made["DBClusterArn"], old, new)
    return physical_id, _attributes(made)


def _delete(physical_id: str, properties: Properties) -> None:
    rds = seams.client("rds")
    found = rds.describe_db_clusters(DBClusterIdentifier=physical_id)["DBClusters"][0]
    if found["DeletionProtection"]:
        said = f"Cannot delete protected Cluster {physical_id}, please disable deletion protection"
        raise ValueError(failure(f"{said} and try again", "GeneralServiceException"))
    if properties.get(_MEMBERSHIP):
        _leave(physical_id, properties)
    rds.delete_db_cluster(DBClusterIdentifier=physical_id, SkipFinalSnapshot=True)


def _leave(physical_id: str, properties: Properties) -> None:
    rds = seams.client("rds")
    found = rds.describe_db_clusters(DBClusterIdentifier=physical_id)["DBClusters"][0]
    rds.remove_from_global_cluster(
        GlobalClusterIdentifier=properties[_MEMBERSHIP], DbClusterIdentifier=found["DBClusterArn"]
    )


def _attributes(made: Mapping[str, Any]) -> Attributes:
    return {
        "DBClusterArn": made["DBClusterArn"],
        "DBClusterResourceId": made["DbClusterResourceId"],
        "Endpoint.Address": made["Endpoint"],
        "Endpoint.Port": str(made["Port"]),
        "ReadEndpoint.Address": made["ReaderEndpoint"],
    }


# --- properties -----------------------------------------------------------------------------------


def _asked(properties: Properties) -> Properties:
    """Properties as the API takes them: numbers and flags may come as text."""
    return {
        _IN_API.get(name, name): _typed(name, value)
        for name, value in properties.items()
        if name not in _UNSIGNED
    }


def _typed(name: str, value: Any) -> Any:
    if name in _WHOLE:
        return int(value)
    if name in _FLAGS:
        return str(value).lower() == "true"
    if name == "ServerlessV2ScalingConfiguration":
        return {bound: float(units) for bound, units in value.items()}
    return value


def _retag(arn: str, old: Properties, new: Properties) -> None:
    gone, changed = tag_changes(old.get("Tags", []), new.get("Tags", []))
    rds = seams.client("rds")
    if gone:
        rds.remove_tags_from_resource(ResourceName=arn, TagKeys=gone)
    if changed:
        rds.add_tags_to_resource(ResourceName=arn, Tags=changed)


RESOURCES = {
    GLOBAL: Resource(
        _create_global,
        _delete_global,
        _update_global,
        frozenset({_MEMBERSHIP, "Engine", "StorageEncrypted"}),
        frozenset({"DeletionProtection", "EngineVersion"}),
        tags="Tags",
        name=_MEMBERSHIP,
    ),
    CLUSTER: Resource(
        _create,
        _delete,
        _update,
        _FIXED,
        _CHANGEABLE | {_MEMBERSHIP, "EnableCloudwatchLogsExports"},
        tags="Tags",
        name="DBClusterIdentifier",
    ),
}
