"""Stacks to make in tests, and a look at how they end."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from tests.local_aws import Account

REGION = "eu-west-1"
DEADLINE = 20.0
STACK = "AWS::CloudFormation::Stack"


def template(resources: Mapping[str, Any], **sections: Any) -> str:
    """A template's text."""
    return json.dumps({"Resources": resources, **sections})


def queue(**properties: Any) -> dict[str, Any]:
    """A resource that has nothing to do with any other."""
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def nested(url: str, **parameters: Any) -> dict[str, Any]:
    """A nested stack."""
    return {"Type": STACK, "Properties": {"TemplateURL": url, "Parameters": parameters}}


def broken(**attributes: Any) -> dict[str, Any]:
    """A resource that can't be made: it refers to a parameter that does not exist."""
    properties = {"DisplayName": "{{resolve:ssm:/there/is/none}}"}
    return {"Type": "AWS::SNS::Topic", "Properties": properties, **attributes}


def gate() -> dict[str, Any]:
    """A resource that is in progress until it is signalled."""
    wait = {"CreationPolicy": {"ResourceSignal": {"Timeout": "PT1M"}}}
    return {"Type": "AWS::CloudFormation::WaitCondition", **wait}


def bucket(account: Account) -> str:
    """Where the account's templates are; all accounts share the names of buckets."""
    return f"artifacts-{account.id}"


def upload(account: Account, key: str, body: str, region: str = REGION) -> str:
    """Put an object where templates are, and answer its URL."""
    s3, name = account.client("s3", region), bucket(account)
    if not s3.list_buckets()["Buckets"]:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_object(Bucket=name, Key=key, Body=body)
    return f"https://{name}.s3.{region}.amazonaws.com/{key}"


def settled(cfn: Any, name: str) -> dict[str, Any]:
    """The stack once nothing is in progress."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        stack: dict[str, Any] = cfn.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        time.sleep(0.01)
    raise AssertionError(f"{name} is still {stack['StackStatus']} after {DEADLINE} s")


def created(cfn: Any, name: str, body: str, **settings: Any) -> dict[str, Any]:
    """A stack that was made, however that ended."""
    made = cfn.create_stack(StackName=name, TemplateBody=body, **settings)
    return settled(cfn, made["StackId"])


def updated(cfn: Any, name: str, body: str, **settings: Any) -> dict[str, Any]:
    """A stack that was updated, however that ended."""
    made = cfn.update_stack(StackName=name, TemplateBody=body, **settings)
    return settled(cfn, made["StackId"])


def deleted(cfn: Any, stack_id: str) -> dict[str, Any]:
    """A stack that was deleted, however that ended."""
    cfn.delete_stack(StackName=stack_id)
    return settled(cfn, stack_id)


def physical_id(cfn: Any, name: str, logical_id: str) -> str:
    """The physical id of a stack's resource."""
    found = cfn.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def events(cfn: Any, name: str) -> list[dict[str, Any]]:
    """A stack's events, oldest first."""
    found: list[dict[str, Any]] = cfn.describe_stack_events(StackName=name)["StackEvents"]
    return found[::-1]


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    """A stack's outputs by key."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
