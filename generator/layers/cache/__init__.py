"""05 cache: the ElastiCache replication group of a Region.

It stands in the data subnets, speaks TLS only, is under the Region's data key, and lets in one user
(`cache_users`).
"""

from __future__ import annotations

from collections.abc import Callable

from troposphere import GetAtt, Ref, Tags
from troposphere.elasticache import (
    CloudWatchLogsDestinationDetails,
    DestinationDetails,
    LogDeliveryConfigurationRequest,
    ParameterGroup,
    ReplicationGroup,
    SubnetGroup,
)
from troposphere.logs import LogGroup
from troposphere.policies import UpdatePolicy

from generator.layers import network, security
from generator.layers.cache import local_night
from generator.layers.cache import users as cache_users
from generator.layers.draft import Draft, Layer, Offer, Scope, Tunable, by_region
from generator.settings.model import Settings

ENGINES = {"valkey": ("8.1", "valkey8"), "redis": ("7.1", "redis7")}
"""Version and parameter group family. Redis OSS ends at 7.1 on ElastiCache."""

PORT = 6379

CACHE_ENDPOINT = Offer("CacheEndpoint", "Host name of the cache; TLS on port 6379.", published=True)
REPLICATION_GROUP_ID = Offer("ReplicationGroupId", "Id of the cache's replication group.")


def fill(draft: Draft) -> None:
    """Who may connect, how it behaves, what it logs, and the cache itself."""
    users = cache_users.users(draft)
    logs = [_log(draft, title) for title in ("SlowLog", "EngineLog")]
    cache = draft.add(
        ReplicationGroup(
            "ReplicationGroup",
            ReplicationGroupDescription=f"{draft.settings.prefix}: sessions and ranking",
            **_engine(draft),
            **_size(draft),
            **_network(draft),
            **_encryption(draft),
            **_upkeep(draft),
            UserGroupIds=[Ref(users)],
            LogDeliveryConfigurations=logs,
            Tags=Tags(Name=draft.name("cache")),
            DeletionPolicy="Snapshot",
            UpdateReplacePolicy="Snapshot",
        )
    )
    if draft.settings.cache.shards > 1:
        # Without it a change of the shard count replaces the cache.
        cache.UpdatePolicy = UpdatePolicy(UseOnlineResharding=True)

    draft.offer(CACHE_ENDPOINT, GetAtt(cache, _endpoint(draft)))
    draft.offer(REPLICATION_GROUP_ID, Ref(cache))


# --- how it behaves -------------------------------------------------------------------------------


def _engine(draft: Draft) -> dict[str, object]:
    engine = draft.settings.cache.engine
    version, family = ENGINES[engine]
    return {
        "Engine": engine,
        "EngineVersion": version,
        "CacheParameterGroupName": Ref(_parameters(draft, family)),
        "AutoMinorVersionUpgrade": True,
    }


def _parameters(draft: Draft, family: str) -> ParameterGroup:
    """volatile-lru: a full cache drops sessions, which have an expiry and are in DynamoDB too.

    Rankings have none and stay: a lost one is rebuilt by reading the best of its board.
    """
    cluster = {"cluster-enabled": "yes"} if draft.settings.cache.shards > 1 else {}
    return draft.add(
        ParameterGroup(
            "ParameterGroup",
            CacheParameterGroupFamily=family,
            Description=f"{draft.settings.prefix}: evicts what expires",
            Properties={"maxmemory-policy": "volatile-lru", **cluster},
        )
    )


def _size(draft: Draft) -> dict[str, object]:
    """Failover needs a replica; a cluster wants it on even without one."""
    cache = draft.settings.cache
    has_replicas, is_cluster = cache.replicas_per_shard > 0, cache.shards > 1
    return {
        "CacheNodeType": draft.tune(
            Tunable(
                "CacheNodeType",
                "Cache node type",
                "ElastiCache node type; a change is made online, node by node.",
                default=cache.node_type,
                pattern=r"^cache\.[a-z0-9-]+\.[a-z0-9-]+$",
                cost="Per hour and node, in each Region: the next size doubles it.",
            )
        ),
        "ClusterMode": "enabled" if is_cluster else "disabled",
        "NumNodeGroups": cache.shards,
        # No Parameter: alarms and dashboard name the nodes, and are made with the template.
        "ReplicasPerNodeGroup": cache.replicas_per_shard,
        "AutomaticFailoverEnabled": has_replicas or is_cluster,
        "MultiAZEnabled": has_replicas,
    }


def _endpoint(draft: Draft) -> str:
    """A cluster's clients ask the configuration endpoint; others the primary, wherever it is."""
    is_cluster = draft.settings.cache.shards > 1
    return "ConfigurationEndPoint.Address" if is_cluster else "PrimaryEndPoint.Address"


# --- where it stands, what protects it ------------------------------------------------------------


def _network(draft: Draft) -> dict[str, object]:
    subnets = draft.add(
        SubnetGroup(
            "SubnetGroup",
            Description=f"{draft.settings.prefix}: data subnets",
            SubnetIds=draft.need(network.DATA_SUBNETS),
        )
    )
    return {
        "CacheSubnetGroupName": Ref(subnets),
        "SecurityGroupIds": [draft.need(security.CACHE_GROUP)],
        "Port": PORT,
    }


def _encryption(draft: Draft) -> dict[str, object]:
    return {
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AtRestEncryptionEnabled": True,
        "KmsKeyId": draft.need(security.DATA_KEY_ARN),
    }


def _upkeep(draft: Draft) -> dict[str, object]:
    """Snapshots and maintenance in the Region's own night; a snapshot before the maintenance."""
    maintenance = _window(
        draft,
        "CacheMaintenanceWindow",
        "Cache maintenance window",
        "Weekly, in UTC: ddd:hh:mm-ddd:hh:mm, an hour or more.",
        r"^[a-z]{3}:\d{2}:\d{2}-[a-z]{3}:\d{2}:\d{2}$",
        local_night.maintenance_window,
    )
    upkeep: dict[str, object] = {"PreferredMaintenanceWindow": maintenance}
    if draft.settings.cache.snapshot_retention_days:
        upkeep |= _snapshots(draft)
    return upkeep


def _snapshots(draft: Draft) -> dict[str, object]:
    window = _window(
        draft,
        "CacheSnapshotWindow",
        "Cache snapshot window",
        "Daily, in UTC: hh:mm-hh:mm, an hour or more; not within the maintenance window.",
        r"^\d{2}:\d{2}-\d{2}:\d{2}$",
        local_night.snapshot_window,
    )
    days = Tunable(
        "CacheSnapshotRetentionDays",
        "Cache snapshots kept (days)",
        "Days that a daily snapshot is kept.",
        default=draft.settings.cache.snapshot_retention_days,
        type="Number",
        minimum=1,
        maximum=35,
        cost="Per GB and month of snapshots, in each Region.",
    )
    return {"SnapshotWindow": window, "SnapshotRetentionLimit": draft.tune(days)}


def _window(
    draft: Draft,
    name: str,
    label: str,
    meaning: str,
    pattern: str,
    of: Callable[[Settings, str], str],
) -> Ref:
    settings = draft.settings
    windows = {region: of(settings, region) for region in settings.region_names}
    return draft.tune(
        Tunable(
            name,
            label,
            meaning,
            default=windows[settings.home_region],
            pattern=pattern,
            by_region=by_region(settings, windows),
            cost="Free.",
        )
    )


def _log(draft: Draft, title: str) -> LogDeliveryConfigurationRequest:
    """One of the cache's two logs, in a log group under the Region's log key."""
    group = draft.add(
        LogGroup(
            f"{title}Group",
            RetentionInDays=draft.settings.log_retention_days,
            KmsKeyId=draft.need(security.LOGS_KEY_ARN),
        )
    )
    target = CloudWatchLogsDestinationDetails(LogGroup=Ref(group))
    return LogDeliveryConfigurationRequest(
        DestinationDetails=DestinationDetails(CloudWatchLogsDetails=target),
        DestinationType="cloudwatch-logs",
        LogFormat="json",
        LogType={"SlowLog": "slow-log", "EngineLog": "engine-log"}[title],
    )


LAYER = Layer(
    name="cache",
    step="05",
    purpose="ElastiCache replication group: TLS, KMS, users, failover, logs, snapshots",
    scope=Scope.REGIONAL,
    fill=fill,
)
