"""What goes wrong in an instance: the reason, the state that it is left in, and the way out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import (
    NAME,
    NEEDED,
    NEEDY,
    PLAIN,
    REGIONS,
    display_names,
    ended,
    instance,
    named_template,
    results,
    stacks,
    standing,
    states,
    succeeded,
    supply,
    template,
    topic,
)

HERE = REGIONS[0]


def created(account: Account, cfn: Any) -> Any:
    return cfn.create_stack_instances(StackSetName=NAME, Accounts=[account.id], Regions=[HERE])


def deleted(account: Account, cfn: Any, **members: Any) -> Any:
    return cfn.delete_stack_instances(
        StackSetName=NAME, Accounts=[account.id], Regions=[HERE], **members
    )


@pytest.fixture
def failed(account: Account, cfn: Any) -> str:
    """An instance whose stack could not be created; the reason."""
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=NEEDY)
    begun = created(account, cfn)
    assert ended(cfn, begun)["Status"] == "FAILED"
    return str(results(cfn, begun["OperationId"])[account.id, HERE]["StatusReason"])


def test_a_failed_create_is_explained_by_its_first_failed_resource(
    account: Account, cfn: Any, failed: str
) -> None:
    assert failed.startswith("ResourceLogicalId:Topic, ResourceType:AWS::SNS::Topic, ")
    assert NEEDED in failed
    assert stacks(account, HERE)[0][1] == "ROLLBACK_COMPLETE"
    found = instance(cfn, account.id, HERE)
    assert (found["Status"], found["StatusReason"]) == ("OUTDATED", failed)
    assert found["StackInstanceStatus"] == {"DetailedStatus": "FAILED"}


@pytest.mark.parametrize("retry", ["create", "update", "update of the set"])
def test_a_stack_that_was_rolled_back_is_made_anew(
    account: Account, cfn: Any, failed: str, retry: str
) -> None:
    before = instance(cfn, account.id, HERE)["StackId"]
    supply(account, HERE)
    where = {"StackSetName": NAME, "Accounts": [account.id], "Regions": [HERE]}
    if retry == "create":
        succeeded(cfn, created(account, cfn))
    elif retry == "update":
        succeeded(cfn, cfn.update_stack_instances(**where))
    else:
        succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True))
    found = instance(cfn, account.id, HERE)
    assert found["Status"] == "CURRENT"
    assert found["StackId"] != before
    assert [status for _, status in stacks(account, HERE)] == ["CREATE_COMPLETE"]
    assert display_names(account, HERE) == ["supplied"]


def test_a_failed_instance_can_be_deleted(account: Account, cfn: Any, failed: str) -> None:
    succeeded(cfn, deleted(account, cfn, RetainStacks=False))
    assert (states(cfn), stacks(account, HERE)) == ({}, [])


def test_a_failed_update_leaves_the_stack_as_it_was(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    begun = cfn.update_stack_set(StackSetName=NAME, TemplateBody=NEEDY)
    assert ended(cfn, begun)["Status"] == "FAILED"
    reason = results(cfn, begun["OperationId"])[account.id, HERE]["StatusReason"]
    assert NEEDED in reason
    assert stacks(account, HERE)[0][1] == "UPDATE_ROLLBACK_COMPLETE"
    assert list(states(cfn).values()) == [
        ("OUTDATED", "FAILED"),
        ("OUTDATED", "CANCELLED"),
        ("OUTDATED", "CANCELLED"),
    ]
    assert cfn.describe_stack_set(StackSetName=NAME)["StackSet"]["TemplateBody"] == NEEDY

    before = instance(cfn, account.id, HERE)["StackId"]
    for region in REGIONS:
        supply(account, region)
    succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True))
    assert instance(cfn, account.id, HERE)["StackId"] == before


def test_each_failed_update_has_its_own_reason(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    for missing in ("/first", "/second"):
        body = template(Topic=topic(DisplayName=f"{{{{resolve:ssm:{missing}}}}}"))
        begun = cfn.update_stack_set(StackSetName=NAME, TemplateBody=body)
        assert ended(cfn, begun)["Status"] == "FAILED"
        reason = results(cfn, begun["OperationId"])[account.id, HERE]["StatusReason"]
        assert missing in reason


def test_a_request_that_the_stack_itself_refuses_is_a_failure(account: Account, cfn: Any) -> None:
    body = json.loads(named_template())
    body["Parameters"]["Name"]["AllowedValues"] = ["plain"]
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=json.dumps(body))
    where = {"StackSetName": NAME, "Accounts": [account.id], "Regions": [HERE]}
    odd = [{"ParameterKey": "Name", "ParameterValue": "odd"}]
    begun = cfn.create_stack_instances(**where, ParameterOverrides=odd)
    assert ended(cfn, begun)["Status"] == "FAILED"
    assert "Name" in results(cfn, begun["OperationId"])[account.id, HERE]["StatusReason"]
    assert "StackId" not in instance(cfn, account.id, HERE)
    assert stacks(account, HERE) == []


def test_a_delete_that_fails_makes_the_instance_inoperable(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    regional = account.client("cloudformation", HERE)
    ((name, _),) = stacks(account, HERE)
    regional.update_termination_protection(StackName=name, EnableTerminationProtection=True)

    begun = deleted(account, cfn, RetainStacks=False)
    assert ended(cfn, begun)["Status"] == "FAILED"
    reason = results(cfn, begun["OperationId"])[account.id, HERE]["StatusReason"]
    assert "TerminationProtection" in reason
    assert states(cfn)[account.id, HERE] == ("INOPERABLE", "INOPERABLE")
    assert instance(cfn, account.id, HERE)["StatusReason"] == reason

    newer = template(Topic=topic(DisplayName="newer"))
    update = cfn.update_stack_set(StackSetName=NAME, TemplateBody=newer)
    succeeded(cfn, update)
    assert (account.id, HERE) not in results(cfn, update["OperationId"])
    assert [display_names(account, region) for region in REGIONS[:2]] == [["plain"], ["newer"]]
    assert ended(cfn, created(account, cfn))["Status"] == "FAILED"

    succeeded(cfn, deleted(account, cfn, RetainStacks=True))
    assert (account.id, HERE) not in states(cfn)
    assert stacks(account, HERE) == [(name, "CREATE_COMPLETE")]


def test_a_stack_deleted_behind_the_sets_back_is_noticed_and_made_again(
    account: Account, cfn: Any
) -> None:
    standing(cfn, account)
    gone = instance(cfn, account.id, HERE)["StackId"]
    regional = account.client("cloudformation", HERE)
    regional.delete_stack(StackName=gone)
    regional.get_waiter("stack_delete_complete").wait(StackName=gone, WaiterConfig={"Delay": 0})

    drift = cfn.detect_stack_set_drift(StackSetName=NAME)
    assert ended(cfn, drift)["Status"] == "FAILED"
    assert "does not exist" in results(cfn, drift["OperationId"])[account.id, HERE]["StatusReason"]

    succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, TemplateBody=PLAIN))
    assert instance(cfn, account.id, HERE)["StackId"] != gone
    assert display_names(account, HERE) == ["plain"]


def test_a_stack_deleted_behind_the_sets_back_does_not_stop_a_delete(
    account: Account, cfn: Any
) -> None:
    standing(cfn, account)
    regional = account.client("cloudformation", HERE)
    gone = instance(cfn, account.id, HERE)["StackId"]
    regional.delete_stack(StackName=gone)
    regional.get_waiter("stack_delete_complete").wait(StackName=gone, WaiterConfig={"Delay": 0})
    succeeded(cfn, deleted(account, cfn, RetainStacks=False))
    assert (account.id, HERE) not in states(cfn)
