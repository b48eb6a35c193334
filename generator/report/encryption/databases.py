"""Tables, caches, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import owned, protection, reasoned
from generator.report.encryption.logs import API, log_in_group
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import (
    AT_REST,
    IN_TRANSIT,
    LINK,
    NOT_DEMANDED,
    STORE,
    Protection,
    Reader,
    Row,
    Unreadable,
)

HTTPS_OUT = "TLS: HTTPS, the only way out of the instances (see links)"


def table(estate: Estate, resource: Resource) -> Iterator[Row]:
    """A global table: each Region's replica has the key of its own Region.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
    """
    replicas = resource.properties["Replicas"]
    held = [_replica(estate, resource, replica) for replica in replicas]
    keys = ", ".join(dict.fromkeys(each.key for each in held))
    if len(replicas) > 1:
        keys += ", in other Regions its replicas"
    whole = held[0]._replace(key=keys)
    yield Row(STORE, resource.place, "DynamoDB table, streams, backups", whole, HTTPS_OUT)
    if len(replicas) > 1:
        what = f"DynamoDB replication over {len(replicas)} Regions"
        between = whole._replace(readers="DynamoDB")
        yield Row(LINK, resource.place, what, between, "encrypted by DynamoDB, between Regions")


def _replica(estate: Estate, resource: Resource, replica: Mapping[str, Any]) -> Protection:
    kms = resource.properties.get("SSESpecification", {}).get("SSEEnabled")
    key = replica.get("SSESpecification", {}).get("KMSMasterKeyId")
    if not kms or key is None:
        why = reasoned(resource, f"has no key in {replica['Region']}")
        return owned("DynamoDB", why, "DynamoDB, for whoever may read the table")
    return protection(estate, resource, key, "DynamoDB")


def cache(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Nodes, snapshots, the connections to them, and between them.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html
    """
    properties = resource.properties
    held = at_rest(estate, resource, "AtRestEncryptionEnabled", "ElastiCache")
    transport = _cache_transport(resource)
    yield Row(STORE, resource.place, "ElastiCache nodes and snapshots", held, *transport)
    ends = Protection("the nodes' certificates", "by ElastiCache", "instances and cache nodes")
    yield Row(LINK, resource.place, "instances → cache, node → replica", ends, *transport)
    for delivery in properties.get("LogDeliveryConfigurations", ()):
        target = delivery["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"]
        yield log_in_group(estate, resource, f"ElastiCache {delivery['LogType']}", target)


def _cache_transport(resource: Resource) -> tuple[str, str]:
    """And the reason. Mode `preferred` would let clients come without TLS too."""
    mode = resource.properties.get("TransitEncryptionMode", "required")
    if resource.properties.get("TransitEncryptionEnabled") is True and mode == "required":
        return "TLS only", ""
    return NOT_DEMANDED, reasoned(resource, "takes clients without TLS", IN_TRANSIT)


def at_rest(estate: Estate, resource: Resource, switch: str, service: str) -> Protection:
    """By KmsKeyId, where the property `switch` says that anything is encrypted at all."""
    if resource.properties.get(switch) is not True:
        why = reasoned(resource, f"is not encrypted ({switch})")
        return Protection("none", "-", "whoever gets at the storage", why)
    if "KmsKeyId" not in resource.properties:
        why = reasoned(resource, "is under no key of the platform's (KmsKeyId)", AT_REST)
        return owned(service, why, f"{service}, for whoever may use it")
    held = protection(estate, resource, resource.properties["KmsKeyId"], service)
    return held._replace(readers=f"{service}, by its grant; {held.readers}")


def vault(estate: Estate, resource: Resource) -> Iterator[Row]:
    """AWS Backup's recovery points.

    Those of DynamoDB have the vault's key only with AWS Backup's advanced features for DynamoDB,
    else the table's: https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
    """
    if "EncryptionKeyArn" not in resource.properties:
        raise Unreadable("has no key (EncryptionKeyArn)")
    held = protection(estate, resource, resource.properties["EncryptionKeyArn"])
    yield Row(STORE, resource.place, "backup vault", held, API)


READERS: dict[str, Reader] = {
    "AWS::Backup::BackupVault": vault,
    "AWS::DynamoDB::GlobalTable": table,
    "AWS::ElastiCache::ReplicationGroup": cache,
}
