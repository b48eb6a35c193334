"""Amazon RDS: Aurora's clusters and instances.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.report.encryption.databases import at_rest
from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import protection, reasoned
from generator.report.encryption.logs import API, log_in_group
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import (
    IN_TRANSIT,
    LINK,
    NOT_DEMANDED,
    STORE,
    Protection,
    Reader,
    Row,
    Unreadable,
)

CLUSTER = "AWS::RDS::DBCluster"
SERVICE = "Amazon RDS"


def cluster(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Volume and snapshots, connections, replication, and what is told of it all."""
    held = at_rest(estate, resource, "StorageEncrypted", SERVICE)
    transport = _transport(estate, resource)
    yield Row(STORE, resource.place, "Aurora volume, backups, snapshots", held, *transport)
    ends = Protection("the instances' certificates", f"by {SERVICE}", "clients and instances")
    yield Row(LINK, resource.place, "clients → Aurora", ends, *transport)
    if "GlobalClusterIdentifier" in resource.properties:
        between = held._replace(readers=SERVICE)
        what = "Aurora replication between Regions"
        yield Row(LINK, resource.place, what, between, f"encrypted by {SERVICE}")
    yield from _password(estate, resource)
    yield from _insights(estate, resource, "PerformanceInsightsEnabled")
    yield from _logs(estate, resource)


def _transport(estate: Estate, resource: Resource) -> tuple[str, str]:
    """And the reason.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html
    """
    name = resource.properties.get("DBClusterParameterGroupName")
    group = estate.resolve(resource.file, name)
    given = group.properties.get("Parameters", {}) if isinstance(group, Resource) else {}
    if str(given.get("rds.force_ssl")) == "1":
        return "TLS only (rds.force_ssl)", ""
    return NOT_DEMANDED, reasoned(resource, "takes clients without TLS", IN_TRANSIT)


def _password(estate: Estate, resource: Resource) -> Iterator[Row]:
    """One that RDS keeps itself; any other is a secret with a row of its own."""
    if resource.properties.get("ManageMasterUserPassword"):
        given = resource.properties.get("MasterUserSecret", {})
        key = given.get("KmsKeyId", "alias/aws/secretsmanager")
        held = protection(estate, resource, key, "Secrets Manager")
        held = held._replace(rotation=f"key {held.rotation}; value by {SERVICE}")
        yield Row(STORE, resource.place, "administrator's password", held, API)


def _insights(estate: Estate, resource: Resource, switch: str) -> Iterator[Row]:
    """Statements that were slow: of a cluster or, spelled otherwise, of an instance."""
    properties = resource.properties
    if properties.get(switch):
        spelled = "PerformanceInsightsKmsKeyId", "PerformanceInsightsKMSKeyId"
        key = next((properties[name] for name in spelled if name in properties), "alias/aws/rds")
        held = protection(estate, resource, key, SERVICE)
        yield Row(STORE, resource.place, "Performance Insights", held, API)


def _logs(estate: Estate, resource: Resource) -> Iterator[Row]:
    """RDS would make a group of this name by itself, without a key of ours."""
    for name in resource.properties.get("EnableCloudwatchLogsExports", ()):
        own = resource.properties.get("DBClusterIdentifier")
        group = f"/aws/rds/cluster/{estate.resolve(resource.file, own)}/{name}"
        yield log_in_group(estate, resource, f"Aurora's {name} log", group)


def instance(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Temporary files of an instance have its cluster's key."""
    holder = estate.resolve(resource.file, resource.properties.get("DBClusterIdentifier"))
    if not isinstance(holder, Resource) or holder.type != CLUSTER:
        raise Unreadable("is in no cluster of its template, whose key it would have")
    held = at_rest(estate, holder, "StorageEncrypted", SERVICE)
    transport = _transport(estate, holder)
    yield Row(STORE, resource.place, "Aurora instance's local storage", held, *transport)
    yield from _insights(estate, resource, "EnablePerformanceInsights")


def global_cluster(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Holds nothing itself: its clusters do, each under its Region's key."""
    given = resource.properties
    if given.get("StorageEncrypted") is not True and "SourceDBClusterIdentifier" not in given:
        raise Unreadable("lets clusters in that are not encrypted (StorageEncrypted)")
    yield from ()


READERS: dict[str, Reader] = {
    CLUSTER: cluster,
    "AWS::RDS::DBInstance": instance,
    "AWS::RDS::GlobalCluster": global_cluster,
}
