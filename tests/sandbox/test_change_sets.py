"""Change sets: those of nested stacks, what they may be made for, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from generator.sandbox.nested_changes import UNKNOWN
from tests.local_aws import Account
from tests.sandbox.stacks import (
    REGION,
    created,
    nested,
    physical_id,
    queue,
    settled,
    template,
    updated,
    upload,
)

ARN = "arn:aws:sqs:.*"


@pytest.fixture
def cfn(account: Account) -> Any:
    return account.client("cloudformation", REGION)


def source(account: Account, name: str, **properties: Any) -> str:
    """A nested template that offers a queue's ARN."""
    arn = {"Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}}
    body = template({"Queue": queue(QueueName=name, **properties)}, Outputs=arn)
    return upload(account, f"{name}{len(properties)}.json", body)


def user(account: Account) -> str:
    """A nested template that needs it, and takes nothing else."""
    taken = {"Arn": {"Type": "String", "AllowedPattern": ARN}}
    resource = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "/arn", "Type": "String", "Value": {"Ref": "Arn"}},
    }
    return upload(account, "user.json", template({"Parameter": resource}, Parameters=taken))


def root(first: str, second: str) -> str:
    arn = {"Fn::GetAtt": ["First", "Outputs.Arn"]}
    return template({"First": nested(first), "Second": nested(second, Arn=arn)})


def make(cfn: Any, body: str, kind: str = "UPDATE", name: str = "look", **settings: Any) -> str:
    made = cfn.create_change_set(
        StackName="root",
        ChangeSetName=name,
        ChangeSetType=kind,
        TemplateBody=body,
        IncludeNestedStacks=True,
        **settings,
    )
    return str(made["Id"])


def changes(cfn: Any, change_set_id: str) -> dict[str, str]:
    """Every change of a hierarchy by path, nested stacks as what is in them."""
    found: dict[str, str] = {}
    for entry in cfn.describe_change_set(ChangeSetName=change_set_id)["Changes"]:
        change = entry["ResourceChange"]
        name = change["LogicalResourceId"]
        if "ChangeSetId" in change:
            inner = changes(cfn, change["ChangeSetId"])
            found |= {f"{name}/{path}": what for path, what in inner.items()}
        else:
            found[name] = f"{change['Action']} {change.get('Replacement', '')}".strip()
    return found


def children(cfn: Any, change_set_id: str) -> dict[str, str]:
    described = cfn.describe_change_set(ChangeSetName=change_set_id)
    found = [entry["ResourceChange"] for entry in described["Changes"]]
    return {each["LogicalResourceId"]: each["ChangeSetId"] for each in found}


def status(cfn: Any, change_set_id: str) -> tuple[str, str]:
    described = cfn.describe_change_set(ChangeSetName=change_set_id)
    return described["Status"], described["ExecutionStatus"]


def test_where_only_outputs_differ_it_shows_no_change_and_can_be_executed(cfn: Any) -> None:
    body = {"Queue": queue(QueueName="one")}
    created(cfn, "root", template(body))
    change_set = make(cfn, template(body, Outputs={"Name": {"Value": "one"}}))
    assert status(cfn, change_set) == ("CREATE_COMPLETE", "AVAILABLE")
    assert changes(cfn, change_set) == {}
    cfn.execute_change_set(ChangeSetName=change_set)
    assert settled(cfn, "root")["Outputs"][0]["OutputValue"] == "one"
    again = make(cfn, template(body, Outputs={"Name": {"Value": "one"}}), name="again")
    assert status(cfn, again) == ("FAILED", "UNAVAILABLE")


# --- nested


def test_a_new_hierarchy_is_all_adds(cfn: Any, account: Account) -> None:
    body = root(source(account, "one"), user(account))
    change_set = make(cfn, body, "CREATE")
    assert changes(cfn, change_set) == {"First/Queue": "Add", "Second/Parameter": "Add"}
    second = cfn.describe_change_set(ChangeSetName=children(cfn, change_set)["Second"])
    assert second["Parameters"] == [{"ParameterKey": "Arn", "ParameterValue": UNKNOWN}]
    cfn.execute_change_set(ChangeSetName=change_set)
    assert settled(cfn, "root")["StackStatus"] == "CREATE_COMPLETE"
    assert len(cfn.list_stacks()["StackSummaries"]) == 3


def test_a_hierarchy_knows_its_members(cfn: Any, account: Account) -> None:
    middle = upload(account, "middle.json", template({"Leaf": nested(source(account, "one"))}))
    top = make(cfn, template({"Middle": nested(middle)}), "CREATE")
    middle_id = children(cfn, top)["Middle"]
    leaf_id = children(cfn, middle_id)["Leaf"]
    described = [cfn.describe_change_set(ChangeSetName=each) for each in (top, middle_id, leaf_id)]
    assert [each["IncludeNestedStacks"] for each in described] == [True, True, True]
    assert [each.get("ParentChangeSetId") for each in described] == [None, top, middle_id]
    assert [each.get("RootChangeSetId") for each in described] == [None, top, top]


def test_nothing_new_is_no_change_anywhere(cfn: Any, account: Account) -> None:
    body = root(source(account, "one"), user(account))
    created(cfn, "root", body)
    change_set = make(cfn, body)
    described = cfn.describe_change_set(ChangeSetName=change_set)
    assert (described["Status"], described["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert described["StatusReason"].startswith("The submitted information didn't contain changes")


def test_a_change_in_place_stays_in_its_stack(cfn: Any, account: Account) -> None:
    using = user(account)
    created(cfn, "root", root(source(account, "one"), using))
    change_set = make(cfn, root(source(account, "one", DelaySeconds=5), using))
    assert changes(cfn, change_set) == {"First/Queue": "Modify False"}


def test_a_replacement_reaches_what_uses_it(cfn: Any, account: Account) -> None:
    using = user(account)
    created(cfn, "root", root(source(account, "one"), using))
    change_set = make(cfn, root(source(account, "two"), using))
    assert changes(cfn, change_set) == {
        "First/Queue": "Modify True",
        "Second/Parameter": "Modify False",
    }
    cfn.execute_change_set(ChangeSetName=change_set)
    assert settled(cfn, "root")["StackStatus"] == "UPDATE_COMPLETE"
    ssm = account.client("ssm", REGION)
    assert ssm.get_parameter(Name="/arn")["Parameter"]["Value"].endswith(":two")


def test_new_tags_reach_every_stack(cfn: Any, account: Account) -> None:
    body = root(source(account, "one"), user(account))
    created(cfn, "root", body)
    change_set = make(cfn, body, Tags=[{"Key": "project", "Value": "platform"}])
    assert set(changes(cfn, change_set)) == {"First/Queue", "Second/Parameter"}


def test_a_nested_stack_that_goes_is_one_remove(cfn: Any, account: Account) -> None:
    first = source(account, "one")
    created(cfn, "root", root(first, user(account)))
    assert changes(cfn, make(cfn, template({"First": nested(first)}))) == {"Second": "Remove"}


def test_a_nested_template_that_is_not_there_fails_the_root(cfn: Any, account: Account) -> None:
    first = source(account, "one")
    created(cfn, "root", template({"First": nested(first)}))
    change_set = make(cfn, root(first, first.replace("one0", "none")))
    described = cfn.describe_change_set(ChangeSetName=change_set)
    assert (described["Status"], described["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "The specified key does not exist" in described["StatusReason"]


def test_nested_ones_are_executed_and_deleted_by_their_root(cfn: Any, account: Account) -> None:
    using = user(account)
    created(cfn, "root", root(source(account, "one"), using))
    change_set = make(cfn, root(source(account, "one", DelaySeconds=5), using))
    child = children(cfn, change_set)["First"]
    for act in (cfn.execute_change_set, cfn.delete_change_set):
        with pytest.raises(cfn.exceptions.InvalidChangeSetStatusException, match="root"):
            act(ChangeSetName=child)
    cfn.delete_change_set(ChangeSetName=change_set)
    with pytest.raises(cfn.exceptions.ChangeSetNotFoundException):
        cfn.describe_change_set(ChangeSetName=child)


def test_what_became_of_the_root_became_of_its_children(cfn: Any, account: Account) -> None:
    using = user(account)
    created(cfn, "root", root(source(account, "one"), using))
    change_set = make(cfn, root(source(account, "one", DelaySeconds=5), using))
    child = children(cfn, change_set)["First"]
    assert status(cfn, child) == ("CREATE_COMPLETE", "AVAILABLE")
    cfn.execute_change_set(ChangeSetName=change_set)
    settled(cfn, "root")
    assert status(cfn, child) == ("CREATE_COMPLETE", "EXECUTE_COMPLETE")


def test_without_include_nested_stacks_there_are_none(cfn: Any, account: Account) -> None:
    body = template({"First": nested(source(account, "one"))})
    made = cfn.create_change_set(
        StackName="root", ChangeSetName="look", ChangeSetType="CREATE", TemplateBody=body
    )
    described = cfn.describe_change_set(ChangeSetName=made["Id"])
    assert described["IncludeNestedStacks"] is False
    assert "ChangeSetId" not in described["Changes"][0]["ResourceChange"]


# --- states


ONE = template({"Queue": queue()})
TWO = template({"Queue": queue(), "Other": queue()})


def test_one_that_is_overtaken_is_obsolete(cfn: Any) -> None:
    created(cfn, "root", ONE)
    change_set = make(cfn, TWO)
    updated(cfn, "root", template({"Queue": queue(), "Third": queue()}))
    assert status(cfn, change_set) == ("CREATE_COMPLETE", "OBSOLETE")
    with pytest.raises(cfn.exceptions.InvalidChangeSetStatusException):
        cfn.execute_change_set(ChangeSetName=change_set)


def test_the_others_go_when_one_is_executed(cfn: Any) -> None:
    created(cfn, "root", ONE)
    one, other = make(cfn, TWO), make(cfn, TWO, name="other")
    cfn.execute_change_set(ChangeSetName=one)
    settled(cfn, "root")
    with pytest.raises(cfn.exceptions.ChangeSetNotFoundException):
        cfn.describe_change_set(ChangeSetName=other)


def test_a_stack_in_review_keeps_its_id(cfn: Any) -> None:
    ids = {
        cfn.create_change_set(
            StackName="root", ChangeSetName=name, ChangeSetType="CREATE", TemplateBody=ONE
        )["StackId"]
        for name in ("one", "two")
    }
    assert ids == {cfn.describe_stacks(StackName="root")["Stacks"][0]["StackId"]}
    cfn.execute_change_set(ChangeSetName="two", StackName="root")
    assert settled(cfn, ids.pop())["StackStatus"] == "CREATE_COMPLETE"


def test_a_stack_that_stands_is_not_created_again(cfn: Any) -> None:
    created(cfn, "root", ONE)
    with pytest.raises(cfn.exceptions.AlreadyExistsException, match="cannot be created again"):
        make(cfn, TWO, "CREATE")


def test_a_stack_that_rolled_back_can_only_be_deleted(cfn: Any) -> None:
    broken = template({"Broken": queue(QueueName="{{resolve:ssm:/there/is/none}}")})
    stack = created(cfn, "root", broken)
    with pytest.raises(ClientError, match=f"Stack:{stack['StackId']} is in ROLLBACK_COMPLETE"):
        make(cfn, ONE)
    with pytest.raises(cfn.exceptions.AlreadyExistsException):
        make(cfn, ONE, "CREATE")


def test_a_stacks_id_is_as_good_as_its_name(cfn: Any) -> None:
    stack_id = created(cfn, "root", ONE)["StackId"]
    make(cfn, TWO)
    found = cfn.describe_change_set(ChangeSetName="look", StackName=stack_id)
    assert found["StackId"] == stack_id
    assert len(cfn.list_change_sets(StackName=stack_id)["Summaries"]) == 1
    cfn.execute_change_set(ChangeSetName="look", StackName=stack_id)
    assert physical_id(cfn, "root", "Other") if settled(cfn, "root") else False


def test_the_same_request_with_the_same_token_is_answered_alike(cfn: Any) -> None:
    created(cfn, "root", ONE)
    one = make(cfn, TWO, ClientToken="again")
    assert make(cfn, TWO, ClientToken="again") == one
    with pytest.raises(cfn.exceptions.AlreadyExistsException):
        make(cfn, TWO, ClientToken="other")


def test_what_is_no_echo_is_not_shown(cfn: Any) -> None:
    secret = {"Secret": {"Type": "String", "NoEcho": True}}
    body = template({"Queue": queue()}, Parameters=secret)
    given = [{"ParameterKey": "Secret", "ParameterValue": "hunter2"}]
    change_set = make(cfn, body, "CREATE", Parameters=given)
    found = cfn.describe_change_set(ChangeSetName=change_set)["Parameters"]
    assert found == [{"ParameterKey": "Secret", "ParameterValue": "****"}]
