"""The few shapes that all policies are written in.

`allow` grants on named resources. `allow_any` grants on `*` and has to say why AWS offers nothing
narrower; the reason is rendered beside the statement, into the Metadata of the IAM resource, where
lint rule E9004 looks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from awacs.aws import (
    Action,
    Allow,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    Statement,
)
from troposphere import AWSHelperFn
from troposphere.iam import ManagedPolicy, Policy, Role

Resource: TypeAlias = "str | AWSHelperFn"


class Grant(NamedTuple):
    """A statement, and the reason of its `*` where it has one."""

    statement: Statement
    reason: str = ""


def allow(
    sid: str, actions: Sequence[Action], on: Sequence[Resource], when: Condition | None = None
) -> Grant:
    """Grant actions on named resources."""
    return Grant(_statement(sid, actions, on, when))


def allow_any(
    sid: str, actions: Sequence[Action], reason: str, when: Condition | None = None
) -> Grant:
    """Grant actions for which AWS knows no resource, or none that can be named beforehand."""
    return Grant(_statement(sid, actions, ["*"], when), reason)


def _statement(
    sid: str, actions: Sequence[Action], on: Sequence[Resource], when: Condition | None
) -> Statement:
    condition = {"Condition": when} if when else {}
    return Statement(Sid=sid, Effect=Allow, Action=list(actions), Resource=list(on), **condition)


def document(grants: Sequence[Grant]) -> PolicyDocument:
    """The policy document of some grants."""
    return PolicyDocument(Version="2012-10-17", Statement=[grant.statement for grant in grants])


def _metadata(grants: Sequence[Grant]) -> dict[str, object]:
    reasons = {grant.statement.Sid: grant.reason for grant in grants if grant.reason}
    return {"Metadata": {"WildcardResources": reasons}} if reasons else {}


def role(
    title: str, trust: PolicyDocument, grants: Sequence[Grant], name: str | None = None
) -> Role:
    """A role with one inline policy, named only where others must know it beforehand."""
    named = {"RoleName": name} if name else {}
    return Role(
        title,
        AssumeRolePolicyDocument=trust,
        Policies=[Policy(PolicyName="grants", PolicyDocument=document(grants))],
        **named,
        **_metadata(grants),
    )


def managed_policy(title: str, description: str, grants: Sequence[Grant]) -> ManagedPolicy:
    """A managed policy, for what outgrows the 10,240 characters of a role's inline policies."""
    return ManagedPolicy(
        title, Description=description, PolicyDocument=document(grants), **_metadata(grants)
    )


def deny_plain_transport(bucket: Resource, objects: Resource) -> Statement:
    """The statement that every bucket policy has: no request without TLS."""
    from awacs.aws import Bool

    return Statement(
        Sid="DenyPlainTransport",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[Action("s3", "*")],
        Resource=[bucket, objects],
        Condition=Condition(Bool("aws:SecureTransport", "false")),
    )
