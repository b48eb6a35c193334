"""05: the replication group of a Region."""

from __future__ import annotations

import json
from typing import Any

import pytest
from troposphere import encode_to_dict

from generator.layers import cache
from generator.layers.draft import Draft
from generator.settings.sections import Cache
from tests.layers.support import drafted, filled, settings


def resources(**changes: Any) -> dict[str, dict[str, Any]]:
    template = filled(cache.LAYER, settings(cache=Cache(**changes)))
    found: dict[str, dict[str, Any]] = template["Resources"]
    return found


def group(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = resources(**changes)["ReplicationGroup"]["Properties"]
    return found


def draft(**changes: Any) -> Draft:
    return drafted(cache.LAYER, settings(cache=Cache(**changes)))


# --- failover -------------------------------------------------------------------------------------


def test_a_replica_means_failover_over_zones() -> None:
    made = group(replicas_per_shard=2)
    assert made["MultiAZEnabled"] is True
    assert made["AutomaticFailoverEnabled"] is True
    assert made["ReplicasPerNodeGroup"] == 2


def test_without_a_replica_there_is_neither() -> None:
    made = group(replicas_per_shard=0)
    assert made["MultiAZEnabled"] is False
    assert made["AutomaticFailoverEnabled"] is False
    assert made["ReplicasPerNodeGroup"] == 0


def test_a_cluster_fails_over_even_without_replicas_and_reshards_in_place() -> None:
    made = resources(shards=3, replicas_per_shard=0)
    properties = made["ReplicationGroup"]["Properties"]
    assert properties["ClusterMode"] == "enabled"
    assert properties["NumNodeGroups"] == 3
    assert properties["AutomaticFailoverEnabled"] is True
    assert properties["MultiAZEnabled"] is False
    assert made["ReplicationGroup"]["UpdatePolicy"] == {"UseOnlineResharding": True}
    assert made["ParameterGroup"]["Properties"]["Properties"]["cluster-enabled"] == "yes"


@pytest.mark.parametrize(
    ("shards", "endpoint"), [(1, "PrimaryEndPoint"), (3, "ConfigurationEndPoint")]
)
def test_clients_get_the_endpoint_that_survives_a_failover(shards: int, endpoint: str) -> None:
    value = draft(shards=shards).offers["CacheEndpoint"][1]
    assert encode_to_dict(value) == {"Fn::GetAtt": ["ReplicationGroup", f"{endpoint}.Address"]}


# --- protection -----------------------------------------------------------------------------------


def test_it_is_encrypted_on_the_wire_and_on_disk_under_the_regions_key() -> None:
    made = group()
    assert made["TransitEncryptionEnabled"] is True
    assert made["TransitEncryptionMode"] == "required"
    assert made["AtRestEncryptionEnabled"] is True
    assert made["KmsKeyId"] == {"Ref": "DataKeyArn"}


def test_it_stands_in_the_data_subnets_behind_its_own_security_group() -> None:
    made = resources()
    assert made["SubnetGroup"]["Properties"]["SubnetIds"] == {"Ref": "DataSubnetIds"}
    groups = made["ReplicationGroup"]["Properties"]["SecurityGroupIds"]
    assert groups == [{"Ref": "CacheSecurityGroupId"}]


@pytest.mark.parametrize("engine", ["valkey", "redis"])
def test_the_default_user_is_there_and_off(engine: str) -> None:
    made = resources(engine=engine)
    default = made["DefaultUser"]["Properties"]
    assert default["UserName"] == "default"
    assert default["AccessString"] == "off ~* -@all"
    members = made["UserGroup"]["Properties"]["UserIds"]
    assert members == [{"Ref": "AppUser"}, {"Ref": "DefaultUser"}]
    assert {made[n]["Properties"]["Engine"] for n in ("AppUser", "DefaultUser", "UserGroup")} == {
        engine
    }


def test_the_service_may_read_and_write_but_run_nothing_dangerous() -> None:
    rights = resources()["AppUser"]["Properties"]["AccessString"].split()
    assert rights.index("-@all") < rights.index("+@read") < rights.index("-@dangerous")
    assert "+@all" not in rights
    assert "+@admin" not in rights


def test_no_user_goes_without_a_password() -> None:
    for name in ("AppUser", "DefaultUser"):
        user = resources()[name]["Properties"]
        assert "NoPasswordRequired" not in user
        assert "{{resolve:secretsmanager:" in json.dumps(user["Passwords"])


def test_the_password_is_generated_and_kept_under_the_regions_key() -> None:
    secret = resources()["CacheSecret"]
    properties = secret["Properties"]
    assert properties["Name"] == "gtm-test/cache"
    assert properties["KmsKeyId"] == {"Ref": "DataKeyArn"}
    generated = properties["GenerateSecretString"]
    assert json.loads(generated["SecretStringTemplate"]) == {"username": "app"}
    assert generated["GenerateStringKey"] == "password"
    assert generated["ExcludePunctuation"] is True  # ElastiCache refuses some
    assert 16 <= generated["PasswordLength"] <= 128  # its bounds
    assert secret["DeletionPolicy"] == "Delete", "it would hold the name, and opens nothing"


# --- upkeep ---------------------------------------------------------------------------------------


def test_slow_and_engine_logs_go_to_encrypted_groups_with_a_retention() -> None:
    made = resources()
    types = {log["LogType"] for log in group()["LogDeliveryConfigurations"]}
    assert types == {"slow-log", "engine-log"}
    for name in ("SlowLogGroup", "EngineLogGroup"):
        assert made[name]["Properties"]["KmsKeyId"] == {"Ref": "LogsKeyArn"}
        assert made[name]["Properties"]["RetentionInDays"] == 30


def test_a_deleted_or_replaced_cache_leaves_a_snapshot() -> None:
    made = resources()["ReplicationGroup"]
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")


def test_windows_are_in_each_regions_own_night() -> None:
    tunables = draft().tunables
    snapshot, maintenance = tunables["CacheSnapshotWindow"], tunables["CacheMaintenanceWindow"]
    assert snapshot.value_in("ap-northeast-2") == "18:00-19:00"  # 03:00 in Seoul
    assert maintenance.value_in("ap-northeast-2") == "sat:19:00-sat:20:00"  # Sunday 04:00
    assert snapshot.value_in("us-east-1") == "08:00-09:00"
    assert maintenance.value_in("us-east-1") == "sun:09:00-sun:10:00"


def test_snapshots_can_be_off() -> None:
    made = group(snapshot_retention_days=0)
    assert "SnapshotWindow" not in made
    assert "SnapshotRetentionLimit" not in made


def test_a_full_cache_drops_sessions_and_keeps_rankings() -> None:
    parameters = resources()["ParameterGroup"]["Properties"]["Properties"]
    assert parameters == {"maxmemory-policy": "volatile-lru"}
