"""Load generators: what their instances may do, and who may use their key and their bucket.

An instance reaches its Region's meeting place, the sizes of its own two groups, the one archive
and, where no organization is, the platform's tables; nothing else of the platform.
"""

from __future__ import annotations

from collections.abc import Iterator

from awacs import autoscaling, dynamodb, kms, s3
from awacs.aws import (
    Action,
    Allow,
    Condition,
    ForAnyValueStringEquals,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
    StringLike,
)
from troposphere import Join, Ref, Sub

from generator import names
from generator.policies import instance, keys, topics
from generator.policies.buckets import log_service
from generator.policies.logging import log_encryption
from generator.policies.statements import Grant, Resource, allow, deny_plain_transport
from generator.settings.model import Settings

HERE = "${AWS::Region}:${AWS::AccountId}"


# --- what an instance may do ----------------------------------------------------------------------


def grants(settings: Settings, key: Resource, archives: Resource) -> list[Grant]:
    """All that the role of an instance may do; by ARN the layer's key, and what it may fetch."""
    return [
        allow("FetchArchive", [s3.GetObject], [archives]),
        *_meet(settings, key),
        _switch_off(settings),
        *(() if settings.organization else _load_tables(settings)),
        instance.write_logs(names.generator_log_group(settings)),
        instance.open_sessions(),
    ]


def _meet(settings: Settings, key: Resource) -> Iterator[Grant]:
    """Read orders, write what happens; only below `runs/`."""
    bucket = "arn:${AWS::Partition}:s3:::" + names.loadtest_bucket(settings)
    orders, runs = Sub(f"{bucket}/orders/*"), Sub(f"{bucket}/runs/*")
    yield allow("ReadOrders", [s3.GetObject], [orders])
    yield allow("TellOfRuns", [s3.GetObject, s3.PutObject], [runs])
    yield allow("LookAround", [s3.ListBucket], [Sub(bucket)])
    through = Condition(StringEquals("kms:ViaService", Sub("s3.${AWS::Region}.amazonaws.com")))
    yield allow("UseKey", [kms.Decrypt, kms.GenerateDataKey], [key], through)


def _switch_off(settings: Settings) -> Grant:
    """The sizes of its own two groups, whose names are known."""
    start = f"arn:${{AWS::Partition}}:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/"
    groups = [Sub(start + names.generators(settings, each)) for each in ("masters", "workers")]
    return allow("SwitchOff", [autoscaling.SetDesiredCapacity], groups)


def _load_tables(settings: Settings) -> Iterator[Grant]:
    """What the users of a load on tables send, in whichever Region's replica is loaded."""
    start = "arn:${AWS::Partition}:dynamodb:*:${AWS::AccountId}:table/"
    arns = [start + names.table(settings, purpose) for purpose in names.TABLES]
    yield allow(
        "LoadTables",
        [dynamodb.GetItem, dynamodb.PutItem, dynamodb.Query, dynamodb.UpdateItem],
        [Sub(name) for arn in arns for name in (arn, f"{arn}/index/*")],
    )
    yield allow(
        "UseTableKey",
        [kms.Decrypt, kms.DescribeKey, kms.Encrypt, kms.GenerateDataKey],
        [Sub("arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*")],
        Condition(
            [
                StringLike("kms:ViaService", "dynamodb.*.amazonaws.com"),
                ForAnyValueStringEquals("kms:ResourceAliases", names.database_key_alias(settings)),
            ]
        ),
    )


# --- the key and the bucket -----------------------------------------------------------------------


def key_policy() -> PolicyDocument:
    """Logs, notifications and flow logs under it; and disks, as under the AWS managed key."""
    publishers = (topics.ALARMS, topics.BUDGETS)
    return keys.key_policy(log_encryption(), topics.encryption(publishers), _flow_logs(), _disks())


USING = (
    *(kms.Decrypt, kms.DescribeKey, kms.Encrypt, Action("kms", "GenerateDataKey*")),
    *(kms.ReEncryptFrom, kms.ReEncryptTo),
)
"""What a service does with a key whose data it keeps."""


def _disks() -> Statement:
    """What the policy of `aws/ebs` says, too: whoever may launch here, through EC2 in this account.

    So Auto Scaling needs no grant. Its service-linked role can't be named: an account that has had
    no group yet has no such role, and a policy with an unknown principal is refused.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    """
    return Statement(
        Sid="DisksOfThisAccount",
        Effect=Allow,
        Principal=Principal("AWS", "*"),
        Action=[kms.CreateGrant, *USING],
        Resource=["*"],
        Condition=Condition(
            StringEquals(
                {
                    "kms:CallerAccount": Ref("AWS::AccountId"),
                    "kms:ViaService": Sub("ec2.${AWS::Region}.amazonaws.com"),
                }
            )
        ),
    )


def _flow_logs() -> Statement:
    """https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-cmk-policy.html"""
    return Statement(
        Sid="FlowLogs",
        Effect=Allow,
        Principal=Principal("Service", "delivery.logs.amazonaws.com"),
        Action=list(USING),
        Resource=["*"],
        Condition=Condition(StringEquals({"aws:SourceAccount": Ref("AWS::AccountId")})),
    )


def bucket_policy(bucket: Resource) -> PolicyDocument:
    """Flow logs come in; nobody reaches it without TLS."""
    everything = Join("", [bucket, "/*"])
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[deny_plain_transport(bucket, everything), *log_service(bucket)],
    )
