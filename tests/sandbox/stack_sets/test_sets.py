"""Sets: create, describe, list, update, delete, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import (
    NAME,
    NEEDY,
    PLAIN,
    REGIONS,
    code,
    display_names,
    everywhere,
    named_template,
    standing,
    states,
    succeeded,
    template,
    topic,
)

ROLE = "arn:aws:iam::111122223333:role/Administration"


def described(cfn: Any, name: str = NAME) -> Any:
    return cfn.describe_stack_set(StackSetName=name)["StackSet"]


def test_a_set_answers_what_it_was_made_of(account: Account, cfn: Any) -> None:
    made = cfn.create_stack_set(
        StackSetName=NAME,
        Description="what it is for",
        TemplateBody=named_template(),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "project", "Value": "<platform> & more"}],
        AdministrationRoleARN=ROLE,
        ExecutionRoleName="Execution",
        ManagedExecution={"Active": True},
    )

    found = described(cfn)
    assert found["StackSetId"] == made["StackSetId"]
    assert found["StackSetId"].startswith(f"{NAME}:")
    arn = f"arn:aws:cloudformation:us-east-1:{account.id}:stackset/{found['StackSetId']}"
    assert found["StackSetARN"] == arn
    assert found["Status"] == "ACTIVE"
    assert found["Description"] == "what it is for"
    assert found["TemplateBody"] == named_template()
    assert found["Parameters"] == [{"ParameterKey": "Name", "ParameterValue": "plain"}]
    assert found["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
    assert found["Tags"] == [{"Key": "project", "Value": "<platform> & more"}]
    assert (found["AdministrationRoleARN"], found["ExecutionRoleName"]) == (ROLE, "Execution")
    assert found["ManagedExecution"] == {"Active": True}
    assert found["PermissionModel"] == "SELF_MANAGED"
    assert found["Regions"] == []
    assert cfn.describe_stack_set(StackSetName=found["StackSetId"])["StackSet"] == found


def test_roles_are_aws_own_unless_others_are_named(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    found = described(cfn)
    role = f"arn:aws:iam::{account.id}:role/AWSCloudFormationStackSetAdministrationRole"
    assert found["AdministrationRoleARN"] == role
    assert found["ExecutionRoleName"] == "AWSCloudFormationStackSetExecutionRole"


def test_the_same_request_again_makes_no_second_set(cfn: Any) -> None:
    request = {"StackSetName": NAME, "TemplateBody": PLAIN, "ClientRequestToken": "once"}
    made = cfn.create_stack_set(**request)["StackSetId"]
    assert cfn.create_stack_set(**request)["StackSetId"] == made
    assert len(cfn.list_stack_sets()["Summaries"]) == 1

    with pytest.raises(cfn.exceptions.NameAlreadyExistsException):
        cfn.create_stack_set(**request | {"ClientRequestToken": "twice"})

    cfn.update_stack_set(StackSetName=NAME, TemplateBody=named_template())
    with pytest.raises(cfn.exceptions.CreatedButModifiedException):
        cfn.create_stack_set(**request)


def test_sets_belong_to_an_account_and_a_region(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    elsewhere = account.client("cloudformation", "eu-west-1")
    assert elsewhere.list_stack_sets()["Summaries"] == []
    with pytest.raises(elsewhere.exceptions.StackSetNotFoundException):
        elsewhere.describe_stack_set(StackSetName=NAME)
    other = account._replace(id="9" + account.id[1:]).client("cloudformation")
    with pytest.raises(other.exceptions.StackSetNotFoundException):
        other.describe_stack_set(StackSetName=NAME)


def test_sets_are_listed_in_pages_and_by_status(cfn: Any) -> None:
    for name in ("one", "two", "three"):
        cfn.create_stack_set(StackSetName=name, TemplateBody=PLAIN)
    cfn.delete_stack_set(StackSetName="two")

    pages = cfn.get_paginator("list_stack_sets").paginate(PaginationConfig={"PageSize": 2})
    assert [[each["StackSetName"] for each in page["Summaries"]] for page in pages] == [
        ["one", "two"],
        ["three"],
    ]
    active = cfn.list_stack_sets(Status="ACTIVE")["Summaries"]
    assert [each["StackSetName"] for each in active] == ["one", "three"]
    assert [each["Status"] for each in cfn.list_stack_sets()["Summaries"]].count("DELETED") == 1
    with pytest.raises(ClientError) as error:
        cfn.list_stack_sets(NextToken="of-something-else")
    assert code(error) == "ValidationError"


def test_a_deleted_set_is_gone_by_name_and_its_name_is_free(cfn: Any) -> None:
    first = cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)["StackSetId"]
    cfn.delete_stack_set(StackSetName=NAME)
    with pytest.raises(cfn.exceptions.StackSetNotFoundException):
        described(cfn)
    assert described(cfn, first)["Status"] == "DELETED"
    assert cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)["StackSetId"] != first
    cfn.delete_stack_set(StackSetName="never-made")


def test_a_set_with_instances_is_not_deleted(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    with pytest.raises(cfn.exceptions.StackSetNotEmptyException):
        cfn.delete_stack_set(StackSetName=NAME)
    succeeded(
        cfn,
        cfn.delete_stack_instances(
            StackSetName=NAME, Accounts=[account.id], Regions=REGIONS, RetainStacks=False
        ),
    )
    cfn.delete_stack_set(StackSetName=NAME)


def test_an_update_reaches_every_instance(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    tags = [{"Key": "project", "Value": "platform"}]
    body = template(Topic=topic(DisplayName="newer"))
    succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, TemplateBody=body, Tags=tags))

    assert described(cfn)["TemplateBody"] == body
    for region in REGIONS:
        assert display_names(account, region) == ["newer"]
        (stack,) = account.client("cloudformation", region).describe_stacks()["Stacks"]
        assert stack["Tags"] == tags
    assert set(states(cfn).values()) == {("CURRENT", "SUCCEEDED")}


def test_an_update_of_some_regions_leaves_the_others_outdated(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    body = template(Topic=topic(DisplayName="newer"))
    some = {"Accounts": [account.id], "Regions": REGIONS[:1]}
    succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, TemplateBody=body, **some))

    assert everywhere(account) == ["newer", "plain", "plain"]
    assert [state for state, _ in states(cfn).values()] == ["CURRENT", "OUTDATED", "OUTDATED"]

    succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True))
    assert everywhere(account) == ["newer"] * 3


def test_an_update_without_template_or_parameters_outdates_nothing(
    account: Account, cfn: Any
) -> None:
    standing(cfn, account)
    some = {"Accounts": [account.id], "Regions": REGIONS[:1]}
    begun = cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True, **some)
    succeeded(cfn, begun)
    assert set(states(cfn).values()) == {("CURRENT", "SUCCEEDED")}


def test_tags_stay_unless_given_and_go_when_given_empty(account: Account, cfn: Any) -> None:
    standing(cfn, account, Tags=[{"Key": "project", "Value": "platform"}])
    regional = account.client("cloudformation", REGIONS[1])
    succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True))
    assert len(regional.describe_stacks()["Stacks"][0]["Tags"]) == 1
    succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True, Tags=[]))
    assert regional.describe_stacks()["Stacks"][0]["Tags"] == []


def test_parameters_are_given_kept_or_the_defaults(account: Account, cfn: Any) -> None:
    given = [{"ParameterKey": "Name", "ParameterValue": "given"}]
    standing(cfn, account, named_template(), Parameters=given)
    assert display_names(account, REGIONS[2]) == ["given"]

    kept = [{"ParameterKey": "Name", "UsePreviousValue": True}]
    again = {"StackSetName": NAME, "UsePreviousTemplate": True}
    succeeded(cfn, cfn.update_stack_set(**again, Parameters=kept))
    assert display_names(account, REGIONS[2]) == ["given"]
    succeeded(cfn, cfn.update_stack_set(**again))
    assert display_names(account, REGIONS[2]) == ["plain"]


def test_secret_parameters_are_not_answered(account: Account, cfn: Any) -> None:
    body = json.loads(named_template(None))
    body["Parameters"]["Name"]["NoEcho"] = True
    secret = [{"ParameterKey": "Name", "ParameterValue": "sesame"}]
    standing(cfn, account, json.dumps(body), Parameters=secret)
    assert described(cfn)["Parameters"] == [{"ParameterKey": "Name", "ParameterValue": "****"}]
    assert display_names(account, REGIONS[0]) == ["sesame"]


def test_a_template_may_be_an_object_longer_than_a_request(account: Account, cfn: Any) -> None:
    body = json.loads(PLAIN) | {"Metadata": {"Padding": "x" * 60_000}}
    s3 = account.client("s3")
    s3.create_bucket(Bucket=f"templates-{account.id}")
    s3.put_object(Bucket=f"templates-{account.id}", Key="long.json", Body=json.dumps(body))
    url = f"https://templates-{account.id}.s3.us-east-1.amazonaws.com/long.json"

    cfn.create_stack_set(StackSetName=NAME, TemplateURL=url)
    where = {"Accounts": [account.id], "Regions": ["us-east-1"]}
    succeeded(cfn, cfn.create_stack_instances(StackSetName=NAME, **where))
    assert described(cfn)["TemplateBody"] == json.dumps(body)
    assert display_names(account, "us-east-1") == ["plain"]


ROLE_TEMPLATE = template(
    Role={
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "named", "AssumeRolePolicyDocument": {}},
    }
)


@pytest.mark.parametrize(
    "request_, expected",
    [
        ({"TemplateBody": "not a template"}, "ValidationError"),
        ({"TemplateBody": "{}"}, "ValidationError"),
        ({"TemplateBody": template(Odd={"Type": "AWS::No::Such"})}, "ValidationError"),
        ({}, "ValidationError"),
        ({"TemplateBody": PLAIN, "TemplateURL": "https://b.s3.amazonaws.com/k"}, "ValidationError"),
        ({"TemplateURL": "https://no-such-bucket.s3.amazonaws.com/k"}, "ValidationError"),
        ({"TemplateBody": PLAIN, "StackSetName": "1-wrong"}, "ValidationError"),
        ({"TemplateBody": named_template(None)}, "ValidationError"),
        (
            {
                "TemplateBody": PLAIN,
                "Parameters": [{"ParameterKey": "Nobody", "ParameterValue": "x"}],
            },
            "ValidationError",
        ),
        ({"TemplateBody": PLAIN, "Tags": [{"Key": "aws:x", "Value": "y"}]}, "ValidationError"),
        ({"TemplateBody": PLAIN, "StackId": "arn:of-a-stack"}, "ValidationError"),
        ({"TemplateBody": PLAIN, "CallAs": "DELEGATED_ADMIN"}, "ValidationError"),
        ({"TemplateBody": PLAIN, "AutoDeployment": {"Enabled": True}}, "ValidationError"),
        ({"TemplateBody": ROLE_TEMPLATE}, "InsufficientCapabilitiesException"),
        (
            {"TemplateBody": ROLE_TEMPLATE, "Capabilities": ["CAPABILITY_IAM"]},
            "InsufficientCapabilitiesException",
        ),
    ],
    ids=str,
)
def test_a_set_that_can_not_be_is_refused(
    cfn: Any, request_: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ClientError) as error:
        cfn.create_stack_set(**{"StackSetName": NAME} | request_)
    assert code(error) == expected
    assert cfn.list_stack_sets()["Summaries"] == []


def test_capabilities_let_roles_pass(cfn: Any) -> None:
    cfn.create_stack_set(
        StackSetName=NAME, TemplateBody=ROLE_TEMPLATE, Capabilities=["CAPABILITY_NAMED_IAM"]
    )


def test_an_update_of_its_own_role_must_be_named_again(cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN, AdministrationRoleARN=ROLE)
    with pytest.raises(ClientError, match="AdministrationRoleARN must be specified again"):
        cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True)
    cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True, AdministrationRoleARN=ROLE)


@pytest.mark.parametrize("missing", ["Accounts", "Regions"])
def test_an_update_names_accounts_and_regions_or_neither(
    account: Account, cfn: Any, missing: str
) -> None:
    standing(cfn, account)
    some = {"Accounts": [account.id], "Regions": REGIONS[:1]}
    del some[missing]
    with pytest.raises(ClientError, match="together with Regions"):
        cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True, **some)


def test_an_update_where_no_instance_is(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=NEEDY)
    some = {"Accounts": [account.id], "Regions": REGIONS[:1]}
    with pytest.raises(cfn.exceptions.StackInstanceNotFoundException):
        cfn.update_stack_set(StackSetName=NAME, TemplateBody=PLAIN, **some)
    assert described(cfn)["TemplateBody"] == NEEDY
    succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, TemplateBody=PLAIN))
    assert described(cfn)["TemplateBody"] == PLAIN
