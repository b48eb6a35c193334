"""The function that takes the rules out of a VPC's default security group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.conftest import Function

INGRESS = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "1"}]}]
EGRESS = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


@pytest.fixture
def function(load: Callable[[str], Function]) -> Function:
    return load("close_default_group")


def _expect_group(function: Function, ingress: list[Any], egress: list[Any]) -> None:
    group = {"GroupId": "sg-1", "IpPermissions": ingress, "IpPermissionsEgress": egress}
    filters = [
        {"Name": "vpc-id", "Values": ["vpc-1"]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    function.ec2.add_response(
        "describe_security_groups", {"SecurityGroups": [group]}, {"Filters": filters}
    )


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_it_revokes_whatever_the_group_allows(function: Function, request_type: str) -> None:
    _expect_group(function, INGRESS, EGRESS)
    for way, rules in (("ingress", INGRESS), ("egress", EGRESS)):
        expected = {"GroupId": "sg-1", "IpPermissions": rules}
        function.ec2.add_response(f"revoke_security_group_{way}", {"Return": True}, expected)
    answer = function.call(request_type, VpcId="vpc-1")
    assert (answer.status, answer.physical_id) == ("SUCCESS", "sg-1")


def test_a_closed_group_is_left_alone(function: Function) -> None:
    _expect_group(function, [], [])
    assert function.call("Update", VpcId="vpc-1").status == "SUCCESS"


def test_deleting_it_asks_nothing_of_aws(function: Function) -> None:
    answer = function.call("Delete", VpcId="vpc-1")
    assert (answer.status, answer.physical_id) == ("SUCCESS", "made-before")


def test_a_failure_is_answered_with_its_reason(function: Function) -> None:
    function.ec2.add_client_error("describe_security_groups", "UnauthorizedOperation", "not you")
    answer = function.call("Create", VpcId="vpc-1")
    assert answer.status == "FAILED"
    assert "not you" in str(answer.reason)
