"""A nested stack is a whole stack: outputs, exports, rollback, retained resources, events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_aws import Account
from tests.sandbox.stacks import (
    REGION,
    broken,
    created,
    deleted,
    events,
    nested,
    outputs,
    physical_id,
    queue,
    settled,
    template,
    updated,
    upload,
)

CHILD = {
    "Parameters": {"Name": {"Type": "String"}, "Works": {"Type": "String", "Default": "yes"}},
    "Conditions": {"Fails": {"Fn::Equals": [{"Ref": "Works"}, "no"]}},
    "Outputs": {
        "Arn": {
            "Value": {"Fn::GetAtt": ["Queue", "Arn"]},
            "Export": {"Name": {"Fn::Sub": "${Name}-arn"}},
        }
    },
}


@pytest.fixture
def cfn(account: Account) -> Any:
    return account.client("cloudformation", REGION)


@pytest.fixture
def child(account: Account) -> str:
    """A nested template's URL: a queue and a retained one; it can be made to fail."""
    resources = {
        "Queue": queue(QueueName={"Ref": "Name"}),
        "Kept": queue() | {"DeletionPolicy": "Retain"},
        "Broken": broken(Condition="Fails", DependsOn="Queue"),
    }
    return upload(account, "child.json", template(resources, **CHILD))


def root(url: str, **parameters: str) -> str:
    """Two nested stacks, of which the second is named after an output of the first."""
    number = {"Fn::Select": ["5", {"Fn::Split": [":", {"Fn::GetAtt": ["One", "Outputs.Arn"]}]}]}
    second = nested(url, Name={"Fn::Sub": ["${Number}-second", {"Number": number}]}, **parameters)
    found = {"Found": {"Value": {"Fn::GetAtt": ["Two", "Outputs.Arn"]}}}
    return template({"One": nested(url, Name="first"), "Two": second}, Outputs=found)


def failures(cfn: Any, name: str, status: str) -> list[dict[str, Any]]:
    return [each for each in events(cfn, name) if each["ResourceStatus"] == status]


def test_outputs_travel_and_exports_are_exported(cfn: Any, child: str) -> None:
    stack = created(cfn, "root", root(child))
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert outputs(stack)["Found"].endswith(":first-second")
    exported = {each["Name"] for each in cfn.list_exports()["Exports"]}
    assert exported == {"first-arn", "first-second-arn"}


def test_a_nested_stack_says_whose_it_is(cfn: Any, account: Account, child: str) -> None:
    middle = upload(account, "middle.json", template({"Leaf": nested(child, Name="leaf")}))
    stack_id = created(cfn, "root", template({"Middle": nested(middle)}))["StackId"]
    middle_id = physical_id(cfn, "root", "Middle")
    leaf_id = physical_id(cfn, middle_id, "Leaf")
    family = {
        each["StackId"]: (each.get("ParentId"), each.get("RootId"))
        for each in cfn.describe_stacks()["Stacks"]
    }
    assert family == {
        stack_id: (None, None),
        middle_id: (stack_id, stack_id),
        leaf_id: (middle_id, stack_id),
    }
    listed = {each["StackId"]: each.get("ParentId") for each in cfn.list_stacks()["StackSummaries"]}
    assert listed[leaf_id] == middle_id


def test_tags_and_capabilities_are_the_parents(cfn: Any, child: str) -> None:
    tags = [{"Key": "project", "Value": "platform"}]
    created(cfn, "root", root(child), Tags=tags, Capabilities=["CAPABILITY_IAM"])
    stack = cfn.describe_stacks(StackName=physical_id(cfn, "root", "One"))["Stacks"][0]
    assert (stack["Tags"], stack["Capabilities"]) == (tags, ["CAPABILITY_IAM"])


def test_a_failed_one_is_named_with_its_resource_and_is_gone(cfn: Any, child: str) -> None:
    stack = created(cfn, "root", root(child, Works="no"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    failed = failures(cfn, "root", "CREATE_FAILED")[0]
    child_id = failed["PhysicalResourceId"]
    assert failed["LogicalResourceId"] == "Two"
    assert failed["ResourceStatusReason"] == (
        f"Embedded stack {child_id} was not successfully created: "
        "The following resource(s) failed to create: [Broken]. "
    )
    reason = failures(cfn, child_id, "CREATE_FAILED")[0]["ResourceStatusReason"]
    assert "/there/is/none" in reason
    assert settled(cfn, child_id)["StackStatus"] == "DELETE_COMPLETE"


def test_without_rollback_a_failed_one_stays(cfn: Any, child: str) -> None:
    stack = created(cfn, "root", root(child, Works="no"), DisableRollback=True)
    assert stack["StackStatus"] == "CREATE_FAILED"
    child_id = failures(cfn, "root", "CREATE_FAILED")[0]["PhysicalResourceId"]
    assert settled(cfn, child_id)["StackStatus"] == "CREATE_FAILED"


def test_an_update_changes_in_place_what_changed(cfn: Any, account: Account, child: str) -> None:
    created(cfn, "root", root(child))
    ids = [physical_id(cfn, "root", name) for name in ("One", "Two")]
    resources = {"Queue": queue(QueueName={"Ref": "Name"}, DelaySeconds=7), "New": queue()}
    newer = upload(account, "newer.json", template(resources, **CHILD))
    body = root(child).replace(child, newer, 1)
    assert updated(cfn, "root", body)["StackStatus"] == "UPDATE_COMPLETE"
    assert [physical_id(cfn, "root", name) for name in ("One", "Two")] == ids
    statuses = [cfn.describe_stacks(StackName=each)["Stacks"][0]["StackStatus"] for each in ids]
    assert statuses == ["UPDATE_COMPLETE", "CREATE_COMPLETE"]
    sqs = account.client("sqs", REGION)
    url = physical_id(cfn, ids[0], "Queue")
    delay = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert delay["Attributes"]["DelaySeconds"] == "7"


def test_outputs_are_there_after_an_update(cfn: Any, account: Account, child: str) -> None:
    created(cfn, "root", root(child))
    stack = updated(cfn, "root", root(child), Tags=[{"Key": "a", "Value": "b"}])
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert outputs(stack)["Found"].endswith(":first-second")


def test_a_failed_update_rolls_back_everywhere(cfn: Any, child: str) -> None:
    before = created(cfn, "root", root(child))
    stack = updated(cfn, "root", root(child, Works="no"))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack["Outputs"] == before["Outputs"]
    failed = failures(cfn, "root", "UPDATE_FAILED")[0]
    assert "[Broken]" in failed["ResourceStatusReason"]
    child_status = settled(cfn, failed["PhysicalResourceId"])["StackStatus"]
    assert child_status == "UPDATE_ROLLBACK_COMPLETE"


def test_a_delete_leaves_what_is_retained(cfn: Any, account: Account, child: str) -> None:
    stack = created(cfn, "root", root(child))
    kept = {physical_id(cfn, physical_id(cfn, "root", name), "Kept") for name in ("One", "Two")}
    assert deleted(cfn, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert set(account.client("sqs", REGION).list_queues()["QueueUrls"]) == kept
    assert cfn.list_exports()["Exports"] == []


def test_one_whose_export_is_imported_is_not_deleted(cfn: Any, child: str) -> None:
    stack = created(cfn, "root", root(child))
    imports = {"Arn": {"Value": {"Fn::ImportValue": "first-arn"}}}
    importer = created(cfn, "importer", template({"Queue": queue()}, Outputs=imports))
    failed = deleted(cfn, stack["StackId"])
    assert failed["StackStatus"] == "DELETE_FAILED"
    reason = failures(cfn, "root", "DELETE_FAILED")[0]["ResourceStatusReason"]
    assert "first-arn is imported by stack importer" in reason
    deleted(cfn, importer["StackId"])
    assert deleted(cfn, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_a_property_that_is_not_understood_is_refused(cfn: Any, child: str) -> None:
    resource = nested(child, Name="x")
    resource["Properties"]["Colour"] = "blue"
    created(cfn, "root", template({"Child": resource}))
    reason = failures(cfn, "root", "CREATE_FAILED")[0]["ResourceStatusReason"]
    assert reason == "Encountered unsupported property Colour of AWS::CloudFormation::Stack"
