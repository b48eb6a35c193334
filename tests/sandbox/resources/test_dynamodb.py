"""A global table is one table in every Region that it lists."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account
from tests.sandbox.resources.stack import Stack, resource

HOME, SECOND, THIRD = "eu-west-1", "us-east-1", "ap-northeast-2"
NAME = "sessions"


def replica(region: str, **settings: Any) -> dict[str, Any]:
    """A replica, as a template lists it."""
    return {"Region": region, **settings}


def table(*replicas: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A global table."""
    properties = {
        "TableName": NAME,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "Replicas": list(replicas),
    }
    return {"Table": resource("DynamoDB::GlobalTable", **properties | more)}


def tables(account: Account, region: str) -> list[str]:
    """The names of a Region's tables."""
    found: list[str] = account.client("dynamodb", region).list_tables()["TableNames"]
    return found


def test_a_write_in_one_region_is_read_in_another(account: Account) -> None:
    stack = Stack(account, HOME)
    stack.create(table(replica(HOME), replica(SECOND), replica(THIRD)))
    clients = {region: account.client("dynamodb", region) for region in (HOME, SECOND, THIRD)}
    for region, dynamodb in clients.items():
        dynamodb.put_item(TableName=NAME, Item={"id": {"S": region}})
    for dynamodb in clients.values():
        items = dynamodb.scan(TableName=NAME)["Items"]
        assert {item["id"]["S"] for item in items} == clients.keys()
        description = dynamodb.describe_table(TableName=NAME)["Table"]
        assert description["StreamSpecification"]["StreamEnabled"]
        assert len(description["Replicas"]) == 2
    stack.delete()
    assert [tables(account, region) for region in clients] == [[], [], []]


def test_settings_of_a_replica_are_made_in_its_region(account: Account) -> None:
    stack = Stack(account, HOME)
    point = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
    owner = {"Tags": [{"Key": "owner", "Value": "us"}]}
    insights = {"ContributorInsightsSpecification": {"Enabled": True}}
    expiry = {"TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}}
    settings = {"DeletionProtectionEnabled": True, **point, **owner, **insights}
    stack.create(table(replica(HOME), replica(SECOND, **settings), **expiry))
    here, there = (account.client("dynamodb", region) for region in (HOME, SECOND))
    backups = there.describe_continuous_backups(TableName=NAME)["ContinuousBackupsDescription"]
    point_in_time = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    description = there.describe_table(TableName=NAME)["Table"]
    assert (point_in_time, description["DeletionProtectionEnabled"]) == ("ENABLED", True)
    assert not here.describe_table(TableName=NAME)["Table"]["DeletionProtectionEnabled"]
    tags = there.list_tags_of_resource(ResourceArn=description["TableArn"])["Tags"]
    assert tags == owner["Tags"]
    status = there.describe_contributor_insights(TableName=NAME)["ContributorInsightsStatus"]
    assert status == "ENABLED"
    for each in (here, there):
        ttl = each.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
        assert ttl["TimeToLiveStatus"] == "ENABLED"


def test_replicas_come_and_go_one_at_a_time(account: Account) -> None:
    stack = Stack(account, HOME)
    stack.create(table(replica(HOME)))
    account.client("dynamodb", HOME).put_item(TableName=NAME, Item={"id": {"S": "kept"}})
    several = table(replica(HOME), replica(SECOND), replica(THIRD))
    assert stack.try_update(several) == "UPDATE_ROLLBACK_COMPLETE"
    assert "You can only add or remove a single replica in each update" in stack.reasons()[0]
    assert tables(account, SECOND) == []
    stack.update(table(replica(HOME), replica(SECOND)))
    assert account.client("dynamodb", SECOND).scan(TableName=NAME)["Count"] == 1
    stack.update(several)
    assert tables(account, THIRD) == [NAME]
    stack.update(table(replica(HOME), replica(THIRD)))
    assert (tables(account, SECOND), tables(account, THIRD)) == ([], [NAME])


def test_it_lists_its_own_region(account: Account) -> None:
    stack = Stack(account, HOME)
    assert stack.try_create(table(replica(SECOND))) == "ROLLBACK_COMPLETE"
    assert "must contain the region where the stack is deployed" in stack.reasons()[0]


@pytest.mark.parametrize("region", [HOME, SECOND])
def test_a_name_that_is_taken_is_refused_and_what_has_it_stays(
    account: Account, region: str
) -> None:
    Stack(account, region, "first").create(table(replica(region)))
    account.client("dynamodb", region).put_item(TableName=NAME, Item={"id": {"S": "kept"}})
    second = Stack(account, HOME, "second")
    assert second.try_create(table(replica(HOME), replica(SECOND))) == "ROLLBACK_COMPLETE"
    assert "already exists" in second.reasons()[0]
    assert account.client("dynamodb", region).scan(TableName=NAME)["Count"] == 1


def test_a_protected_replica_keeps_the_table(account: Account) -> None:
    stack = Stack(account, HOME)
    protected = replica(SECOND, DeletionProtectionEnabled=True)
    stack.create(table(replica(HOME), protected))
    assert stack.try_delete() == "DELETE_FAILED"
    assert "protected against deletion" in stack.reasons()[0]
    assert (tables(account, HOME), tables(account, SECOND)) == ([NAME], [NAME])
    with pytest.raises(ClientError, match="protected against deletion"):
        account.client("dynamodb", SECOND).delete_table(TableName=NAME)
    account.client("dynamodb", SECOND).update_table(TableName=NAME, DeletionProtectionEnabled=False)
    stack.delete()
    assert (tables(account, HOME), tables(account, SECOND)) == ([], [])


def test_a_named_table_is_not_replaced(account: Account) -> None:
    stack = Stack(account, HOME)
    stack.create(table(replica(HOME)))
    other = {
        "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "owner", "AttributeType": "S"}],
    }
    assert stack.try_update(table(replica(HOME), **other)) == "UPDATE_ROLLBACK_COMPLETE"
    said = "CloudFormation cannot update a stack when a custom-named resource requires replacing"
    assert said in stack.reasons()[0]
    assert tables(account, HOME) == [NAME]


def test_an_index_is_added_in_every_region(account: Account) -> None:
    stack = Stack(account, HOME)
    replicas = (replica(HOME), replica(SECOND))
    stack.create(table(*replicas))
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "owner")]
    index = {
        "IndexName": "by_owner",
        "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    indexed = {"AttributeDefinitions": attributes, "GlobalSecondaryIndexes": [index]}
    stack.update(table(*replicas, **indexed))
    for region in (HOME, SECOND):
        description = account.client("dynamodb", region).describe_table(TableName=NAME)["Table"]
        assert [each["IndexName"] for each in description["GlobalSecondaryIndexes"]] == ["by_owner"]
    stack.update(table(*replicas))
    description = account.client("dynamodb", SECOND).describe_table(TableName=NAME)["Table"]
    assert description.get("GlobalSecondaryIndexes", []) == []
