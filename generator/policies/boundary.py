"""The permissions boundary of every role that the platform's stacks make.

A boundary grants nothing: it is the most that such a role can ever have, whatever its own policies
say. It lists what instances, functions and backups call. Data of the platform is told from that of
others in the account by name, so that no template can make a role that reads theirs; elsewhere the
roles' own policies name the resources. What is not in it counts: nothing of `iam`, `sts`,
`organizations`, nothing that makes or deletes infrastructure.

A test holds it against the policies of all roles in all layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from awacs.aws import Action
from troposphere import Sub
from troposphere.iam import ManagedPolicy

from generator import names
from generator.policies.options import chosen
from generator.policies.services.row import here
from generator.policies.statements import Grant, allow, allow_any, managed_policy
from generator.settings.model import Settings

MOST = {
    "autoscaling": "CompleteLifecycleAction Describe* RecordLifecycleActionHeartbeat "
    "SetInstanceHealth",
    "backup": "CopyIntoBackupVault DescribeBackupVault",
    "cloudformation": "DescribeStackResource SignalResource",
    "cloudwatch": "GetMetric* ListMetrics PutMetricData",
    # Revoking is for the function that closes a VPC's default security group.
    "ec2": "Describe* GetManagedPrefixList* RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
    "ec2messages": "AcknowledgeMessage DeleteMessage FailMessage Get* SendReply",
    "kms": "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey* ReEncrypt*",
    "logs": "CreateLogGroup CreateLogStream Describe* PutLogEvents PutRetentionPolicy",
    "ssm": "Describe* GetDeployablePatchSnapshotForInstance GetDocument GetManifest List* "
    "PutComplianceItems PutConfigurePackageResult PutInventory UpdateAssociationStatus "
    "UpdateInstanceAssociationStatus UpdateInstanceInformation",
    "ssmmessages": "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel",
    "xray": "GetSampling* PutTelemetryRecords PutTraceSegments",
}
"""On any resource."""

OWN = {
    "backup": ("TagResource", here("backup", "recovery-point:*")),
    "dynamodb": (
        "BatchGetItem BatchWriteItem ConditionCheckItem CreateBackup DeleteBackup "
        "DeleteItem Describe* GetItem GetRecords GetShardIterator ListTagsOfResource "
        "PutItem Query Scan StartAwsBackupJob UpdateItem",
        here("dynamodb", "table/{prefix}-*"),
    ),
    "s3": (
        "GetBucketLocation GetEncryptionConfiguration GetObject* ListBucket PutObject",
        "arn:${AWS::Partition}:s3:::{prefix}-*",
    ),
    "secretsmanager": (
        "DescribeSecret GetSecretValue",
        here("secretsmanager", "secret:{prefix}/*"),
    ),
    "sns": ("Publish", here("sns", "{prefix}-*")),
    "ssm": ("GetParameter*", here("ssm", "parameter/{prefix}/*")),
}
"""On what the platform named itself."""


def boundary(settings: Settings) -> ManagedPolicy:
    """The policy. Its name is known, for every stack has to say it."""
    reason = "A boundary grants nothing; the resources are named by each role's own policies."
    words = [*MOST.items(), *(row for each in chosen(settings) for row in each.boundary.items())]
    actions = [action for prefix, text in words for action in _actions(prefix, text)]
    policy = managed_policy(
        "Boundary",
        f"{settings.prefix}: the most that a role of the platform can have",
        [allow_any("AtMost", actions, reason), *_own(settings)],
    )
    policy.ManagedPolicyName = names.boundary(settings)
    policy.Path = f"/{settings.prefix}/"
    return policy


def _own(settings: Settings) -> list[Grant]:
    usual = _grants(settings, "AtMostOwn", OWN)
    more = [_grants(settings, f"Option{n}Own", o.own) for n, o in enumerate(chosen(settings), 1)]
    return [*usual, *chain.from_iterable(more)]


def _grants(settings: Settings, sid: str, rows: Mapping[str, tuple[str, str]]) -> list[Grant]:
    return [
        allow(
            sid + prefix.replace("-", "").capitalize(),
            _actions(prefix, words),
            [Sub(on.replace("{prefix}", settings.prefix))],
        )
        for prefix, (words, on) in rows.items()
    ]


def _actions(prefix: str, words: str) -> list[Action]:
    return [Action(prefix, word) for word in words.split()]
