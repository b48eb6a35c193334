"""Replication groups with two shards, which the emulator refuses, and their final snapshots.

It makes such a group with three, and the third is taken off its record again. Without cluster mode
the nodes of a group are named GROUP-001, GROUP-002 and so on, as the metrics of AWS have them.
"""

from __future__ import annotations

from uuid import uuid4

from generator.sandbox import service_seams, type_seams
from generator.sandbox.resources.resource import Extension, Made, Properties

TYPE = "AWS::ElastiCache::ReplicationGroup"
_REFUSED, _INSTEAD = 2, 3


def install() -> None:
    """Take a snapshot of a group that goes with the policy Snapshot."""
    type_seams.register_snapshot(TYPE, _snapshot)


def _shards(properties: Properties) -> int:
    return int(properties.get("NumNodeGroups", 1))


def _accepted(properties: Properties) -> Properties:
    if _shards(properties) != _REFUSED:
        return properties
    return properties | {"NumNodeGroups": _INSTEAD}


def _trimmed(made: Made, properties: Properties, stack: str) -> Made:
    group = service_seams.replication_group(made[0])
    if _shards(properties) == _REFUSED:
        del group["NodeGroups"][_REFUSED:]
    members = [each for shard in group["NodeGroups"] for each in shard["NodeGroupMembers"]]
    if not group["ClusterEnabled"]:
        for number, member in enumerate(members, 1):
            member["CacheClusterId"] = f"{made[0]}-{number:03d}"
    group["MemberClusters"] = [each["CacheClusterId"] for each in members]
    return made


def _updated(made: Made, before: Properties, properties: Properties, stack: str) -> Made:
    return _trimmed(made, properties, stack)


def _snapshot(physical_id: str, properties: Properties) -> None:
    service_seams.create_cache_snapshot(physical_id, f"{physical_id}-final-{uuid4().hex[:8]}")


EXTENSIONS = {TYPE: Extension(accepted=_accepted, created=_trimmed, updated=_updated)}
