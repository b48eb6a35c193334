"""The role that CloudFormation StackSets takes: it may take the execution role, nothing else.

Self-managed permissions, because nested stacks work in a stack set only so.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
"""

from __future__ import annotations

from awacs.aws import (
    Allow,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
    StringLike,
)
from awacs.sts import AssumeRole
from troposphere import Ref, Sub
from troposphere.iam import Role

from generator import names
from generator.policies.statements import allow, role
from generator.settings.model import Settings
from generator.settings.regions import REGIONS


def administration_role(settings: Settings) -> Role:
    """The role, known by its name to whoever creates a stack set."""
    execution = Sub(
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
        + names.rollout_role(settings, "stack-set-execution")
    )
    return role(
        "StackSetAdministrationRole",
        _trust(settings),
        [allow("TakeExecutionRole", [AssumeRole], [execution])],
        name=names.rollout_role(settings, "stack-set-administration"),
    )


def _trust(settings: Settings) -> PolicyDocument:
    """StackSets, for stack sets of this account only."""
    own_sets = Sub("arn:${AWS::Partition}:cloudformation:*:${AWS::AccountId}:stackset/*")
    condition = Condition(
        [
            StringEquals({"aws:SourceAccount": Ref("AWS::AccountId")}),
            StringLike({"aws:SourceArn": own_sets}),
        ]
    )
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Effect=Allow,
                Principal=Principal("Service", _services(settings)),
                Action=[AssumeRole],
                Condition=condition,
            )
        ],
    )


def _services(settings: Settings) -> list[str]:
    """Regions that an account has to opt in to come with a service principal of their own."""
    opted = [name for name in settings.all_regions if name in REGIONS and REGIONS[name].opt_in]
    return ["cloudformation.amazonaws.com", *(f"cloudformation.{r}.amazonaws.com" for r in opted)]
