"""The names that templates fix, worked out for each Region and account.

A resource with a fixed name can't be made where another has that name: it is what a second
deployment trips over when the first one's data was kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.deploy.preview.conditions import Resource, resources_of
from generator.deploy.release import Release, Unit

NAME_PROPERTIES = {
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Route53::HostedZone": "Name",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
}
"""By type, the property that names it: types that outlive their stack, or that others make too."""

REPLICA_LISTS = {
    "AWS::DynamoDB::GlobalTable": "Replicas",
    "AWS::SecretsManager::Secret": "ReplicaRegions",
}
"""By type, the property that lists further Regions in which it takes its name."""


class FixedName(NamedTuple):
    """A name that a stack will take in a Region."""

    region: str
    unit: str
    type: str
    name: str
    body: Mapping[str, Any]
    """The resource's properties."""
    is_replica: bool
    """Whether the stack takes it there by way of a replica."""


def fixed_names(release: Release, account: str) -> tuple[FixedName, ...]:
    """All of a release, unit by unit and Region by Region."""
    return tuple(
        name
        for unit in release.units
        for region in unit.regions
        for name in names_of(release, unit, region, account)
    )


def names_of(release: Release, unit: Unit, region: str, account: str) -> Iterator[FixedName]:
    """Those of one stack or instance, its nested stacks included."""
    given = {**release.parameters[region, unit.layer], **_pseudo(region, account)}
    for file in (unit.template, *unit.nested):
        for resource in resources_of(release.body(file), given).values():
            name = resource.properties.get(NAME_PROPERTIES.get(resource.type, ""))
            if isinstance(name, str):
                for place in _places(resource, region):
                    facts = (unit.name, resource.type, name, resource.properties)
                    yield FixedName(place, *facts, is_replica=place != region)


def _places(resource: Resource, region: str) -> list[str]:
    listed = resource.properties.get(REPLICA_LISTS.get(resource.type, ""), [])
    others = [entry["Region"] for entry in listed if isinstance(entry.get("Region"), str)]
    return list(dict.fromkeys((region, *others)))


def _pseudo(region: str, account: str) -> dict[str, str]:
    """Pseudo parameters, which are known here."""
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    return {"AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": partition}
