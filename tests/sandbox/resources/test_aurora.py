"""Aurora in the sandbox: the layer's own template, at home and in a second Region."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from generator.layers.aurora.rotation import SOURCE
from tests.layers import aurora
from tests.layers.aurora import HOME, OTHER
from tests.local_aws import Account
from tests.sandbox.resources.stack import Stack, resource

NAME = "gtm-test-aurora"


class Database(NamedTuple):
    """The layer's stacks in both Regions, and what was given to them."""

    home: Stack
    other: Stack
    bodies: dict[str, dict[str, Any]]

    def body(self, stack: Stack, **changes: Any) -> dict[str, Any]:
        """The template as these settings make it, with the surroundings that it has."""
        made = aurora.as_data(aurora.draft(**changes))
        return self.bodies[stack.region] | {"Resources": made["Resources"]}

    def members(self) -> dict[str, bool]:
        """Regions of the clusters in the global database; whether they take writes."""
        rds = self.home.client("rds")
        [found] = rds.describe_global_clusters(GlobalClusterIdentifier=NAME)["GlobalClusters"]
        members = found["GlobalClusterMembers"]
        return {m["DBClusterArn"].split(":")[3]: m["IsWriter"] for m in members}


@pytest.fixture
def database(account: Account) -> Database:
    """Made at home first, and then in the other Region."""
    stacks = {region: Stack(account, region, "gtm-test-aurora") for region in (HOME, OTHER)}
    made = aurora.draft(deletion_protection=False)
    bodies = {region: aurora.given(made, account, region) for region in stacks}
    for region, stack in stacks.items():
        stack.create(**_sections(bodies[region]))
    return Database(stacks[HOME], stacks[OTHER], bodies)


def _sections(body: dict[str, Any]) -> dict[str, Any]:
    wanted = {"Resources": "resources", "Parameters": "Parameters", "Conditions": "Conditions"}
    return {argument: body[section] for section, argument in wanted.items()}


def _cluster(stack: Stack) -> dict[str, Any]:
    found = stack.client("rds").describe_db_clusters(DBClusterIdentifier=NAME)["DBClusters"]
    return dict(found[0])


def test_home_writes_and_the_other_region_follows(database: Database) -> None:
    assert database.members() == {HOME: True, OTHER: False}
    for stack in (database.home, database.other):
        cluster = _cluster(stack)
        assert cluster["StorageEncrypted"]
        assert cluster["IAMDatabaseAuthenticationEnabled"]
        assert cluster["MasterUsername"] == "administrator"
        assert len(cluster["DBClusterMembers"]) == 2
        key = stack.client("kms").describe_key(KeyId=stack.id("AuroraKey"))["KeyMetadata"]["Arn"]
        assert cluster["KmsKeyId"] == key
        assert cluster["DBClusterParameterGroup"] == stack.id("Parameters")
    home, other = (_cluster(stack)["KmsKeyId"] for stack in (database.home, database.other))
    assert home != other


def test_only_home_has_the_secret_and_its_rotation(database: Database) -> None:
    secret = database.home.client("secretsmanager").describe_secret(SecretId="gtm-test/aurora")
    assert secret["RotationEnabled"]
    assert secret["RotationRules"] == {"AutomaticallyAfterDays": 30}
    with pytest.raises(ClientError, match="ResourceNotFound"):
        database.other.client("secretsmanager").describe_secret(SecretId="gtm-test/aurora")


def test_it_is_changed_in_place(database: Database) -> None:
    before = _cluster(database.other)["DbClusterResourceId"]
    body = database.body(database.other, deletion_protection=False, instances=3)
    body["Parameters"]["AuroraMaximumCapacity"]["Default"] = "16"
    body["Parameters"]["AuroraBackupRetentionDays"]["Default"] = 21
    database.other.update(**_sections(body))
    cluster = _cluster(database.other)
    assert cluster["DbClusterResourceId"] == before
    assert cluster["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 16}
    assert cluster["BackupRetentionPeriod"] == 21
    assert len(cluster["DBClusterMembers"]) == 3


def test_a_region_leaves_with_a_snapshot_and_home_goes_last(database: Database) -> None:
    assert database.home.try_delete() == "DELETE_FAILED", "its cluster is the others' source"
    database.other.delete()
    assert database.members() == {HOME: True}
    rds = database.other.client("rds")
    assert not rds.describe_db_clusters()["DBClusters"]
    [left] = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert left["DBClusterIdentifier"] == NAME
    database.home.delete()
    assert not database.home.client("rds").describe_global_clusters()["GlobalClusters"]


def test_a_protected_cluster_stays(database: Database) -> None:
    database.other.update(**_sections(database.body(database.other, deletion_protection=True)))
    assert database.other.try_delete() == "DELETE_FAILED"
    assert any("disable deletion protection" in reason for reason in database.other.reasons())
    assert database.members() == {HOME: True, OTHER: False}


def test_a_cluster_that_stands_cannot_join(account: Account) -> None:
    """Why there is a global database with one Region too."""
    stack, alone = Stack(account), {"Engine": "aurora-postgresql", "DBClusterIdentifier": "alone"}
    whole = {
        "Global": resource(
            "RDS::GlobalCluster", GlobalClusterIdentifier="all", Engine="aurora-postgresql"
        )
    }
    stack.create(whole | {"Cluster": resource("RDS::DBCluster", **alone)})
    joined = resource("RDS::DBCluster", GlobalClusterIdentifier="all", **alone)
    assert stack.try_update(whole | {"Cluster": joined}) == "UPDATE_ROLLBACK_COMPLETE"
    assert any("NotUpdatable" in reason for reason in stack.reasons())


def _make_impatient(home: Stack) -> None:
    """The function looks for a calm minute; here it looks as often, and waits for nothing."""
    source = SOURCE.read_text(encoding="utf-8")
    impatient = source.replace("CALM_POLLS = 10,", "CALM_POLLS = 0,")
    assert impatient != source
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", impatient)
    home.client("lambda").update_function_code(
        FunctionName=home.id("RotationFunction"), ZipFile=packed.getvalue()
    )


def test_the_rotation_function_changes_the_writers_password(database: Database) -> None:
    """Its four steps, as Secrets Manager calls them, with the writer in the other Region by now."""
    home = database.home
    arn = _cluster(database.other)["DBClusterArn"]
    home.client("rds").switchover_global_cluster(
        GlobalClusterIdentifier=NAME, TargetDbClusterIdentifier=arn
    )
    assert database.members() == {HOME: False, OTHER: True}
    secrets, asked = home.client("secretsmanager"), {"SecretId": "gtm-test/aurora"}
    old = secrets.get_secret_value(**asked)
    version, new = "a" * 32, json.dumps({"username": "administrator", "password": "n" * 64})
    secrets.put_secret_value(
        ClientRequestToken=version, SecretString=new, VersionStages=["AWSPENDING"], **asked
    )
    _make_impatient(home)
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        event = {"Step": step, "SecretId": old["ARN"], "ClientRequestToken": version}
        answer = home.client("lambda").invoke(
            FunctionName=home.id("RotationFunction"), Payload=json.dumps(event)
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
    found = secrets.get_secret_value(**asked)
    assert (found["VersionId"], found["SecretString"]) == (version, new)
    assert (
        "AWSPREVIOUS"
        in secrets.get_secret_value(VersionId=old["VersionId"], **asked)["VersionStages"]
    )
