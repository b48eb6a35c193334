"""States in which a stack takes no update: each has a way out, and the deploy takes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.deploy.steps import Do
from generator.errors import Refused, RolloutFailed
from tests.deploy.conftest import Deployer, pair
from tests.local_aws import Account

HOME = "ap-northeast-2"
TAKEN = {
    "Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "taken"}}}
}
SMALL = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}


def made(account: Account, name: str, template: dict[str, Any]) -> str:
    """Make a stack behind the deployer's back and wait; its status."""
    client = account.client("cloudformation", HOME)
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    return status(account, name)


def status(account: Account, name: str) -> str:
    """The status of a stack when it has settled."""
    client = account.client("cloudformation", HOME)
    while True:
        found = str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        if not found.endswith("_IN_PROGRESS") or found == "REVIEW_IN_PROGRESS":
            return found


def test_a_review_that_nobody_executed(deployer: Deployer, account: Account) -> None:
    client = account.client("cloudformation", HOME)
    client.create_change_set(
        StackName="gtm-prod-database-key",
        ChangeSetName="looked-at",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(SMALL),
    )
    assert status(account, "gtm-prod-database-key") == "REVIEW_IN_PROGRESS"
    result = deployer.deploy(pair())
    steps = {step.id: step for step in result.plan.steps}
    assert steps[f"database_key@{HOME}"].do is Do.RECREATE  # type: ignore[union-attr]
    assert deployer.deploy(pair()).plan.steps == ()


def test_a_creation_that_rolled_back(deployer: Deployer, account: Account) -> None:
    account.client("s3").create_bucket(Bucket="taken")
    assert made(account, "gtm-prod-database-key", TAKEN) == "ROLLBACK_COMPLETE"
    result = deployer.deploy(pair())
    steps = {step.id: step for step in result.plan.steps}
    assert steps[f"database_key@{HOME}"].do is Do.RECREATE  # type: ignore[union-attr]
    assert deployer.deploy(pair()).plan.steps == ()


def test_a_failing_resource_is_explained_and_the_next_deploy_goes_on(
    deployer: Deployer, account: Account
) -> None:
    """The alias of the tables' key is there already: somebody made it by hand."""
    client = account.client("kms", HOME)
    key = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName="alias/gtm-prod-database", TargetKeyId=key)
    with pytest.raises(RolloutFailed, match="exists") as told:
        deployer.deploy(pair())
    assert "(AWS::KMS::Alias)" in str(told.value)
    assert status(account, "gtm-prod-database-key") == "ROLLBACK_COMPLETE"
    client.delete_alias(AliasName="alias/gtm-prod-database")
    deployer.deploy(pair())
    assert deployer.deploy(pair()).plan.steps == ()


def test_the_first_cause_is_found_in_a_nested_stack(deployer: Deployer, account: Account) -> None:
    """A topic of that name is there. The load balancer is protected by then, so that not even the
    rollback gets through: the next deploy lifts that, and begins anew."""
    topics = account.client("sns", HOME)
    topic = topics.create_topic(Name="gtm-prod-warning")["TopicArn"]
    with pytest.raises(RolloutFailed, match=r"Monitoring/\w+ \(AWS::SNS::Topic\)"):
        deployer.deploy(pair())
    assert status(account, "gtm-prod-regional") == "ROLLBACK_FAILED"
    topics.delete_topic(TopicArn=topic)
    deployer.deploy(pair())
    assert deployer.deploy(pair()).plan.steps == ()


def test_names_that_an_earlier_rollout_left_are_told_before_anything_is_made(
    deployer: Deployer, account: Account
) -> None:
    account.client("backup", HOME).create_backup_vault(BackupVaultName="gtm-prod-tables")
    with pytest.raises(Refused, match="gtm-prod-tables"):
        deployer.deploy(pair())
    assert account.client("cloudformation", HOME).describe_stacks()["Stacks"] == []


def test_a_failed_instance_is_explained_by_its_own_events(
    deployer: Deployer, account: Account
) -> None:
    """The replica key's alias is taken in one Region, and that Region's events say so."""
    client = account.client("kms", "us-east-1")
    key = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName="alias/gtm-prod-database", TargetKeyId=key)
    with pytest.raises(RolloutFailed, match=r"us-east-1: \w+ \(AWS::KMS::Alias\)") as told:
        deployer.deploy(pair())
    assert "database_replica/add-instances: the operation ended as FAILED" in str(told.value)
    client.delete_alias(AliasName="alias/gtm-prod-database")
    deployer.deploy(pair())
    assert deployer.deploy(pair()).plan.steps == ()
