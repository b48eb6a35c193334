"""The audit's explanations hold for what the templates do, and for nothing wider."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.audit import TEMPLATES, is_explained

Resource = dict[str, Any]


def resource(template: str, name: str) -> Resource:
    body = json.loads((TEMPLATES / f"{template}.template.json").read_text())
    found: Resource = body["Resources"][name]
    return found


def first_statement(policy: Resource) -> dict[str, Any]:
    statement: dict[str, Any] = policy["Properties"]["PolicyDocument"]["Statement"][0]
    return statement


@pytest.mark.parametrize(
    "rule, template, name",
    [
        ("WildcardResourceRule", "foundation", "ProvisioningNetwork"),
        ("IAMRoleWildcardActionOnPolicyRule", "foundation", "DeployerReading"),
        ("KMSKeyCrossAccountTrustRule", "security", "LogsKey"),
        ("CrossAccountTrustRule", "foundation", "StackSetExecutionRole"),
        ("PrivilegeEscalationRule", "foundation", "ProvisioningIdentity"),
        ("PublicELBCheckerRule", "load_balancer", "LoadBalancer"),
    ],
)
def test_what_stands_is_explained(rule: str, template: str, name: str) -> None:
    assert is_explained(rule, resource(template, name))


def test_a_wildcard_without_its_reason_is_not() -> None:
    policy = resource("foundation", "ProvisioningNetwork")
    policy["Metadata"]["WildcardResources"].popitem()
    assert not is_explained("WildcardResourceRule", policy)


def test_a_whole_service_is_not() -> None:
    policy = resource("foundation", "DeployerReading")
    first_statement(policy)["Action"] = ["ec2:*"]
    assert not is_explained("IAMRoleWildcardActionOnPolicyRule", policy)


def test_a_key_that_another_account_administers_is_not() -> None:
    key = copy.deepcopy(resource("security", "LogsKey"))
    for statement in key["Properties"]["KeyPolicy"]["Statement"]:
        statement["Principal"] = {"AWS": "arn:aws:iam::999999999999:root"}
    assert not is_explained("KMSKeyCrossAccountTrustRule", key)


def test_a_role_that_trusts_somebody_else_is_not() -> None:
    role = resource("foundation", "StackSetExecutionRole")
    trust = role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    trust["Principal"] = {"AWS": "*"}
    assert not is_explained("CrossAccountTrustRule", role)


def test_a_role_made_without_the_boundary_is_not() -> None:
    policy = resource("foundation", "ProvisioningIdentity")
    first_statement(policy).pop("Condition")
    assert not is_explained("PrivilegeEscalationRule", policy)
