"""The role in which a stack set's instances are made: provisioning, and StackSets' own errands.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
names cloudformation, s3 and sns as what StackSets itself needs of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs import s3, sns
from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole
from troposphere import GetAtt, Ref
from troposphere.iam import ManagedPolicy, Role

from generator import names
from generator.policies.statements import allow_any, role
from generator.settings.model import Settings


def execution_role(
    settings: Settings, administration: Role, policies: Sequence[ManagedPolicy]
) -> Role:
    """The role; only the administration role of the same account may take it."""
    errands = [
        allow_any(
            "FetchTemplate",
            [s3.GetObject],
            "StackSets hands the template over in a bucket of its own, whose name AWS keeps open.",
        ),
        allow_any(
            "ReportProgress",
            [sns.Publish],
            "StackSets follows its stacks by a topic of its own, whose name AWS keeps open.",
        ),
    ]
    made = role(
        "StackSetExecutionRole",
        _trust(administration),
        errands,
        name=names.rollout_role(settings, "stack-set-execution"),
    )
    made.ManagedPolicyArns = [Ref(policy) for policy in policies]
    return made


def _trust(administration: Role) -> PolicyDocument:
    principal = Principal("AWS", GetAtt(administration, "Arn"))
    statement = Statement(Effect=Allow, Principal=principal, Action=[AssumeRole])
    return PolicyDocument(Version="2012-10-17", Statement=[statement])
