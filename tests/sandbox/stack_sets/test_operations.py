"""Operations: running, queued, stopping, stopped, and the ids that make them idempotent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import (
    GATED,
    NAME,
    PLAIN,
    REGIONS,
    ended,
    instance,
    open_gate,
    operation,
    result_statuses,
    results,
    stacks,
    standing,
    states,
    succeeded,
    until,
)


@pytest.fixture
def running(account: Account, cfn: Any) -> str:
    """An operation that waits in the first of three Regions; its id."""
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED)
    return begun(account, cfn)


def begun(account: Account, cfn: Any, **members: Any) -> str:
    where = {"Accounts": [account.id], "Regions": REGIONS}
    answer = cfn.create_stack_instances(StackSetName=NAME, **where, **members)
    operation_id = str(answer["OperationId"])
    until(lambda: "RUNNING" in result_statuses(cfn, operation_id))
    return operation_id


def test_an_operation_runs_region_by_region(account: Account, cfn: Any, running: str) -> None:
    assert operation(cfn, running)["Status"] == "RUNNING"
    assert "EndTimestamp" not in operation(cfn, running)
    assert result_statuses(cfn, running) == ["RUNNING", "PENDING", "PENDING"]
    assert list(states(cfn).values()) == [
        ("OUTDATED", "RUNNING"),
        ("OUTDATED", "PENDING"),
        ("OUTDATED", "PENDING"),
    ]

    ((name, _),) = stacks(account, REGIONS[0])
    assert f"/{name}/" in instance(cfn, account.id, REGIONS[0])["StackId"]

    open_gate(account, REGIONS[0])
    until(lambda: result_statuses(cfn, running) == ["SUCCEEDED", "RUNNING", "PENDING"])
    assert states(cfn)[account.id, REGIONS[0]] == ("CURRENT", "SUCCEEDED")
    for region in REGIONS[1:]:
        open_gate(account, region)
    assert ended(cfn, {"OperationId": running})["Status"] == "SUCCEEDED"
    assert set(states(cfn).values()) == {("CURRENT", "SUCCEEDED")}


def test_stopping_finishes_what_has_begun_and_cancels_the_rest(
    account: Account, cfn: Any, running: str
) -> None:
    cfn.stop_stack_set_operation(StackSetName=NAME, OperationId=running)
    assert operation(cfn, running)["Status"] == "STOPPING"
    with pytest.raises(cfn.exceptions.InvalidOperationException):
        cfn.stop_stack_set_operation(StackSetName=NAME, OperationId=running)

    open_gate(account, REGIONS[0])
    assert ended(cfn, {"OperationId": running})["Status"] == "STOPPED"
    assert result_statuses(cfn, running) == ["SUCCEEDED", "CANCELLED", "CANCELLED"]
    assert "StatusReason" in results(cfn, running)[account.id, REGIONS[1]]
    assert list(states(cfn).values()) == [
        ("CURRENT", "SUCCEEDED"),
        ("OUTDATED", "CANCELLED"),
        ("OUTDATED", "CANCELLED"),
    ]
    assert stacks(account, REGIONS[1]) == []
    with pytest.raises(cfn.exceptions.InvalidOperationException):
        cfn.stop_stack_set_operation(StackSetName=NAME, OperationId=running)

    again = begun(account, cfn)
    for region in REGIONS[1:]:
        open_gate(account, region)
    assert ended(cfn, {"OperationId": again})["Status"] == "SUCCEEDED"


def test_one_operation_at_a_time(account: Account, cfn: Any, running: str) -> None:
    where = {"Accounts": [account.id], "Regions": REGIONS[:1]}
    conflicting: list[Callable[[], Any]] = [
        lambda: cfn.create_stack_instances(StackSetName=NAME, **where),
        lambda: cfn.update_stack_instances(StackSetName=NAME, **where),
        lambda: cfn.delete_stack_instances(StackSetName=NAME, **where, RetainStacks=True),
        lambda: cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True),
        lambda: cfn.detect_stack_set_drift(StackSetName=NAME),
        lambda: cfn.delete_stack_set(StackSetName=NAME),
    ]
    for call in conflicting:
        with pytest.raises(cfn.exceptions.OperationInProgressException):
            call()
    assert len(cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]) == 1


def test_sets_do_not_wait_for_each_other(account: Account, cfn: Any, running: str) -> None:
    cfn.create_stack_set(StackSetName="another", TemplateBody=PLAIN)
    where = {"Accounts": [account.id], "Regions": REGIONS}
    succeeded(cfn, cfn.create_stack_instances(StackSetName="another", **where), "another")
    assert operation(cfn, running)["Status"] == "RUNNING"


def test_managed_execution_queues_in_the_order_of_requests(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED, ManagedExecution={"Active": True})
    first = begun(account, cfn)
    second = cfn.update_stack_set(StackSetName=NAME, TemplateBody=PLAIN)["OperationId"]
    third = cfn.delete_stack_instances(
        StackSetName=NAME, Accounts=[account.id], Regions=REGIONS[:1], RetainStacks=False
    )["OperationId"]
    listed = cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]
    assert [(each["OperationId"], each["Status"]) for each in listed] == [
        (third, "QUEUED"),
        (second, "QUEUED"),
        (first, "RUNNING"),
    ]
    with pytest.raises(cfn.exceptions.InvalidOperationException):
        cfn.update_stack_set(
            StackSetName=NAME, UsePreviousTemplate=True, ManagedExecution={"Active": False}
        )

    for region in REGIONS:
        open_gate(account, region)
    assert ended(cfn, {"OperationId": third})["Status"] == "SUCCEEDED"
    ends = [operation(cfn, each)["EndTimestamp"] for each in (first, second, third)]
    assert ends == sorted(ends)
    assert set(states(cfn)) == {(account.id, region) for region in REGIONS[1:]}


def test_a_queued_operation_is_stopped_at_once(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED, ManagedExecution={"Active": True})
    first = begun(account, cfn)
    queued = cfn.update_stack_instances(
        StackSetName=NAME, Accounts=[account.id], Regions=REGIONS[1:]
    )["OperationId"]
    cfn.stop_stack_set_operation(StackSetName=NAME, OperationId=queued)
    assert operation(cfn, queued)["Status"] == "STOPPED"
    assert operation(cfn, first)["Status"] == "RUNNING"


def test_an_operation_id_is_used_once(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    where = {"StackSetName": NAME, "Accounts": [account.id], "Regions": REGIONS[:1]}
    first = cfn.create_stack_instances(**where, OperationId="the-first")
    assert first["OperationId"] == "the-first"
    succeeded(cfn, first)
    with pytest.raises(cfn.exceptions.OperationIdAlreadyExistsException):
        cfn.create_stack_instances(**where, OperationId="the-first")

    succeeded(cfn, cfn.update_stack_instances(**where))
    with pytest.raises(cfn.exceptions.StaleRequestException):
        cfn.create_stack_instances(**where, OperationId="the-first")
    assert len(cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]) == 2


def test_operations_are_listed_with_what_they_were_asked(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    given = {"MaxConcurrentCount": 2, "RegionConcurrencyType": "PARALLEL"}
    begun = cfn.update_stack_set(
        StackSetName=NAME, UsePreviousTemplate=True, OperationPreferences=given
    )
    succeeded(cfn, begun)
    newest, oldest = cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]
    assert (newest["Action"], newest["OperationPreferences"]) == ("UPDATE", given)
    assert (oldest["Action"], oldest["Status"]) == ("CREATE", "SUCCEEDED")
    assert operation(cfn, begun["OperationId"])["OperationPreferences"] == given


def test_results_are_filtered_and_paged(account: Account, cfn: Any, running: str) -> None:
    asked = {"StackSetName": NAME, "OperationId": running}
    waiting = [{"Name": "OPERATION_RESULT_STATUS", "Values": "PENDING"}]
    found = cfn.list_stack_set_operation_results(**asked, Filters=waiting)["Summaries"]
    assert [each["Region"] for each in found] == REGIONS[1:]
    pages = cfn.get_paginator("list_stack_set_operation_results").paginate(
        **asked, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["Summaries"]) for page in pages] == [2, 1]


def test_an_operation_that_never_was(cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    for look in (
        cfn.describe_stack_set_operation,
        cfn.list_stack_set_operation_results,
        cfn.stop_stack_set_operation,
    ):
        with pytest.raises(cfn.exceptions.OperationNotFoundException):
            look(StackSetName=NAME, OperationId="never-was")
