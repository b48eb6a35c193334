"""Stack actions: tokens, states, and what DescribeStacks tells of the request."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account
from tests.sandbox.stacks import (
    broken,
    created,
    deleted,
    events,
    gate,
    queue,
    settled,
    template,
    updated,
)

ONE = template({"Queue": queue()})
TWO = template({"Queue": queue(), "Other": queue()})
ROLE = "arn:aws:iam::111122223333:role/deployer"


@pytest.fixture
def cfn(account: Account) -> Any:
    return account.client("cloudformation")


# --- tokens


def test_a_create_that_is_repeated_is_done_once(cfn: Any) -> None:
    request = {"StackName": "one", "TemplateBody": ONE, "ClientRequestToken": "first"}
    stack_id = cfn.create_stack(**request)["StackId"]
    assert cfn.create_stack(**request)["StackId"] == stack_id
    settled(cfn, "one")
    assert cfn.create_stack(**request)["StackId"] == stack_id
    assert len([each for each in events(cfn, "one") if each["LogicalResourceId"] == "one"]) == 2
    with pytest.raises(cfn.exceptions.AlreadyExistsException):
        cfn.create_stack(**request | {"ClientRequestToken": "second"})


def test_a_token_is_for_one_request(cfn: Any) -> None:
    created(cfn, "one", ONE, ClientRequestToken="first")
    with pytest.raises(cfn.exceptions.TokenAlreadyExistsException):
        cfn.create_stack(StackName="one", TemplateBody=TWO, ClientRequestToken="first")


def test_updates_executions_and_deletes_too(cfn: Any) -> None:
    stack_id = created(cfn, "one", ONE)["StackId"]
    for _ in range(2):
        updated(cfn, "one", TWO, ClientRequestToken="update")
    cfn.create_change_set(StackName="one", ChangeSetName="back", TemplateBody=ONE)
    change_set = cfn.describe_change_set(StackName="one", ChangeSetName="back")["ChangeSetId"]
    for _ in range(2):
        cfn.execute_change_set(ChangeSetName=change_set, ClientRequestToken="execute")
        settled(cfn, "one")
    for _ in range(2):
        cfn.delete_stack(StackName=stack_id, ClientRequestToken="delete")
        assert settled(cfn, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    starts = [
        each["ClientRequestToken"]
        for each in events(cfn, stack_id)
        if each["ResourceStatus"] in ("UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
        and each["LogicalResourceId"] == "one"
    ]
    assert starts == ["update", "execute", "delete"]


def test_a_token_goes_with_its_stack(cfn: Any) -> None:
    first = created(cfn, "one", ONE, ClientRequestToken="first")["StackId"]
    deleted(cfn, first)
    assert created(cfn, "one", ONE, ClientRequestToken="first")["StackId"] != first


# --- states


def test_a_stack_that_rolled_back_can_only_be_deleted(cfn: Any) -> None:
    stack = created(cfn, "one", template({"Broken": broken()}))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    with pytest.raises(cfn.exceptions.AlreadyExistsException):
        cfn.create_stack(StackName="one", TemplateBody=ONE)
    words = f"Stack:{stack['StackId']} is in ROLLBACK_COMPLETE state and can not be updated."
    with pytest.raises(ClientError) as caught:
        cfn.update_stack(StackName="one", TemplateBody=ONE)
    assert caught.value.response["Error"]["Message"] == words
    deleted(cfn, stack["StackId"])
    assert created(cfn, "one", ONE)["StackStatus"] == "CREATE_COMPLETE"


def test_a_stack_that_is_worked_on_is_left_alone(cfn: Any) -> None:
    created(cfn, "one", ONE)
    cfn.create_change_set(StackName="one", ChangeSetName="later", TemplateBody=TWO)
    cfn.update_stack(StackName="one", TemplateBody=template({"Queue": queue(), "Gate": gate()}))
    with pytest.raises(ClientError, match="UPDATE_IN_PROGRESS state and can not be updated"):
        cfn.update_stack(StackName="one", TemplateBody=TWO)
    with pytest.raises(ClientError, match="cannot be deleted while in status UPDATE_IN_PROGRESS"):
        cfn.delete_stack(StackName="one")
    with pytest.raises(ClientError, match="UPDATE_IN_PROGRESS"):
        cfn.execute_change_set(StackName="one", ChangeSetName="later")
    with pytest.raises(ClientError, match="UPDATE_IN_PROGRESS state and can not be updated"):
        cfn.create_change_set(StackName="one", ChangeSetName="another", TemplateBody=TWO)


def test_a_protected_stack_is_not_deleted(cfn: Any) -> None:
    stack = created(cfn, "one", ONE, EnableTerminationProtection=True)
    assert stack["EnableTerminationProtection"] is True
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        cfn.delete_stack(StackName="one")


# --- what is told


def test_the_request_is_told(cfn: Any) -> None:
    topics = ["arn:aws:sns:us-east-1:111122223333:one", "arn:aws:sns:us-east-1:111122223333:two"]
    settings = {
        "RoleARN": ROLE,
        "NotificationARNs": topics,
        "DeploymentConfig": {"Mode": "EXPRESS"},
    }
    stack = created(cfn, "one", ONE, **settings)
    assert {name: stack[name] for name in settings} == settings
    assert updated(cfn, "one", TWO)["RoleARN"] == ROLE
    assert "RoleARN" not in created(cfn, "two", ONE)


def test_the_role_of_a_change_set_is_the_stacks_once_it_is_executed(cfn: Any) -> None:
    cfn.create_change_set(
        StackName="one",
        ChangeSetName="make",
        ChangeSetType="CREATE",
        TemplateBody=ONE,
        RoleARN=ROLE,
    )
    cfn.execute_change_set(StackName="one", ChangeSetName="make")
    assert settled(cfn, "one")["RoleARN"] == ROLE


def test_a_stack_policy_is_kept_from_the_start(cfn: Any) -> None:
    body = '{"Statement":[{"Effect":"Deny","Action":"Update:*","Principal":"*","Resource":"*"}]}'
    created(cfn, "one", ONE, StackPolicyBody=body)
    assert cfn.get_stack_policy(StackName="one")["StackPolicyBody"] == body


def test_retain_except_on_create_is_heard(cfn: Any, account: Account) -> None:
    kept = queue() | {"DeletionPolicy": "Retain"}
    body = template({"Kept": kept, "Broken": broken(DependsOn="Kept")})
    stack = created(cfn, "one", body, RetainExceptOnCreate=True)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not account.client("sqs").list_queues().get("QueueUrls")


def test_without_rollback_what_was_made_stays(cfn: Any, account: Account) -> None:
    body = template({"Made": queue(), "Broken": broken(DependsOn="Made")})
    stack = created(cfn, "one", body, DisableRollback=True)
    assert (stack["StackStatus"], stack["DisableRollback"]) == ("CREATE_FAILED", True)
    assert account.client("sqs").list_queues()["QueueUrls"]


def test_deleted_stacks_are_listed(cfn: Any) -> None:
    deleted(cfn, created(cfn, "one", ONE)["StackId"])
    created(cfn, "two", ONE)
    listed = {
        each["StackName"]: each["StackStatus"] for each in cfn.list_stacks()["StackSummaries"]
    }
    assert listed == {"one": "DELETE_COMPLETE", "two": "CREATE_COMPLETE"}
    only = cfn.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [each["StackName"] for each in only] == ["one"]
