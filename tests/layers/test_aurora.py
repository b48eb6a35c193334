"""Aurora: one template for all Regions, of which home's begins the global database."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from generator.layers import aurora as layer
from generator.layers import monitoring, security
from generator.settings.sections_options import Aurora
from tests.layers.alarming import assert_complete, metric_alarms, metric_names
from tests.layers.aurora import draft, template
from tests.layers.support import drafted, filled, over, settings
from tests.policies.grants import rendered

AT_HOME_ONLY = {
    *("AdministratorSecret", "GlobalDatabase", "RotationFunction", "RotationLogs"),
    *("RotationPermission", "RotationRole", "RotationSchedule"),
}
NO_VALUE = {"Ref": "AWS::NoValue"}


def resources(*regions: str, **changes: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = template(*regions, **changes)["Resources"]
    return found


def cluster(*regions: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = resources(*regions, **changes)["Cluster"]["Properties"]
    return found


def actions(role: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Statements of a role's or policy's document, by Sid."""
    properties = role["Properties"]
    document = properties.get("PolicyDocument") or properties["Policies"][0]["PolicyDocument"]
    return {one["Sid"]: one for one in rendered(document)["Statement"]}


# --- the global database --------------------------------------------------------------------------


def test_what_begins_the_database_is_made_at_home_only() -> None:
    made = template("eu-west-1", "us-east-1")
    assert made["Conditions"] == {
        "IsHome": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    }
    conditional = {n for n, one in made["Resources"].items() if one.get("Condition") == "IsHome"}
    assert conditional == AT_HOME_ONLY


def test_every_region_joins_by_the_derived_name_and_home_after_it_is_there() -> None:
    made = cluster()
    joined = {"Fn::If": ["IsHome", {"Ref": "GlobalDatabase"}, "gtm-test-aurora"]}
    assert made["GlobalClusterIdentifier"] == joined
    assert made["DBClusterIdentifier"] == "gtm-test-aurora"


@pytest.mark.parametrize("name", ["MasterUsername", "MasterUserPassword", "DatabaseName"])
def test_who_joins_brings_no_credentials(name: str) -> None:
    assert cluster()[name]["Fn::If"][2] == NO_VALUE


def test_who_joins_says_where_the_encrypted_source_is() -> None:
    assert cluster("eu-west-1", "us-east-1")["SourceRegion"] == {
        "Fn::If": ["IsHome", NO_VALUE, "eu-west-1"]
    }


def test_one_region_is_a_global_database_too_so_that_one_can_be_added() -> None:
    assert cluster("eu-west-1") == cluster("eu-west-1", "us-east-1")


def test_rds_does_not_manage_the_password_for_it_does_not_of_global_databases() -> None:
    assert "ManageMasterUserPassword" not in cluster()


def test_names_fit_even_where_project_and_environment_are_longest() -> None:
    longest = settings(project="p" * 10, environment="e" * 10, aurora=Aurora())
    made = filled(layer.LAYER, longest)["Resources"]["Cluster"]["Properties"]
    assert len(made["DBClusterIdentifier"]) <= 63


# --- capacity and instances -----------------------------------------------------------------------


def test_capacity_and_backups_are_tuned_without_a_rebuild() -> None:
    made = draft(minimum_capacity=1.5, maximum_capacity=32, backup_retention_days=7)
    values = {name: tunable.default for name, tunable in made.tunables.items()}
    assert values["AuroraMinimumCapacity"] == "1.5"
    assert values["AuroraMaximumCapacity"] == "32"
    assert values["AuroraBackupRetentionDays"] == 7
    assert all(tunable.cost for tunable in made.tunables.values())


@pytest.mark.parametrize(
    ("text", "is_capacity"),
    [("0.5", True), ("1", True), ("256", True), ("16.5", True), ("0", False), ("1.3", False)],
)
def test_a_capacity_has_steps_of_a_half(text: str, is_capacity: bool) -> None:
    pattern = draft().tunables["AuroraMinimumCapacity"].pattern
    assert pattern is not None
    assert bool(re.fullmatch(pattern, text)) is is_capacity


@pytest.mark.parametrize("count", [1, 2, 15])
def test_there_are_as_many_instances_as_asked_for_each_with_its_turn(count: int) -> None:
    made = [
        one for one in resources(instances=count).values() if one["Type"] == "AWS::RDS::DBInstance"
    ]
    assert sorted(one["Properties"]["PromotionTier"] for one in made) == list(range(count))
    assert {one["Properties"]["DBInstanceClass"] for one in made} == {"db.serverless"}
    assert not any(one["Properties"]["PubliclyAccessible"] for one in made)


def test_minor_upgrades_are_not_automatic_since_regions_must_not_drift_apart() -> None:
    assert resources()["Instance1"]["Properties"]["AutoMinorVersionUpgrade"] is False
    assert cluster()["EngineVersion"] == {"Ref": "AuroraEngineVersion"}
    whole = resources()["GlobalDatabase"]["Properties"]
    assert whole["EngineVersion"] == {"Ref": "AuroraEngineVersion"}


# --- protection -----------------------------------------------------------------------------------


def test_tls_is_required() -> None:
    group = resources()["Parameters"]["Properties"]
    assert group["Parameters"] == {"rds.force_ssl": "1"}
    assert cluster()["DBClusterParameterGroupName"] == {"Ref": "Parameters"}


def test_everything_is_under_the_regions_own_key() -> None:
    key = {"Fn::GetAtt": ["AuroraKey", "Arn"]}
    made = resources()
    assert cluster()["StorageEncrypted"] is True
    assert cluster()["KmsKeyId"] == cluster()["PerformanceInsightsKmsKeyId"] == key
    assert made["AdministratorSecret"]["Properties"]["KmsKeyId"] == key
    assert made["AuroraKey"]["Properties"]["EnableKeyRotation"] is True
    assert made["AuroraKey"]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_it_stands_in_the_data_subnets_behind_its_own_security_group() -> None:
    subnets = resources()["SubnetGroup"]["Properties"]["SubnetIds"]
    assert subnets == {"Ref": "DataSubnetIds"}
    assert cluster()["VpcSecurityGroupIds"] == [{"Ref": "DatabaseSecurityGroupId"}]


def test_only_the_application_reaches_it() -> None:
    made = filled(security.LAYER, settings(aurora=Aurora()))["Resources"]
    inwards = [
        one["Properties"]
        for one in made.values()
        if one["Type"] == "AWS::EC2::SecurityGroupIngress"
        and "DatabaseSecurityGroup" in json.dumps(one["Properties"]["GroupId"])
    ]
    assert [(rule["FromPort"], rule["ToPort"]) for rule in inwards] == [(5432, 5432)]
    assert "ApplicationSecurityGroup" in json.dumps(inwards[0]["SourceSecurityGroupId"])


def test_without_aurora_there_is_no_group_for_it() -> None:
    made = drafted(security.LAYER, settings())
    assert "DatabaseSecurityGroupId" not in made.offers
    assert "5432" not in made.template.to_json()


def test_a_cluster_that_goes_leaves_a_snapshot_and_goes_only_unprotected() -> None:
    made = resources()
    kept = made["Cluster"]["DeletionPolicy"], made["Cluster"]["UpdateReplacePolicy"]
    assert kept == ("Snapshot", "Snapshot")
    for name in ("Cluster", "GlobalDatabase"):
        assert made[name]["Properties"]["DeletionProtection"] is True
        off = resources(deletion_protection=False)[name]["Properties"]
        assert off["DeletionProtection"] is False


def test_its_log_is_made_before_rds_would_make_it() -> None:
    made = resources()
    log = made["PostgresqlLog"]["Properties"]
    assert log["LogGroupName"] == "/aws/rds/cluster/gtm-test-aurora/postgresql"
    assert log["KmsKeyId"] == {"Ref": "LogsKeyArn"}
    assert log["RetentionInDays"] == 30
    assert cluster()["EnableCloudwatchLogsExports"] == ["postgresql"]
    assert "PostgresqlLog" in made["Cluster"]["DependsOn"]


# --- who connects, who rotates --------------------------------------------------------------------


def test_the_service_connects_as_one_user_to_this_cluster_only() -> None:
    policy = resources()["ConnectPolicy"]
    assert cluster()["EnableIAMDatabaseAuthentication"] is True
    (statement,) = actions(policy).values()
    assert statement["Action"] == ["rds-db:connect"]
    users = "arn:aws:rds-db:eu-west-1:111122223333:dbuser"
    assert statement["Resource"] == [f"{users}:Cluster.DBClusterResourceId/app"]
    assert policy["Properties"]["Roles"] == [{"Ref": "InstanceRoleName"}]


def test_the_administrators_password_is_generated_and_renewed_on_schedule() -> None:
    made = resources(password_rotation_days=7)
    secret = made["AdministratorSecret"]["Properties"]
    assert secret["Name"] == "gtm-test/aurora"
    generated = secret["GenerateSecretString"]
    assert generated["ExcludePunctuation"] is True  # RDS refuses some
    assert 8 <= generated["PasswordLength"] <= 128  # its bounds
    schedule = made["RotationSchedule"]
    assert schedule["Properties"]["RotationRules"] == {"AutomaticallyAfterDays": 7}
    assert {"RotationPermission", "Instance1", "Instance2"} <= set(schedule["DependsOn"])


def test_secrets_manager_alone_may_call_the_function_and_for_this_secret_only() -> None:
    permission = resources()["RotationPermission"]["Properties"]
    assert permission["Principal"] == "secretsmanager.amazonaws.com"
    assert permission["SourceArn"] == {"Ref": "AdministratorSecret"}
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_the_function_may_change_this_database_in_any_region_and_no_other() -> None:
    granted = actions(resources()["RotationRole"])
    own = "arn:aws:rds:*:111122223333:cluster:gtm-test-aurora"
    assert granted["SetPassword"]["Resource"] == [own]
    assert granted["RenewSecret"]["Resource"] == ["AdministratorSecret"]
    everywhere = {sid for sid, one in granted.items() if one["Resource"] == ["*"]}
    assert everywhere == {"MakePassword"}


# --- what people get ------------------------------------------------------------------------------


def test_endpoints_and_the_secrets_name_are_published() -> None:
    offered = {name: offer.published for name, (offer, _) in draft().offers.items()}
    assert offered == dict.fromkeys(
        ("AuroraWriterEndpoint", "AuroraReaderEndpoint", "AuroraSecretName"), True
    )


def watched(*regions: str, **changes: Any) -> dict[str, Any]:
    """The monitoring layer's template where there is Aurora."""
    return filled(monitoring.LAYER, over(*regions, aurora=Aurora(**changes)))


def aurora_alarms(made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {n: one for n, one in metric_alarms(made).items() if n.startswith("Aurora")}


def test_its_alarms_are_complete_and_page_through_the_regions_composite() -> None:
    made = watched("eu-west-1", "us-east-1")
    assert_complete(made)
    rule = json.dumps(made["Resources"]["ServiceAtRisk"]["Properties"]["AlarmRule"])
    critical = {name for name in aurora_alarms(made) if name.endswith("Critical")}
    assert critical == {f"Aurora{what}Critical" for what in ("Capacity", "Connections", "Cpu")}
    assert all(f"${{{name}}}" in rule for name in critical)


def test_they_watch_the_cluster_by_its_name() -> None:
    for name, alarm in aurora_alarms(watched("eu-west-1", "us-east-1")).items():
        if not name.startswith("AuroraLag"):
            assert alarm["Dimensions"] == [
                {"Name": "DBClusterIdentifier", "Value": "gtm-test-aurora"}
            ]
            assert alarm["Namespace"] == "AWS/RDS"


def test_the_lag_is_watched_where_there_is_a_copy_and_pages_nobody() -> None:
    """It is of all global databases in the Region, others' included."""
    alarms = metric_alarms(watched("eu-west-1", "us-east-1"))
    (query,) = alarms["AuroraLagWarning"]["Metrics"]
    assert "MAX(AuroraGlobalDBReplicationLag)" in query["Expression"]
    assert "AuroraLagCritical" not in alarms
    assert "AuroraLagWarning" not in metric_alarms(watched("eu-west-1"))


@pytest.mark.parametrize(
    ("least", "most", "limit"), [(0.5, 1, 190), (0.5, 64, 2000), (1, 64, 5000)]
)
def test_connections_ring_before_the_capacity_lets_no_more_in(
    least: float, most: float, limit: int
) -> None:
    made = drafted(
        monitoring.LAYER,
        over("eu-west-1", aurora=Aurora(minimum_capacity=least, maximum_capacity=most)),
    )
    assert made.tunables["AuroraConnectionsCriticalCount"].default == int(limit * 0.9)


def test_without_aurora_nothing_of_it_is_watched() -> None:
    made = filled(monitoring.LAYER, over("eu-west-1", "us-east-1"))
    assert not aurora_alarms(made)
    assert not any(
        "Aurora" in n for alarm in metric_alarms(made).values() for n in metric_names(alarm)
    )
