"""The permissions boundary of every role that the platform's stacks make.

A boundary grants nothing: it is the most that such a role can ever have, whatever its own policies
say. It lists what instances, functions and backups call, on any resource, because their own
policies name the resources. What is not in it counts: nothing of `iam`, `sts`, `organizations`,
nothing that makes or deletes infrastructure.

A test holds it against the policies of all roles in all layers.
"""

from __future__ import annotations

from awacs.aws import Action
from troposphere.iam import ManagedPolicy

from generator.policies.statements import allow_any, managed_policy
from generator.settings.model import Settings

NAME = "boundary"

MOST = {
    "autoscaling": "CompleteLifecycleAction Describe* RecordLifecycleActionHeartbeat "
    "SetInstanceHealth",
    "backup": "CopyIntoBackupVault DescribeBackupVault",
    "cloudformation": "DescribeStackResource SignalResource",
    "cloudwatch": "GetMetric* ListMetrics PutMetricData",
    "dynamodb": "BatchGetItem BatchWriteItem ConditionCheckItem CreateBackup DeleteBackup "
    "DeleteItem Describe* GetItem GetRecords GetShardIterator ListStreams ListTagsOfResource "
    "PutItem Query Scan StartAwsBackupJob UpdateItem",
    # Revoking is for the function that closes a VPC's default security group.
    "ec2": "Describe* GetManagedPrefixList* RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
    "ec2messages": "AcknowledgeMessage DeleteMessage FailMessage Get* SendReply",
    "kms": "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey* ReEncrypt*",
    "logs": "CreateLogGroup CreateLogStream Describe* PutLogEvents PutRetentionPolicy",
    "s3": "GetBucketLocation GetEncryptionConfiguration GetObject* ListBucket PutObject",
    "secretsmanager": "DescribeSecret GetSecretValue",
    "sns": "Publish",
    "ssm": "Describe* Get* List* PutComplianceItems PutConfigurePackageResult PutInventory "
    "UpdateAssociationStatus UpdateInstanceAssociationStatus UpdateInstanceInformation",
    "ssmmessages": "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel",
    "xray": "GetSampling* PutTelemetryRecords PutTraceSegments",
}


def boundary(settings: Settings) -> ManagedPolicy:
    """The policy. Its name is known, for every stack has to say it."""
    actions = [Action(prefix, word) for prefix, words in MOST.items() for word in words.split()]
    reason = "A boundary grants nothing; the resources are named by each role's own policies."
    policy = managed_policy(
        "Boundary",
        f"{settings.prefix}: the most that a role of the platform can have",
        [allow_any("AtMost", actions, reason)],
    )
    policy.ManagedPolicyName = NAME
    policy.Path = f"/{settings.prefix}/"
    return policy
