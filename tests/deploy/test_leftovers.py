"""How what has a name already is found, and what is said to do about it.

That they are found where a platform was destroyed is test_destroy's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from generator.deploy.aws import Aws
from generator.deploy.looking.fixed_names import fixed_names
from generator.deploy.looking.leftovers import FINDERS, leftovers
from generator.deploy.release import Release
from tests.deploy.conftest import Deployer, prod
from tests.deploy.stubbed import scripted
from tests.deploy.support import NOTHING, built, standing, with_stack

HOME, OTHER = "ap-northeast-2", "us-east-1"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    regions = [{"name": HOME}, {"name": OTHER}]
    return built(tmp_path_factory.mktemp("built"), prod(regions=regions))


def remedy(kind: str, name: str, operation: str, answer: dict[str, Any]) -> str:
    """What is said of one resource that answers so."""
    service, find = FINDERS[kind]
    with scripted({(service, HOME): [(operation, answer, None)]}) as aws:
        return find(aws.client(service, HOME), name)


def refused(code: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "refused"}}


def test_names_are_worked_out_for_account_region_and_replicas(release: Release) -> None:
    names = {(n.region, n.name, n.is_replica) for n in fixed_names(release, "111122223333")}
    assert (OTHER, f"gtm-prod-logs-111122223333-{OTHER}", False) in names
    assert (HOME, "gtm-prod-sessions", False) in names
    assert (OTHER, "gtm-prod-sessions", True) in names
    assert (OTHER, "gtm-prod-tables", False) in names


def test_a_bucket_of_somebody_else_is_no_bucket_to_delete() -> None:
    said = remedy("AWS::S3::Bucket", "b", "head_bucket", refused("403"))
    assert "somebody else" in said
    assert "--delete-buckets" in remedy("AWS::S3::Bucket", "b", "head_bucket", {})


def test_a_secret_that_is_being_deleted_has_its_name_still() -> None:
    answer = {"Name": "s", "DeletedDate": datetime(2026, 1, 1, tzinfo=UTC)}
    said = remedy("AWS::SecretsManager::Secret", "s", "describe_secret", answer)
    assert said.index("restore-secret") < said.index("delete-secret")


def test_a_replica_of_a_secret_goes_with_its_secret() -> None:
    answer = {"Name": "s", "PrimaryRegion": OTHER}
    said = remedy("AWS::SecretsManager::Secret", "s", "describe_secret", answer)
    assert said == f"a replica: it goes with its secret in {OTHER}"


def test_a_vault_that_may_not_be_seen_is_taken_for_none() -> None:
    """AWS Backup answers so for vaults that are not there."""
    answer = refused("AccessDeniedException")
    assert remedy("AWS::Backup::BackupVault", "v", "describe_backup_vault", answer) == ""


@pytest.mark.parametrize(("found", "told"), [("/gtm-prod/service", True), ("/gtm-prod/s", False)])
def test_a_log_group_counts_by_its_whole_name(found: str, told: bool) -> None:
    answer = {"logGroups": [{"logGroupName": found}]}
    said = remedy("AWS::Logs::LogGroup", "/gtm-prod/service", "describe_log_groups", answer)
    assert bool(said) is told


@pytest.mark.parametrize(
    ("name", "private", "told"),
    [("example.com.", False, True), ("example.com.", True, False), ("example.org.", False, False)],
)
def test_a_public_zone_of_the_same_name_is_to_be_used(name: str, private: bool, told: bool) -> None:
    zone = {"Id": "/hostedzone/Z1", "Name": name, "CallerReference": "x"}
    answer = {
        "HostedZones": [{**zone, "Config": {"PrivateZone": private}}],
        "IsTruncated": False,
        "MaxItems": "1",
    }
    said = remedy("AWS::Route53::HostedZone", "example.com", "list_hosted_zones_by_name", answer)
    assert ("domain.hosted_zone_id: Z1" in said) is told


def test_what_stands_is_not_asked_for(release: Release) -> None:
    with scripted({}) as aws:
        assert leftovers(aws, release, standing(release)) == ()


def test_an_empty_account_has_none(deployer: Deployer) -> None:
    release = deployer.build(prod(regions=[{"name": HOME}]))
    aws = Aws()
    world = NOTHING._replace(account=aws.account(HOME))
    assert leftovers(aws, release, world) == ()


def test_remains_of_a_creation_are_made_anew_and_so_asked_for(
    deployer: Deployer, tmp_path: Path
) -> None:
    """A table under the name of one whose stack has only been rolled back."""
    release = built(tmp_path, prod(regions=[{"name": HOME}]))
    deployer.aws.client("dynamodb", HOME).create_table(
        TableName="gtm-prod-sessions",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    world = with_stack(standing(release), HOME, "gtm-prod-database", status="ROLLBACK_COMPLETE")
    (found,) = leftovers(deployer.aws, release, world)
    assert (found.name, found.unit) == ("gtm-prod-sessions", "gtm-prod-database")
    assert "import it into a stack" in str(found)
