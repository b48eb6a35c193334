"""What the tests of the StackSet API share: templates, targets, and waiting for an operation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account

REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-2"]
NAME = "platform"
PATIENCE = 30.0
_T = TypeVar("_T")

Template = dict[str, Any]


def topic(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def template(**resources: Any) -> str:
    return json.dumps({"Resources": resources})


def named_template(default: str | None = "plain") -> str:
    """One topic; its display name is a parameter."""
    name: Template = {"Type": "String"} | ({} if default is None else {"Default": default})
    resources = {"Topic": topic(DisplayName={"Ref": "Name"})}
    return json.dumps({"Parameters": {"Name": name}, "Resources": resources})


PLAIN = template(Topic=topic(DisplayName="plain"))
NEEDED = "/stack-sets/needed"
NEEDY = template(Topic=topic(DisplayName=f"{{{{resolve:ssm:{NEEDED}}}}}"))
"""Stands only where the Systems Manager parameter NEEDED does."""
GATED = template(
    Gate={
        "Type": "AWS::CloudFormation::WaitCondition",
        "CreationPolicy": {"ResourceSignal": {"Timeout": "PT1M"}},
    }
)
"""Waits in CREATE_IN_PROGRESS until `open_gate`."""


def supply(account: Account, region: str, value: str = "supplied") -> None:
    """Let NEEDY stand in an account and Region."""
    ssm = account.client("ssm", region)
    ssm.put_parameter(Name=NEEDED, Value=value, Type="String", Overwrite=True)


def open_gate(account: Account, region: str, status: str = "SUCCESS") -> None:
    """Let the GATED stack of an account and Region, which is or will be made, go on."""
    until(lambda: in_progress(account, region))
    until(lambda: _signal(account, region, status))


def in_progress(account: Account, region: str) -> list[str]:
    """The stacks of a Region that are being made."""
    return [name for name, status in stacks(account, region) if status == "CREATE_IN_PROGRESS"]


def _signal(account: Account, region: str, status: str) -> bool:
    """Signal the stacks of a Region; False when one does not wait for it yet."""
    signal = account.client("cloudformation", region).signal_resource
    try:
        for name in in_progress(account, region):
            signal(StackName=name, LogicalResourceId="Gate", UniqueId="test", Status=status)
    except ClientError:
        return False
    return True


def release(account: Account) -> None:
    """Stop every operation of an account's home Region, and let what it has begun fail."""
    cfn = account.client("cloudformation")
    for found in cfn.list_stack_sets(Status="ACTIVE")["Summaries"]:
        name = found["StackSetName"]
        for each in cfn.list_stack_set_operations(StackSetName=name)["Summaries"]:
            if each["Status"] in {"QUEUED", "RUNNING"}:
                cfn.stop_stack_set_operation(StackSetName=name, OperationId=each["OperationId"])
        for (number, region), (_, detail) in states(cfn, name).items():
            if detail == "RUNNING":
                _give_up(account._replace(id=number), region)


def _give_up(account: Account, region: str) -> None:
    until(lambda: _signal(account, region, "FAILURE") and not in_progress(account, region))


def until(look: Callable[[], _T]) -> _T:
    """Look again until there is something to see; the test fails when nothing ever is."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return found


def operation(cfn: Any, operation_id: str, name: str = NAME) -> Any:
    described = cfn.describe_stack_set_operation(StackSetName=name, OperationId=operation_id)
    return described["StackSetOperation"]


def ended(cfn: Any, answer: Any, name: str = NAME) -> Any:
    """Wait for the end of the operation that a call began."""

    def look() -> Any:
        found = operation(cfn, answer["OperationId"], name)
        return found if "EndTimestamp" in found else None

    return until(look)


def succeeded(cfn: Any, answer: Any, name: str = NAME) -> Any:
    found = ended(cfn, answer, name)
    assert found["Status"] == "SUCCEEDED", results(cfn, answer["OperationId"], name)
    return found


def results(cfn: Any, operation_id: str, name: str = NAME) -> dict[tuple[str, str], Any]:
    """The results of an operation by account and Region."""
    answer = cfn.list_stack_set_operation_results(StackSetName=name, OperationId=operation_id)
    return {(each["Account"], each["Region"]): each for each in answer["Summaries"]}


def result_statuses(cfn: Any, operation_id: str) -> list[str]:
    return [each["Status"] for each in results(cfn, operation_id).values()]


def instance(cfn: Any, account: str, region: str, name: str = NAME) -> Any:
    answer = cfn.describe_stack_instance(
        StackSetName=name, StackInstanceAccount=account, StackInstanceRegion=region
    )
    return answer["StackInstance"]


def states(cfn: Any, name: str = NAME) -> dict[tuple[str, str], tuple[str, str]]:
    """Status and detailed status of every instance, by account and Region."""
    return {
        (each["Account"], each["Region"]): (
            each["Status"],
            each["StackInstanceStatus"]["DetailedStatus"],
        )
        for each in cfn.list_stack_instances(StackSetName=name)["Summaries"]
    }


def standing(cfn: Any, account: Account, body: str = PLAIN, **members: Any) -> None:
    """A set with instances in all REGIONS of its own account."""
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=body, **members)
    succeeded(
        cfn,
        cfn.create_stack_instances(StackSetName=NAME, Accounts=[account.id], Regions=REGIONS),
    )


def stacks(account: Account, region: str) -> list[tuple[str, str]]:
    """Names and statuses of the stacks that stand in a Region."""
    found = account.client("cloudformation", region).describe_stacks()["Stacks"]
    return [(each["StackName"], each["StackStatus"]) for each in found]


def display_names(account: Account, region: str) -> list[str]:
    """The display names of all topics in a Region: what the instances' stacks really made."""
    sns = account.client("sns", region)
    return [
        sns.get_topic_attributes(TopicArn=each["TopicArn"])["Attributes"]["DisplayName"]
        for each in sns.list_topics()["Topics"]
    ]


def everywhere(account: Account) -> list[str]:
    """The display name of the one topic in each of REGIONS."""
    return [name for region in REGIONS for name in display_names(account, region)]


def neighbour(account: Account, number: int = 2) -> Account:
    """Another account that no other test uses."""
    return account._replace(id=f"{number}{account.id[1:]}")


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])
