"""The service on an instance: what it may read, write and tell.

Everything is named: by ARN where the name is known beforehand, else by a condition that only this
platform's resources meet. Session Manager gets the five actions that a session takes, not the
managed policy AmazonSSMManagedInstanceCore, which also reads every parameter of the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from awacs import (
    autoscaling,
    cloudwatch,
    dynamodb,
    kms,
    logs,
    s3,
    secretsmanager,
    ssm,
    ssmmessages,
)
from awacs.aws import Condition, ForAnyValueStringEquals, StringEquals
from troposphere import Sub

from generator.policies.statements import Grant, Resource, allow, allow_any

HERE = "${AWS::Region}:${AWS::AccountId}"


class Reach(NamedTuple):
    """What belongs to the platform, by the names that the layers derive."""

    archives: Resource
    tables: Sequence[str]
    table_key_alias: str
    secrets: Sequence[str]
    data_key: Resource
    log_group: str
    namespace: str
    group_tag: tuple[str, str]


def grants(reach: Reach) -> list[Grant]:
    """All that the instance role may do."""
    return [
        allow("FetchArchive", [s3.GetObject], [reach.archives]),
        _use_tables(reach.tables),
        _use_table_key(reach.table_key_alias),
        _read_secrets(reach.secrets),
        _decrypt_secrets(reach.data_key),
        write_logs(reach.log_group),
        _publish_metrics(reach.namespace),
        _find_own_group(),
        _finish_lifecycle(*reach.group_tag),
        open_sessions(),
    ]


def _use_tables(tables: Sequence[str]) -> Grant:
    arns = [f"arn:${{AWS::Partition}}:dynamodb:{HERE}:table/{table}" for table in tables]
    return allow(
        "UseTables",
        [
            dynamodb.BatchGetItem,
            dynamodb.BatchWriteItem,
            dynamodb.ConditionCheckItem,
            dynamodb.DeleteItem,
            dynamodb.DescribeTable,
            dynamodb.GetItem,
            dynamodb.PutItem,
            dynamodb.Query,
            dynamodb.UpdateItem,
        ],
        [Sub(name) for arn in arns for name in (arn, f"{arn}/index/*")],
    )


def _use_table_key(alias: str) -> Grant:
    """By alias: a multi-Region key has its own ARN in each Region, and the same alias."""
    return allow(
        "UseTableKey",
        [
            kms.Decrypt,
            kms.DescribeKey,
            kms.Encrypt,
            kms.GenerateDataKey,
            kms.ReEncryptFrom,
            kms.ReEncryptTo,
        ],
        [Sub(f"arn:${{AWS::Partition}}:kms:{HERE}:key/*")],
        Condition(
            [
                StringEquals("kms:ViaService", Sub("dynamodb.${AWS::Region}.amazonaws.com")),
                ForAnyValueStringEquals("kms:ResourceAliases", alias),
            ]
        ),
    )


def _read_secrets(secrets: Sequence[str]) -> Grant:
    """A secret's ARN ends with six characters that Secrets Manager chooses."""
    within = f"arn:${{AWS::Partition}}:secretsmanager:{HERE}:secret:"
    arns = [Sub(f"{within}{name}-??????") for name in secrets]
    return allow("ReadSecrets", [secretsmanager.GetSecretValue], arns)


def _decrypt_secrets(key: Resource) -> Grant:
    service = Sub("secretsmanager.${AWS::Region}.amazonaws.com")
    condition = Condition(StringEquals("kms:ViaService", service))
    return allow("DecryptSecrets", [kms.Decrypt], [key], condition)


def write_logs(group: str) -> Grant:
    """What the CloudWatch agent does in one log group."""
    arn = f"arn:${{AWS::Partition}}:logs:{HERE}:log-group:{group}"
    return allow(
        "WriteLogs",
        [logs.CreateLogStream, logs.DescribeLogStreams, logs.PutLogEvents],
        [Sub(arn), Sub(f"{arn}:*")],
    )


def _publish_metrics(namespace: str) -> Grant:
    return allow_any(
        "PublishMetrics",
        [cloudwatch.PutMetricData],
        "CloudWatch has no resource for metrics; the condition names the one namespace.",
        Condition(StringEquals("cloudwatch:namespace", namespace)),
    )


def _find_own_group() -> Grant:
    return allow_any(
        "FindOwnGroup",
        [autoscaling.DescribeAutoScalingInstances],
        "Auto Scaling has no resource for describing; an instance asks for its group's name.",
    )


def _finish_lifecycle(key: str, value: str) -> Grant:
    """By tag: the group's name is CloudFormation's, so that the group can be replaced."""
    group = f"arn:${{AWS::Partition}}:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/*"
    return allow(
        "FinishLifecycle",
        [autoscaling.CompleteLifecycleAction, autoscaling.RecordLifecycleActionHeartbeat],
        [Sub(group)],
        Condition(StringEquals(f"autoscaling:ResourceTag/{key}", value)),
    )


def open_sessions() -> Grant:
    """What a session of Session Manager takes."""
    return allow_any(
        "OpenSessions",
        [
            ssm.UpdateInstanceInformation,
            ssmmessages.CreateControlChannel,
            ssmmessages.CreateDataChannel,
            ssmmessages.OpenControlChannel,
            ssmmessages.OpenDataChannel,
        ],
        "Session Manager's channels have no resource that a policy could name.",
    )
