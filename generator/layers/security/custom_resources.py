"""The two custom resources of the security layer, each a small Lambda function in the template.

Their source is in `generator/functions/`: real files with tests, inlined here, so that no archive
has to be uploaded before the first stack.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from troposphere import AWSObject, GetAtt, Ref
from troposphere.awslambda import Code, Function, LoggingConfig
from troposphere.iam import Role
from troposphere.logs import LogGroup

from generator.layers.draft import Draft, Expression, sub
from generator.policies import custom_resources as policies
from generator.policies.statements import Grant, role
from generator.policies.trust import LAMBDA, plain_trust

FUNCTIONS = Path(__file__).parents[2] / "functions"
RUNTIME = "python3.13"
TIMEOUT_SECONDS = 60
ANSWER_SECONDS = 300
"""After this a custom resource has failed, instead of CloudFormation's hour."""

EXCUSES = {
    "CKV_AWS_115": "Reserving concurrency takes it from the account, whose limit may be 10; "
    "CloudFormation calls the function once an operation.",
    "CKV_AWS_116": "CloudFormation waits for the answer and retries nothing: a failure is shown "
    "in the stack's events, not in a dead-letter queue.",
    "CKV_AWS_117": "The function calls the EC2 API only; in the VPC it would depend on the NAT "
    "gateway that it is made before.",
}


class ClosedDefaultGroup(AWSObject):
    """The default security group of a VPC, without rules."""

    resource_type = "Custom::ClosedDefaultGroup"
    props: ClassVar[dict[str, Any]] = {
        "ServiceToken": (str, True),
        "ServiceTimeout": (int, False),
        "VpcId": (str, True),
    }


class PrefixList(AWSObject):
    """A managed prefix list that AWS keeps, by its name."""

    resource_type = "Custom::PrefixList"
    props: ClassVar[dict[str, Any]] = {
        "ServiceToken": (str, True),
        "ServiceTimeout": (int, False),
        "PrefixListName": (str, True),
    }


def close_default_group(draft: Draft, vpc: Expression, logs_key: Expression) -> None:
    """Whatever is launched without a group of its own reaches nothing."""
    grants = policies.close_default_group(vpc)
    function = _function(draft, "CloseDefaultGroup", "close_default_group", grants, logs_key)
    draft.add(
        ClosedDefaultGroup(
            "ClosedDefaultGroup",
            ServiceToken=GetAtt(function, "Arn"),
            ServiceTimeout=ANSWER_SECONDS,
            VpcId=vpc,
        )
    )


def prefix_lists(draft: Draft, lists: dict[str, str], logs_key: Expression) -> dict[str, GetAtt]:
    """Ids of managed prefix lists: title of the resource → name of the list, looked up."""
    grants = policies.find_prefix_list()
    function = _function(draft, "FindPrefixList", "find_prefix_list", grants, logs_key)
    found = {}
    for title, name in lists.items():
        resource = draft.add(
            PrefixList(
                title,
                ServiceToken=GetAtt(function, "Arn"),
                ServiceTimeout=ANSWER_SECONDS,
                PrefixListName=sub(name) if "${" in name else name,
            )
        )
        found[title] = GetAtt(resource, "PrefixListId")
    return found


def _function(
    draft: Draft, title: str, source: str, grants: Sequence[Grant], logs_key: Expression
) -> Function:
    logs = _log_group(draft, title, logs_key)
    function = draft.add(
        Function(
            f"{title}Function",
            Description=f"Custom resource of {draft.settings.prefix}: {source}",
            Runtime=RUNTIME,
            Handler="index.handler",
            Code=Code(ZipFile=(FUNCTIONS / f"{source}.py").read_text(encoding="utf-8")),
            Role=GetAtt(_role(draft, title, logs, grants), "Arn"),
            Timeout=TIMEOUT_SECONDS,
            MemorySize=128,
            LoggingConfig=LoggingConfig(LogGroup=Ref(logs)),
        )
    )
    for check, reason in EXCUSES.items():
        draft.excuse(function, check, reason)
    return function


def _log_group(draft: Draft, title: str, logs_key: Expression) -> LogGroup:
    return draft.add(
        LogGroup(
            f"{title}Logs",
            KmsKeyId=logs_key,
            RetentionInDays=draft.settings.log_retention_days,
        )
    )


def _role(draft: Draft, title: str, logs: LogGroup, grants: Sequence[Grant]) -> Role:
    return draft.add(role(f"{title}Role", plain_trust(LAMBDA), [policies.own_logs(logs), *grants]))
