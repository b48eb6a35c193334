"""What planning takes: `plan --no-change-sets` looks at what stands, and changes nothing.

It is of whoever plans what nobody approved yet: code that was only pushed can use these rights as
it likes. A test holds them, and the resources that they name, against the calls of a plan.
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs import s3
from awacs.aws import Action
from troposphere import Sub

from generator.policies.statements import Grant, allow, allow_any
from generator.settings.model import Settings

STACKS = "DescribeStackResource DescribeStackResources DescribeStacks GetStackPolicy GetTemplate "
STACKS += "ListStackResources"
STACK_SETS = "DescribeStackInstance DescribeStackSet DescribeStackSetOperation ListStackInstances "
STACK_SETS += "ListStackSetOperationResults ListStackSetOperations"


def grants(settings: Settings, environments: Sequence[str]) -> list[Grant]:
    """Looking at these environments of the settings' project, in its account.

    With `organization` their stack sets may be the management account's.
    """
    prefixes = [f"{settings.project}-{name}" for name in environments]
    stacks = [f"stack/{start}{each}-*/*" for each in prefixes for start in ("", "StackSet-")]
    owner = "${AWS::AccountId}" if settings.organization is None else "*"
    reason = "AWS authorises listing on * only."
    return [
        allow("Stacks", _of("cloudformation", STACKS), [_arn(each) for each in stacks]),
        allow(
            "StackSets",
            _of("cloudformation", STACK_SETS),
            [_arn(f"stackset/{each}-*", owner) for each in prefixes],
        ),
        allow_any(
            "LookAround",
            _of("cloudformation", "DescribeStacks ListStacks ListStackSets"),
            reason,
        ),
        *_organization(settings),
        *_journals(prefixes),
    ]


def _organization(settings: Settings) -> list[Grant]:
    if settings.organization is None:
        return []
    words = "DescribeOrganization ListAccountsForParent ListOrganizationalUnitsForParent"
    reason = "AWS authorises looking at an organization as a whole; it changes nothing."
    return [allow_any("Organization", _of("organizations", words), reason)]


def _journals(prefixes: Sequence[str]) -> list[Grant]:
    """Of the artifact buckets the journal and the lease; S3 says of a missing object that it is
    missing only to those who may list.
    """
    buckets = {
        each: f"arn:${{AWS::Partition}}:s3:::{each}-artifacts-${{AWS::AccountId}}-*"
        for each in prefixes
    }
    journals = [Sub(f"{bucket}/{each}/rollout/*") for each, bucket in buckets.items()]
    listed = [s3.GetBucketLocation, s3.ListBucket]
    return [
        allow("Buckets", listed, [Sub(bucket) for bucket in buckets.values()]),
        allow("Journal", [s3.GetObject], journals),
    ]


def _of(service: str, words: str) -> list[Action]:
    return [Action(service, word) for word in words.split()]


def _arn(resource: str, owner: str = "${AWS::AccountId}") -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:cloudformation:*:{owner}:{resource}")
