"""The function that finds a managed prefix list by its name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.functions.conftest import Function

NAME = "com.amazonaws.global.cloudfront.origin-facing"


@pytest.fixture
def function(load: Callable[[str], Function]) -> Function:
    return load("find_prefix_list")


def _expect_lists(function: Function, *found: str) -> None:
    filters = [
        {"Name": "prefix-list-name", "Values": [NAME]},
        {"Name": "owner-id", "Values": ["AWS"]},
    ]
    lists = [{"PrefixListId": one, "PrefixListName": NAME} for one in found]
    function.ec2.add_response(
        "describe_managed_prefix_lists", {"PrefixLists": lists}, {"Filters": filters}
    )


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_it_answers_with_the_id_of_the_list_that_aws_owns(
    function: Function, request_type: str
) -> None:
    _expect_lists(function, "pl-22a6434b")
    answer = function.call(request_type, PrefixListName=NAME)
    assert answer.status == "SUCCESS"
    assert answer.data == {"PrefixListId": "pl-22a6434b"}
    assert answer.physical_id == "pl-22a6434b"


@pytest.mark.parametrize("found", [(), ("pl-1", "pl-2")])
def test_no_list_or_two_are_a_failure_with_a_reason(
    function: Function, found: tuple[str, ...]
) -> None:
    _expect_lists(function, *found)
    answer = function.call("Create", PrefixListName=NAME)
    assert answer.status == "FAILED"
    assert NAME in str(answer.reason)


def test_deleting_it_asks_nothing_of_aws(function: Function) -> None:
    assert function.call("Delete", PrefixListName=NAME).status == "SUCCESS"


def test_a_failure_is_answered_with_its_reason(function: Function) -> None:
    function.ec2.add_client_error("describe_managed_prefix_lists", "RequestLimitExceeded", "slower")
    answer = function.call("Update", PrefixListName=NAME)
    assert (answer.status, answer.physical_id) == ("FAILED", "made-before")
    assert "slower" in str(answer.reason)
