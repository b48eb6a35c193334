"""What every call that makes or changes a stack has in common."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from generator.deploy.context import Context
from generator.deploy.executing.artifacts import address
from generator.deploy.steps import StackStep
from generator.deploy.waiting import until
from generator.errors import Detached

CAPABILITIES = ["CAPABILITY_NAMED_IAM"]
ASSUMABLE_WITHIN = 120.0
"""Seconds after which a role that IAM has just made is known everywhere."""


def when_assumable(call: Callable[[], Any], stop: threading.Event) -> Any:
    """Make a call that names a role; a role that was made a moment ago may not be known yet."""

    def look() -> Any:
        try:
            return call()
        except ClientError as error:
            if "cannot be assumed" in str(error):
                return None
            raise

    answer = until(look, stop, ASSUMABLE_WITHIN)
    if answer is None and stop.is_set():
        raise Detached("left before the role was known")
    return answer or call()


def stack_request(context: Context, step: StackStep) -> dict[str, Any]:
    """Template, parameters, tags, capabilities and role of a stack step."""
    request: dict[str, Any] = {
        "Parameters": parameter_list(context.values(step)),
        "Capabilities": CAPABILITIES,
        "Tags": tag_list(context.plan.tags),
    }
    if step.inline:
        request["TemplateBody"] = context.template(step.template)
    else:
        request["TemplateURL"] = address(context, step.region, step.template)
    if step.role:
        request["RoleARN"] = role_arn(context, step.region, step.role)
    if step.express:
        request["DeploymentConfig"] = {"Mode": "EXPRESS", "DisableRollback": False}
    return request


def role_arn(context: Context, region: str, name: str) -> str:
    """ARN of one of the foundation's roles."""
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    return f"arn:{partition}:iam::{context.plan.account}:role/{name}"


def parameter_list(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Parameters as CloudFormation takes them."""
    return [{"ParameterKey": k, "ParameterValue": v} for k, v in sorted(values.items())]


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as CloudFormation takes them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
