"""06: the key, the replicas' stack set, the global tables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.layers import database, database_key, database_replica
from generator.layers.draft import Layer, Scope
from generator.settings.model import Settings
from generator.settings.sections import Database, ProvisionedCapacity
from tests.layers.support import REGIONS, filled, over, settings
from tests.policies.grants import allows, rendered, statements

ACCOUNT = "111122223333"
TABLES = ("SessionsTable", "RankingTable")


def resources(layer: Layer, chosen: Settings | None = None) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = filled(layer, chosen or settings())["Resources"]
    return found


def with_database(*regions: str, **changes: Any) -> Settings:
    return over(*(regions or REGIONS), database=Database(**changes))


def tables(chosen: Settings | None = None) -> list[dict[str, Any]]:
    made = resources(database.LAYER, chosen)
    return [made[name]["Properties"] for name in TABLES]


# --- the key --------------------------------------------------------------------------------------


def test_the_primary_key_is_multi_region_rotates_and_is_kept() -> None:
    key = resources(database_key.LAYER)["DatabaseKey"]
    assert key["Properties"]["MultiRegion"] is True
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["UpdateReplacePolicy"] == "Retain"


def test_replica_and_primary_have_the_same_policy_and_alias() -> None:
    primary, replica = resources(database_key.LAYER), resources(database_replica.LAYER)
    key, copy = primary["DatabaseKey"]["Properties"], replica["DatabaseKey"]["Properties"]
    assert key["KeyPolicy"] == copy["KeyPolicy"]
    assert copy["PrimaryKeyArn"] == {"Ref": "DatabaseKeyArn"}
    assert primary["DatabaseKeyAlias"] == replica["DatabaseKeyAlias"]


def test_the_key_is_used_through_dynamodb_by_this_account_only() -> None:
    policy = rendered(resources(database_key.LAYER)["DatabaseKey"]["Properties"]["KeyPolicy"])
    (use,) = (s for s in policy["Statement"] if s["Sid"] == "UseThroughDynamoDb")
    assert use["Principal"] == {"AWS": "*"}
    assert use["Condition"] == {
        "StringEquals": {"kms:CallerAccount": ACCOUNT},
        "StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"},
    }


# --- order ----------------------------------------------------------------------------------------


def test_the_tables_come_after_a_key_in_every_region() -> None:
    assert set(database.LAYER.after) == {"database_key", "database_replica"}
    assert database_replica.LAYER.after == ("database_key",)


def test_the_stack_set_covers_all_regions_but_home_and_none_where_there_is_one() -> None:
    assert database_replica.LAYER.scope is Scope.REPLICAS
    assert Scope.REPLICAS.regions(settings()) == ("us-east-1", "eu-west-1")
    assert Scope.REPLICAS.regions(over("eu-west-1")) == ()


# --- the tables -----------------------------------------------------------------------------------


def test_all_replicas_are_in_the_one_stack_its_own_region_among_them() -> None:
    for table in tables():
        regions = [replica["Region"] for replica in table["Replicas"]]
        assert regions == [{"Ref": "AWS::Region"}, "us-east-1", "eu-west-1"]


def test_one_region_makes_tables_of_one_replica() -> None:
    for table in tables(over("eu-west-1")):
        assert [replica["Region"] for replica in table["Replicas"]] == [{"Ref": "AWS::Region"}]


def test_each_replica_is_under_its_own_regions_key_by_a_computed_arn() -> None:
    for table in tables():
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        pattern, parts = table["Replicas"][1]["SSESpecification"]["KMSMasterKeyId"]["Fn::Sub"]
        assert pattern.endswith(":kms:${KeyRegion}:${AWS::AccountId}:key/${KeyId}")
        assert parts == {
            "KeyRegion": "us-east-1",
            "KeyId": {"Fn::ImportValue": "gtm-test:DatabaseKeyId"},
        }


def test_each_replica_can_be_restored_and_not_be_deleted() -> None:
    for table in tables():
        for replica in table["Replicas"]:
            recovery = replica["PointInTimeRecoverySpecification"]
            assert recovery == {"PointInTimeRecoveryEnabled": True}
            assert replica["DeletionProtectionEnabled"] is True


def test_tables_outlive_their_stack() -> None:
    made = resources(database.LAYER)
    for name in TABLES:
        assert made[name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert made[name]["UpdateReplacePolicy"] == "Retain"


def test_where_stacks_come_and_go_protection_is_off_and_says_so() -> None:
    made = resources(database.LAYER, with_database(deletion_protection=False))
    for name in TABLES:
        assert not any(r["DeletionProtectionEnabled"] for r in made[name]["Properties"]["Replicas"])
        assert "deletion_protection" in made[name]["Metadata"]["Reasons"]["E9062"]


def test_changes_are_streamed_and_old_sessions_expire() -> None:
    sessions, ranking = tables()
    for table in (sessions, ranking):
        assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    ttl = {"AttributeName": "expires_at", "Enabled": True}
    assert sessions["TimeToLiveSpecification"] == ttl
    assert "TimeToLiveSpecification" not in ranking


def test_the_best_of_a_board_are_one_query() -> None:
    (index,) = tables()[1]["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by_score"
    keys = [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]]
    assert keys == [("board", "HASH"), ("score", "RANGE")]


# --- consistency ----------------------------------------------------------------------------------


def test_eventual_consistency_is_what_dynamodb_does_anyway() -> None:
    assert all("MultiRegionConsistency" not in table for table in tables())


def test_strong_consistency_knows_no_time_to_live_and_no_lag() -> None:
    chosen = with_database("eu-west-1", "eu-west-2", "eu-central-1", consistency="strong")
    for table in tables(chosen):
        assert table["MultiRegionConsistency"] == "STRONG"
        assert len(table["Replicas"]) == 3
        assert "TimeToLiveSpecification" not in table
    assert "ReplicationLatency" not in json.dumps(resources(database.LAYER, chosen))


# --- capacity -------------------------------------------------------------------------------------


def test_tables_are_on_demand_unless_told_otherwise() -> None:
    for table in tables():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert "Provisioned" not in json.dumps(table)


def test_provisioned_tables_scale_writes_together_and_reads_by_replica() -> None:
    units = ProvisionedCapacity(minimum_units=10, maximum_units=500, target_percent=60)
    sessions, ranking = tables(with_database(provisioned=units))
    scaled = {
        "MinCapacity": 10,
        "MaxCapacity": 500,
        "SeedCapacity": 500,  # or a table on demand could not be changed to this
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 60},
    }
    writes = {"WriteCapacityAutoScalingSettings": scaled}
    reads = {"ReadCapacityAutoScalingSettings": scaled}
    for table in (sessions, ranking):
        assert table["BillingMode"] == "PROVISIONED"
        assert table["WriteProvisionedThroughputSettings"] == writes
        assert all(r["ReadProvisionedThroughputSettings"] == reads for r in table["Replicas"])
    (index,) = ranking["GlobalSecondaryIndexes"]
    assert index["WriteProvisionedThroughputSettings"] == writes
    for replica in ranking["Replicas"]:
        (own,) = replica["GlobalSecondaryIndexes"]
        assert own["ReadProvisionedThroughputSettings"] == reads


# --- what watches over them -----------------------------------------------------------------------


@pytest.mark.parametrize("layer", [database.LAYER, database_replica.LAYER], ids=lambda it: it.name)
def test_each_region_watches_its_own_replicas(layer: Layer) -> None:
    made = resources(layer)
    alarms = {name for name, body in made.items() if body["Type"] == "AWS::CloudWatch::Alarm"}
    for table in ("Sessions", "Ranking"):
        for watched in ("ReadThrottles", "WriteThrottles", "ReplicationLatency"):
            assert {f"{table}{watched}Warning", f"{table}{watched}Critical"} <= alarms
        assert f"{table}SystemErrorsCritical" in alarms
    for name in alarms:
        properties = made[name]["Properties"]
        assert properties["TreatMissingData"] == "notBreaching"
        severity = "critical" if name.endswith("Critical") else "warning"
        topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:gtm-test-{severity}"
        assert rendered(properties["AlarmActions"]) == [topic]


def test_the_lag_is_watched_towards_every_other_region() -> None:
    alarm = resources(database_replica.LAYER)["SessionsReplicationLatencyWarning"]["Properties"]
    towards = {
        dimension["Value"]
        for query in alarm["Metrics"]
        for dimension in query.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
        if dimension["Name"] == "ReceivingRegion"
    }
    assert towards == {"ap-northeast-2", "us-east-1", "eu-west-1"}


def test_one_region_has_no_lag() -> None:
    made = resources(database.LAYER, over("eu-west-1"))
    assert not any("ReplicationLatency" in name for name in made)


@pytest.mark.parametrize("layer", [database.LAYER, database_replica.LAYER], ids=lambda it: it.name)
def test_each_region_backs_up_into_its_own_vault(layer: Layer) -> None:
    made = resources(layer)
    vault = made["BackupVault"]
    assert vault["Properties"]["EncryptionKeyArn"]
    assert vault["UpdateReplacePolicy"] == "Retain"
    (rule,) = made["BackupPlan"]["Properties"]["BackupPlan"]["BackupPlanRule"]
    assert rule["Lifecycle"] == {"DeleteAfterDays": {"Ref": "BackupRetentionDays"}}
    selection = rendered(made["BackupSelection"]["Properties"]["BackupSelection"])
    assert selection["Resources"] == [
        f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/gtm-test-sessions",
        f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/gtm-test-ranking",
    ]


def test_a_backup_inherits_the_tables_tags() -> None:
    """Without the right to tag it, the backup of a tagged table fails."""
    role = resources(database.LAYER)["BackupRole"]
    assert allows([role], "backup:TagResource", f"arn:aws:backup:x:{ACCOUNT}:recovery-point:1")


def test_the_backup_role_reaches_these_tables_and_this_vault_only() -> None:
    role = resources(database.LAYER)["BackupRole"]
    assert all("*" not in s["Resource"] for s in statements(role))
    trust = rendered(role["Properties"]["AssumeRolePolicyDocument"])["Statement"][0]
    assert trust["Principal"] == {"Service": "backup.amazonaws.com"}


@pytest.mark.parametrize("layer", [database.LAYER, database_replica.LAYER], ids=lambda it: it.name)
def test_backups_can_be_off(layer: Layer) -> None:
    made = resources(layer, with_database(backup_retention_days=0))
    assert not any(body["Type"].startswith("AWS::Backup::") for body in made.values())
    assert "BackupRole" not in made


@pytest.mark.parametrize("layer", [database.LAYER, database_replica.LAYER], ids=lambda it: it.name)
def test_throttles_that_stop_let_the_alarm_stop(layer: Layer) -> None:
    """Alarms on DynamoDB's metrics ignore missing data: none has to be read as zero."""
    for severity in ("Warning", "Critical"):
        alarm = resources(layer)[f"SessionsReadThrottles{severity}"]["Properties"]
        (result,) = (query for query in alarm["Metrics"] if query["ReturnData"])
        assert result["Expression"] == "FILL(events, 0)"


def test_throttles_of_an_index_count_too() -> None:
    """A throttled index holds up the table's writes, and is not in the table's own metric."""
    alarm = resources(database.LAYER)["RankingWriteThrottlesCritical"]["Properties"]
    by_id = {query["Id"]: query for query in alarm["Metrics"]}
    assert by_id["result"]["Expression"] == "FILL(events, 0) + FILL(by_score, 0)"
    dimensions = by_id["by_score"]["MetricStat"]["Metric"]["Dimensions"]
    assert {"Name": "GlobalSecondaryIndexName", "Value": "by_score"} in dimensions
