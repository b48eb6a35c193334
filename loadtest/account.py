"""What a load against AWS needs of the account: what opens its target, and what to watch.

In the rights of whoever starts it: a rollout's roles may read neither secret.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from generator.errors import AwsError
from loadtest.watching import Watched

_ALARM_TYPES = ["MetricAlarm", "CompositeAlarm"]


def read_secret(name: str, region: str) -> dict[str, str]:
    """The keys and values of a JSON secret, which nobody shows. Raises AwsError."""
    try:
        answer = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=name)
        found: dict[str, str] = json.loads(answer["SecretString"])
        return found
    except (BotoCoreError, ClientError) as error:
        raise AwsError(
            f"{region}: the secret {name} was not read: {error}\n"
            "    allow secretsmanager:GetSecretValue on it, and kms:Decrypt on its key"
        ) from error


def watch(region: str, prefix: str, group: str) -> Watched:
    """A Region's group ("" for none), the platform's alarms, and those of its target tracking.

    Raises AwsError. Names of target tracking's alarms are AWS's own:
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
    """
    cloudwatch = boto3.client("cloudwatch", region_name=region)
    starts = [f"{prefix}-", *([f"TargetTracking-{group}-"] if group else [])]
    try:
        alarms = [name for start in starts for name in _alarm_names(cloudwatch, start)]
    except (BotoCoreError, ClientError) as error:
        raise AwsError(
            f"{region}: the alarms were not listed: {error}\n    allow cloudwatch:DescribeAlarms"
        ) from error
    autoscaling = boto3.client("autoscaling", region_name=region)
    return Watched(region, cloudwatch, autoscaling, group, alarms)


def _alarm_names(cloudwatch: Any, start: str) -> list[str]:
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=start, AlarmTypes=_ALARM_TYPES
    )
    return [
        alarm["AlarmName"]
        for page in pages
        for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
    ]
