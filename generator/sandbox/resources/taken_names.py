"""Names that are taken. ministack's own types overwrite what has the name: here they refuse it.

CloudFormation creates nothing whose name exists, in its own words:
https://repost.aws/knowledge-center/cloudformation-resource-already-exists-errors
A name that CloudFormation generates is never looked up: it is the stack's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from generator.sandbox import seams
from generator.sandbox.resources.calls import already_exists, is_gone
from generator.sandbox.resources.resource import Extension, Properties


class _Name(NamedTuple):
    """Where a type has its name, and who says whether it is taken."""

    property: str
    service: str
    is_taken: Callable[[Any, str], bool]
    """(client of the service, name)"""


def extensions() -> dict[str, Extension]:
    """A check before creation for each type."""
    return {
        resource_type: Extension(before_create=_refusal(resource_type, name))
        for resource_type, name in NAMES.items()
    }


def _refusal(resource_type: str, name: _Name) -> Callable[[str, Properties, str], None]:
    def refuse(logical_id: str, properties: Properties, stack: str) -> None:
        wanted = properties.get(name.property)
        if wanted and name.is_taken(seams.client(name.service), wanted):
            raise ValueError(already_exists(resource_type, wanted))

    return refuse


def _stands(call: Callable[..., Any], **asked: Any) -> bool:
    """Whether the service finds what it is asked for."""
    try:
        call(**asked)
    except ClientError as error:
        if is_gone(error):
            return False
        raise
    return True


def _has(found: Iterable[Properties], key: str, name: str) -> bool:
    return any(each[key] == name for each in found)


def _log_group(logs: Any, name: str) -> bool:
    return _has(
        logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"], "logGroupName", name
    )


def _log_policy(logs: Any, name: str) -> bool:
    return _has(logs.describe_resource_policies()["resourcePolicies"], "policyName", name)


def _topic(sns: Any, name: str) -> bool:
    arn = f"arn:aws:sns:{seams.current_region()}:{seams.current_account()}:{name}"
    return _stands(sns.get_topic_attributes, TopicArn=arn)


def _managed_policy(iam: Any, name: str) -> bool:
    pages = iam.get_paginator("list_policies").paginate(Scope="Local")
    return any(_has(page["Policies"], "PolicyName", name) for page in pages)


def _alias(kms: Any, name: str) -> bool:
    pages = kms.get_paginator("list_aliases").paginate()
    return any(_has(page["Aliases"], "AliasName", name) for page in pages)


def _web_acl(waf: Any, name: str) -> bool:
    scopes = ["REGIONAL"] + (["CLOUDFRONT"] if seams.current_region() == "us-east-1" else [])
    return any(_has(waf.list_web_acls(Scope=scope)["WebACLs"], "Name", name) for scope in scopes)


NAMES = {
    "AWS::AutoScaling::AutoScalingGroup": _Name(
        "AutoScalingGroupName",
        "autoscaling",
        lambda client, name: bool(
            client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        ),
    ),
    "AWS::Backup::BackupVault": _Name(
        "BackupVaultName",
        "backup",
        lambda client, name: _stands(client.describe_backup_vault, BackupVaultName=name),
    ),
    "AWS::CloudWatch::Dashboard": _Name(
        "DashboardName",
        "cloudwatch",
        lambda client, name: _stands(client.get_dashboard, DashboardName=name),
    ),
    "AWS::DynamoDB::Table": _Name(
        "TableName",
        "dynamodb",
        lambda client, name: _stands(client.describe_table, TableName=name),
    ),
    "AWS::EC2::LaunchTemplate": _Name(
        "LaunchTemplateName",
        "ec2",
        lambda client, name: _has(
            client.describe_launch_templates()["LaunchTemplates"], "LaunchTemplateName", name
        ),
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _Name(
        "Name",
        "elbv2",
        lambda client, name: _has(
            client.describe_load_balancers()["LoadBalancers"], "LoadBalancerName", name
        ),
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": _Name(
        "Name",
        "elbv2",
        lambda client, name: _has(
            client.describe_target_groups()["TargetGroups"], "TargetGroupName", name
        ),
    ),
    "AWS::IAM::ManagedPolicy": _Name("ManagedPolicyName", "iam", _managed_policy),
    "AWS::IAM::Role": _Name(
        "RoleName", "iam", lambda client, name: _stands(client.get_role, RoleName=name)
    ),
    "AWS::KMS::Alias": _Name("AliasName", "kms", _alias),
    "AWS::Lambda::Function": _Name(
        "FunctionName",
        "lambda",
        lambda client, name: _stands(client.get_function, FunctionName=name),
    ),
    "AWS::Logs::LogGroup": _Name("LogGroupName", "logs", _log_group),
    "AWS::Logs::ResourcePolicy": _Name("PolicyName", "logs", _log_policy),
    "AWS::SNS::Topic": _Name("TopicName", "sns", _topic),
    "AWS::SecretsManager::Secret": _Name(
        "Name",
        "secretsmanager",
        lambda client, name: _stands(client.describe_secret, SecretId=name),
    ),
    "AWS::WAFv2::WebACL": _Name("Name", "wafv2", _web_acl),
}
