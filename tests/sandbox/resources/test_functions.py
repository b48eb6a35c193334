"""Custom resources are our own functions: their real code runs and calls the emulated services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.local_aws import Account
from tests.sandbox.resources.network import group, group_id, vpc
from tests.sandbox.resources.stack import Stack, att, ref, resource, value

SOURCES = Path(__file__).parents[3] / "generator/functions"
TRUST = {"Version": "2012-10-17", "Statement": []}


def function(source: str) -> dict[str, Any]:
    """One of our functions, with its code inline as in our templates."""
    role = resource("IAM::Role", AssumeRolePolicyDocument=TRUST)
    code = {"ZipFile": (SOURCES / f"{source}.py").read_text(encoding="utf-8")}
    settings = {"Runtime": "python3.13", "Handler": "index.handler", "Timeout": 60}
    made = resource("Lambda::Function", Code=code, Role=att("Role", "Arn"), **settings)
    return {"Role": role, "Function": made}


def custom(kind: str, **properties: Any) -> dict[str, Any]:
    """A custom resource that the function answers for."""
    token = {"ServiceToken": att("Function", "Arn"), "ServiceTimeout": 30}
    return {"Type": f"Custom::{kind}", "Properties": token | properties}


def test_the_default_group_is_closed(account: Account) -> None:
    stack = Stack(account)
    closed = custom("ClosedDefaultGroup", VpcId=ref("Vpc"))
    stack.create(vpc() | function("close_default_group") | {"Closed": closed})
    here = [{"Name": "vpc-id", "Values": [stack.id("Vpc")]}]
    [found] = stack.client("ec2").describe_security_groups(Filters=here)["SecurityGroups"]
    assert (found["GroupId"], found["GroupName"]) == (stack.id("Closed"), "default")
    assert (found["IpPermissions"], found["IpPermissionsEgress"]) == ([], [])
    stack.delete()


def test_a_prefix_list_is_found_by_its_name_and_used_in_a_rule(account: Account) -> None:
    stack = Stack(account)
    name = "com.amazonaws.global.cloudfront.origin-facing"
    lists = {"List": custom("PrefixList", PrefixListName=name)}
    source = {"SourcePrefixListId": att("List", "PrefixListId")}
    ports = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    rule = resource("EC2::SecurityGroupIngress", GroupId=group_id(), **source, **ports)
    outputs = {"List": value(att("List", "PrefixListId"))}
    functions = function("find_prefix_list")
    stack.create(vpc() | group() | functions | lists | {"Rule": rule}, Outputs=outputs)
    ec2 = stack.client("ec2")
    found = ec2.describe_managed_prefix_lists(PrefixListIds=[stack.outputs()["List"]])
    assert found["PrefixLists"][0]["PrefixListName"] == name
    groups = ec2.describe_security_groups(GroupIds=[stack.id("Group")])["SecurityGroups"]
    [permission] = groups[0]["IpPermissions"]
    assert permission["PrefixListIds"][0]["PrefixListId"] == stack.outputs()["List"]


def test_what_the_function_says_is_the_reason(account: Account) -> None:
    stack = Stack(account)
    lists = {"List": custom("PrefixList", PrefixListName="com.example.nothing")}
    assert stack.try_create(function("find_prefix_list") | lists) == "ROLLBACK_COMPLETE"
    [reason] = stack.reasons()
    assert "0 prefix lists are named com.example.nothing, 1 is needed" in reason
