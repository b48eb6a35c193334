"""What an earlier deployment left under names that a new one will want to take.

Tables, secrets, vaults and buckets outlive their stacks and keep their names, so a stack that is to
make them again fails half-way, and is rolled back. This finds them before anything is made, by
reading nothing but the names that the templates fix, in stacks that are to be created.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from generator.deploy.aws import Aws
from generator.deploy.looking.fixed_names import FixedName, names_of
from generator.deploy.looking.look import LOOKERS
from generator.deploy.release import Kind, Release
from generator.deploy.world import World

TAKES_NAMES_AGAIN = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_FAILED")
"""Stacks that are made anew, and no longer hold what they keep. In other failed ones it may be
theirs still, and go with them.
"""

ABSENT = ("404", "NoSuchBucket", "ResourceNotFoundException")


class Leftover(NamedTuple):
    """A resource that has a name which a stack would take."""

    region: str
    unit: str
    type: str
    name: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name} ({self.type}) in {self.region}, for {self.unit}\n    {self.remedy}"


def leftovers(aws: Aws, release: Release, world: World) -> tuple[Leftover, ...]:
    """Those that stand in the way of stacks that are to be created; none where all stand.

    A replica is told of only where what it is a replica of is not found.
    """
    names = [name for name in _wanted(release, world) if name.type in FINDERS]
    with ThreadPoolExecutor(LOOKERS) as pool:
        remedies = list(pool.map(lambda name: _look(aws, name), names))
    found = [(n, remedy) for n, remedy in zip(names, remedies, strict=True) if remedy]
    primaries = {(n.type, n.name) for n, _ in found if not n.is_replica}
    return tuple(
        Leftover(name.region, name.unit, name.type, name.name, remedy)
        for name, remedy in found
        if not (name.is_replica and (name.type, name.name) in primaries)
    )


def _wanted(release: Release, world: World) -> list[FixedName]:
    """Names that stacks take which are not there, or only as empty remains."""
    return [
        name
        for unit in release.units
        for region in unit.regions
        if not _stands(world, unit.kind, unit.name, region)
        for name in names_of(release, unit, region, world.account)
    ]


def _stands(world: World, kind: Kind, name: str, region: str) -> bool:
    if kind is Kind.STACK:
        stack = world.stack(region, name)
    else:
        instances = world.sets[name].instances if name in world.sets else {}
        stack = instances[region].stack if region in instances else None
    return stack is not None and stack.status not in TAKES_NAMES_AGAIN


def _look(aws: Aws, name: FixedName) -> str:
    """How to get it out of the way; empty where nothing has the name."""
    service, find = FINDERS[name.type]
    try:
        return find(aws.client(service, name.region), name.name)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return ""
        raise


def _bucket(client: Any, name: str) -> str:
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "403":
            return "somebody else has a bucket of this name: change project or environment"
        raise
    return (
        "python -m generator destroy --delete-buckets empties and deletes it, if it is ours; "
        "to keep what is in it, import it into a stack"
    )


def _table(client: Any, name: str) -> str:
    client.describe_table(TableName=name)
    return (
        "to keep its items, import it into a stack; else turn its deletion protection off and "
        f"delete it: aws dynamodb delete-table --region {client.meta.region_name} "
        f"--table-name {name}"
    )


def _secret(client: Any, name: str) -> str:
    found = client.describe_secret(SecretId=name)
    command = f"aws secretsmanager {{}} --region {client.meta.region_name} --secret-id {name}"
    if found.get("PrimaryRegion", client.meta.region_name) != client.meta.region_name:
        return f"a replica: it goes with its secret in {found['PrimaryRegion']}"
    replicas = " ".join(entry["Region"] for entry in found.get("ReplicationStatus", []))
    steps = [
        f"{command.format('restore-secret')}" if "DeletedDate" in found else "",
        f"{command.format('remove-regions-from-replication')} --remove-replica-regions {replicas}"
        if replicas
        else "",
        f"{command.format('delete-secret')} --force-delete-without-recovery",
    ]
    return "; ".join(step for step in steps if step)


def _vault(client: Any, name: str) -> str:
    """AWS Backup does not say of a vault whether it is missing or may not be seen."""
    try:
        client.describe_backup_vault(BackupVaultName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDeniedException":
            return ""
        raise
    return (
        "to keep its recovery points, import it into a stack; else delete these and then it: "
        f"aws backup delete-backup-vault --region {client.meta.region_name} "
        f"--backup-vault-name {name}"
    )


def _log_group(client: Any, name: str) -> str:
    found = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    if name not in {group["logGroupName"] for group in found}:
        return ""
    return (
        f"aws logs delete-log-group --region {client.meta.region_name} --log-group-name {name}: "
        "something logged after its stack was gone"
    )


def _zone(client: Any, name: str) -> str:
    """A second zone of the same name would be made, with name servers that nobody asks."""
    found = client.list_hosted_zones_by_name(DNSName=name, MaxItems="1")["HostedZones"]
    for zone in found:
        if zone["Name"].rstrip(".") == name.rstrip(".") and not zone["Config"].get("PrivateZone"):
            zone_id = zone["Id"].rpartition("/")[2]
            return (
                "a second zone would get other name servers than the domain is delegated to: "
                f"set domain.hosted_zone_id: {zone_id} in the settings and build again"
            )
    return ""


FINDERS: dict[str, tuple[str, Callable[[Any, str], str]]] = {
    "AWS::Backup::BackupVault": ("backup", _vault),
    "AWS::DynamoDB::GlobalTable": ("dynamodb", _table),
    "AWS::Logs::LogGroup": ("logs", _log_group),
    "AWS::Route53::HostedZone": ("route53", _zone),
    "AWS::S3::Bucket": ("s3", _bucket),
    "AWS::SecretsManager::Secret": ("secretsmanager", _secret),
}
"""By type: its service, and how it is found under a name. A finder answers with the remedy."""
