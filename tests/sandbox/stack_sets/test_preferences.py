"""OperationPreferences: order, concurrency and failure tolerance, seen from outside."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from generator.sandbox.stack_sets.preferences import limits
from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import (
    GATED,
    NAME,
    NEEDY,
    PLAIN,
    REGIONS,
    code,
    ended,
    neighbour,
    open_gate,
    operation,
    result_statuses,
    results,
    stacks,
    states,
    succeeded,
    supply,
    until,
)


@pytest.fixture
def accounts(account: Account) -> list[Account]:
    """Four target accounts."""
    return [neighbour(account, number) for number in (2, 3, 4, 5)]


def create(cfn: Any, accounts: list[Account], regions: list[str], **preferences: Any) -> str:
    answer = cfn.create_stack_instances(
        StackSetName=NAME,
        Accounts=[each.id for each in accounts],
        Regions=regions,
        OperationPreferences=preferences,
    )
    return str(answer["OperationId"])


def seen(cfn: Any, operation_id: str, **expected: int) -> None:
    """Wait until the results of an operation count like this."""
    until(lambda: Counter(result_statuses(cfn, operation_id)) == Counter(expected))


def succeeded_so_far(cfn: Any, operation_id: str, number: int) -> None:
    until(lambda: result_statuses(cfn, operation_id).count("SUCCEEDED") == number)


def test_regions_go_in_the_order_asked_for(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED)
    order = [REGIONS[2], REGIONS[0]]
    begun = create(cfn, [account], REGIONS, RegionOrder=order)
    for done, region in enumerate([*order, REGIONS[1]], start=1):
        until(lambda: "RUNNING" in result_statuses(cfn, begun))
        found = results(cfn, begun).values()
        assert [each["Region"] for each in found if each["Status"] == "RUNNING"] == [region]
        open_gate(account, region)
        succeeded_so_far(cfn, begun, done)
    assert ended(cfn, {"OperationId": begun})["Status"] == "SUCCEEDED"


def test_regions_go_in_parallel_when_asked(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED)
    begun = create(cfn, [account], REGIONS, RegionConcurrencyType="PARALLEL")
    seen(cfn, begun, RUNNING=3)
    for region in reversed(REGIONS):
        open_gate(account, region)
    assert ended(cfn, {"OperationId": begun})["Status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    "preferences, at_once",
    [
        ({}, 1),
        ({"MaxConcurrentCount": 3}, 1),
        ({"MaxConcurrentCount": 3, "FailureToleranceCount": 1}, 2),
        ({"MaxConcurrentCount": 3, "FailureToleranceCount": 2}, 3),
        ({"MaxConcurrentCount": 3, "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}, 3),
        ({"MaxConcurrentPercentage": 50, "FailureTolerancePercentage": 25}, 2),
    ],
    ids=str,
)
def test_so_many_accounts_are_worked_on_at_once(
    cfn: Any, accounts: list[Account], preferences: dict[str, Any], at_once: int
) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED)
    begun = create(cfn, accounts, REGIONS[:1], **preferences)
    seen(cfn, begun, RUNNING=at_once, PENDING=4 - at_once)


def test_a_failure_beyond_tolerance_cancels_what_has_not_begun(
    cfn: Any, accounts: list[Account]
) -> None:
    first, second, third, _ = accounts
    for each in (first, third):
        supply(each, REGIONS[0])
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=NEEDY)
    begun = create(cfn, accounts, REGIONS[:2])

    found = ended(cfn, {"OperationId": begun})
    assert found["Status"] == "FAILED"
    assert found["StatusDetails"]["FailedStackInstancesCount"] == 1
    assert result_statuses(cfn, begun) == ["SUCCEEDED", "FAILED"] + ["CANCELLED"] * 6
    cancelled = results(cfn, begun)[third.id, REGIONS[0]]["StatusReason"]
    assert cancelled == "Cancelled since failure tolerance has exceeded"
    assert states(cfn)[first.id, REGIONS[0]] == ("CURRENT", "SUCCEEDED")
    assert states(cfn)[second.id, REGIONS[0]] == ("OUTDATED", "FAILED")
    assert states(cfn)[third.id, REGIONS[0]] == ("OUTDATED", "CANCELLED")
    assert stacks(third, REGIONS[0]) == []


@pytest.mark.parametrize(
    "tolerance", [{"FailureToleranceCount": 1}, {"FailureTolerancePercentage": 49}], ids=str
)
def test_tolerated_failures_leave_the_operation_a_success(
    cfn: Any, accounts: list[Account], tolerance: dict[str, Any]
) -> None:
    for each in accounts[1:]:
        supply(each, REGIONS[0])
    for each in accounts[:3]:
        supply(each, REGIONS[1])
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=NEEDY)
    begun = create(cfn, accounts, REGIONS[:2], **tolerance)
    found = succeeded(cfn, {"OperationId": begun})
    assert found["StatusDetails"]["FailedStackInstancesCount"] == 2
    assert Counter(result_statuses(cfn, begun)) == Counter(SUCCEEDED=6, FAILED=2)


def test_in_parallel_what_has_begun_elsewhere_is_finished(account: Account, cfn: Any) -> None:
    others = [account, neighbour(account)]
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED)
    begun = create(cfn, others, REGIONS, RegionConcurrencyType="PARALLEL")
    seen(cfn, begun, RUNNING=3, PENDING=3)
    open_gate(account, REGIONS[0], "FAILURE")
    seen(cfn, begun, FAILED=1, RUNNING=2, PENDING=3)
    for region in REGIONS[1:]:
        open_gate(account, region)
    assert ended(cfn, {"OperationId": begun})["Status"] == "FAILED"
    assert Counter(result_statuses(cfn, begun)) == Counter(FAILED=1, SUCCEEDED=2, CANCELLED=3)


@pytest.mark.parametrize(
    "preferences",
    [
        {"FailureToleranceCount": 1, "FailureTolerancePercentage": 1},
        {"MaxConcurrentCount": 1, "MaxConcurrentPercentage": 1},
        {"MaxConcurrentPercentage": 101},
        {"RegionConcurrencyType": "SOMETIMES"},
        {"ConcurrencyMode": "HARD"},
        {"RegionOrder": ["eu-west-1", "eu-west-1"]},
    ],
    ids=str,
)
def test_preferences_that_contradict_themselves_are_refused(
    account: Account, cfn: Any, preferences: dict[str, Any]
) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    with pytest.raises(ClientError) as error:
        create(cfn, [account], REGIONS, **preferences)
    assert code(error) == "ValidationError"
    assert cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"] == []
    assert states(cfn) == {}


@pytest.mark.parametrize(
    "preferences, accounts, failures, at_once",
    [
        ({"MaxConcurrentCount": 10, "FailureToleranceCount": 4}, 20, 0, 5),
        ({"MaxConcurrentCount": 10, "FailureToleranceCount": 4}, 20, 3, 2),
        ({"MaxConcurrentCount": 3, "FailureToleranceCount": 4}, 20, 0, 3),
        ({"MaxConcurrentPercentage": 1}, 20, 0, 1),
        ({"MaxConcurrentCount": 9, "FailureTolerancePercentage": 49}, 4, 0, 2),
        ({"MaxConcurrentPercentage": 100, "FailureTolerancePercentage": 99}, 3, 0, 3),
    ],
)
def test_strict_tolerance_lowers_the_concurrency_with_each_failure(
    preferences: dict[str, Any], accounts: int, failures: int, at_once: int
) -> None:
    assert limits(preferences, accounts).at_once(failures) == at_once


def test_an_operation_without_instances_is_a_success(cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    begun = cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True)
    succeeded(cfn, begun)
    assert operation(cfn, begun["OperationId"])["StatusDetails"]["FailedStackInstancesCount"] == 0
