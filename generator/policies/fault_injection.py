"""What each fault injection experiment may do, and who may take its role.

One role an experiment, so that the one that stops instances cannot touch a route. Networks have a
module of their own (`network_faults`).

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs import autoscaling, dynamodb, ec2, elasticache, kms, logs, rds, ssm, tag
from awacs.aws import (
    Action,
    Allow,
    ArnLike,
    Bool,
    Condition,
    ForAllValuesArnEquals,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.sts import AssumeRole
from troposphere import Sub

from generator.policies.statements import Grant, Resource, allow, allow_any

READS = "EC2 and Auto Scaling authorise describing on * only; it changes nothing."
CAPACITY_ERROR = "aws:ec2:asg-insufficient-instance-capacity-error"


def trust() -> PolicyDocument:
    """FIS, for an experiment of this account and Region.

    https://docs.aws.amazon.com/fis/latest/userguide/getting-started-iam-service-role.html
    """
    experiments = Sub("arn:${AWS::Partition}:fis:${AWS::Region}:${AWS::AccountId}:experiment/*")
    of = Condition(
        [
            StringEquals({"aws:SourceAccount": Sub("${AWS::AccountId}")}),
            ArnLike({"aws:SourceArn": experiments}),
        ]
    )
    statement = Statement(
        Effect=Allow,
        Principal=Principal("Service", "fis.amazonaws.com"),
        Action=[AssumeRole],
        Condition=of,
    )
    return PolicyDocument(Version="2012-10-17", Statement=[statement])


def logging() -> list[Grant]:
    """Let FIS deliver the experiment's log to its group.

    https://docs.aws.amazon.com/fis/latest/userguide/monitoring-logging.html
    """
    actions = [
        logs.CreateLogDelivery,
        logs.DescribeLogGroups,
        logs.DescribeResourcePolicies,
        logs.PutResourcePolicy,
    ]
    reason = "Log deliveries and the account's log resource policies have no ARN."
    return [allow_any("DeliverLogs", actions, reason)]


def stop_instances(platform_tag: tuple[str, str]) -> list[Grant]:
    """Stop the platform's instances and start them again, encrypted volumes included."""
    tag_key, value = platform_tag
    own = Condition(StringEquals({f"ec2:ResourceTag/{tag_key}": value}))
    through_ec2 = Condition(
        [
            StringEquals({"kms:ViaService": Sub("ec2.${AWS::Region}.${AWS::URLSuffix}")}),
            Bool({"kms:GrantIsForAWSResource": "true"}),
        ]
    )
    stopping = [ec2.StopInstances, ec2.StartInstances]
    return [
        allow("StopAndStart", stopping, [_here("ec2", "instance/*")], own),
        allow("StartOnEncryptedVolumes", [kms.CreateGrant], [_here("kms", "key/*")], through_ec2),
        allow_any("SeeInstances", [ec2.DescribeInstances], READS),
    ]


def pause_launches(group: Resource) -> list[Grant]:
    """Answer this group's launches with InsufficientInstanceCapacity."""
    only = Condition(
        [
            StringEquals({"ec2:FisActionId": CAPACITY_ERROR}),
            ForAllValuesArnEquals({"ec2:FisTargetArns": [group]}),
        ]
    )
    reason = "EC2 knows no resource for it; the condition names the one group and the one error."
    return [
        allow_any("PauseLaunches", [Action("ec2", "InjectApiError")], reason, only),
        allow_any("SeeGroups", [autoscaling.DescribeAutoScalingGroups], READS),
    ]


def interrupt_cache(cache: Resource) -> list[Grant]:
    """Take the power of this cache's nodes in one zone."""
    actions = [
        Action("elasticache", "InterruptClusterAzPower"),
        elasticache.DescribeReplicationGroups,
    ]
    return [allow("InterruptCache", actions, [cache]), _find_by_tag("Cache")]


def fail_over_database(cluster: Resource) -> list[Grant]:
    """Fail the platform's Aurora cluster over to another instance."""
    actions = [rds.FailoverDBCluster, rds.DescribeDBClusters]
    return [allow("FailOverDatabase", actions, [cluster]), _find_by_tag("Database")]


def pause_replication(tables: Sequence[Resource], *, strong: bool) -> list[Grant]:
    """Pause the replication of these tables: a deny in their resource policies, for a while."""
    actions = [
        dynamodb.DescribeTable,
        dynamodb.GetResourcePolicy,
        dynamodb.PutResourcePolicy,
        dynamodb.DeleteResourcePolicy,
    ]
    injecting = [Action("dynamodb", "InjectError")] if strong else []
    streams = [_below(table, "/stream/*") for table in tables]
    pausing = allow("PauseReplication", [*actions, *injecting], [*tables, *streams])
    return [pausing, _find_by_tag("Tables")]


def throttle(document: str, tables: Sequence[Resource]) -> list[Grant]:
    """Run our automation document, which works with the rights of this very role."""
    started = [
        _here("ssm", f"automation-definition/{document}:*"),
        _here("ssm", f"document/{document}"),
    ]
    executions = _here("ssm", "automation-execution/*")
    return [
        allow("StartAutomation", [ssm.StartAutomationExecution], started),
        allow(
            "FollowAutomation",
            [ssm.GetAutomationExecution, ssm.StopAutomationExecution],
            [executions],
        ),
        allow("ChangeThroughput", [dynamodb.DescribeTable, dynamodb.UpdateTable], tables),
    ]


def _find_by_tag(what: str) -> Grant:
    reason = "FIS lists what it is given by tag or ARN with this call, which knows no resource."
    return allow_any(f"Find{what}", [tag.GetResources], reason)


def _below(table: Resource, suffix: str) -> Sub:
    return Sub(f"${{Table}}{suffix}", Table=table)


def _here(service: str, resource: str) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")
