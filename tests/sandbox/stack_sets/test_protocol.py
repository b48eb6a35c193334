"""The Query protocol: what botocore's model does not know is refused by its name."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from xml.etree import ElementTree

import pytest

from generator.sandbox.stack_sets import ACTIONS
from generator.sandbox.stack_sets.protocol import parse, service
from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import PLAIN

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/cloudformation/aws4_request, "
    "SignedHeaders=host, Signature=none"
)


def ask(account: Account, **members: str) -> tuple[int, str, str]:
    """A request as no SDK would send it; the answer's status, error code and message."""
    request = urllib.request.Request(
        account.sandbox.endpoint,
        urllib.parse.urlencode(members).encode(),
        {"Authorization": AUTHORIZATION.format(account=account.id)},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, "", ""
    except urllib.error.HTTPError as error:
        with error:
            found = ElementTree.fromstring(error.read())
        texts = {each.tag.rpartition("}")[2]: each.text or "" for each in found.iter()}
        return error.code, texts["Code"], texts["Message"]


@pytest.mark.parametrize(
    "members, named",
    [
        ({"Surprise": "1"}, "Surprise"),
        ({"Tags.member.1.Colour": "red"}, "Tags.member.1.Colour"),
        ({"OperationPreferences.Speed": "high"}, "OperationPreferences.Speed"),
        ({"ManagedExecution.Active": "perhaps"}, "ManagedExecution.Active"),
        ({"PermissionModel": "NONE_AT_ALL"}, "permissionModel"),
        ({"Tags.member.1.Key": "only"}, "tags.1.member.value"),
        ({"Description": "x" * 1025}, "description"),
        ({"ExecutionRoleName": "with spaces"}, "executionRoleName"),
    ],
    ids=str,
)
def test_what_the_action_does_not_know_is_refused_by_name(
    account: Account, members: dict[str, str], named: str
) -> None:
    known = {"Action": "CreateStackSet", "StackSetName": "s", "TemplateBody": PLAIN}
    status, code, message = ask(account, **known, **members)
    assert (status, code) == (400, "ValidationError")
    assert named in message


def test_all_that_is_wrong_is_said_at_once(account: Account) -> None:
    _, _, message = ask(account, Action="CreateStackInstances", OperationId="-")
    assert message.startswith("3 validation errors detected")
    assert "stackSetName" in message
    assert "regions" in message
    assert "operationId" in message


def test_an_action_of_stack_sets_that_is_not_known_is_refused(account: Account) -> None:
    status, code, message = ask(account, Action="ImportStacksToStackSet", StackSetName="s")
    assert (status, code) == (400, "InvalidAction")
    assert "ImportStacksToStackSet" in message


def test_only_the_import_of_stacks_is_left_out_of_the_api() -> None:
    operations = service().operation_names
    api = {name for name in operations if "StackSet" in name or "StackInstance" in name}
    assert api - set(ACTIONS) == {"ImportStacksToStackSet"}


def test_members_are_typed_and_an_empty_list_is_a_list() -> None:
    request = parse(
        "UpdateStackInstances",
        {
            "Action": ["UpdateStackInstances"],
            "StackSetName": ["s"],
            "Accounts.member.1": ["111122223333"],
            "Regions.member.1": ["eu-west-1"],
            "Regions.member.2": ["us-east-1"],
            "ParameterOverrides": [""],
            "OperationPreferences.MaxConcurrentCount": ["2"],
        },
    )
    assert request == {
        "StackSetName": "s",
        "Accounts": ["111122223333"],
        "Regions": ["eu-west-1", "us-east-1"],
        "ParameterOverrides": [],
        "OperationPreferences": {"MaxConcurrentCount": 2},
    }
