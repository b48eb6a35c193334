"""A rollout's hands, with a client whose answers are set beforehand.

For states of AWS that no emulator comes to.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.stub import Stubber

from generator.deploy.aws import Aws
from generator.deploy.context import Context
from generator.deploy.observers import NOBODY
from generator.deploy.release import Release, Waves
from generator.deploy.steps import Do, DoSet, Plan, SetStep, StackStep
from generator.deploy.world import World

REGION = "eu-west-1"
ARN = f"arn:aws:cloudformation:{REGION}:111122223333:stack/gtm-test-network/1"
TEMPLATE = '{"Resources": {}}'
TAGS = {"gtm:platform": "gtm-test"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def session() -> boto3.Session:
    """One for all: it keeps the service models, which are slow to read."""
    return boto3.Session(aws_access_key_id="111122223333", aws_secret_access_key="test")


def stubbed(service: str = "cloudformation") -> tuple[Context, Stubber]:
    """A context, and the stubber of its client in REGION."""
    aws = Aws(session())
    plan = Plan(
        environment="test",
        prefix="gtm-test",
        home=REGION,
        account="111122223333",
        fingerprint="f",
        release="r",
        steps=(),
        unchanged=0,
        tags=TAGS,
    )
    release = Release(
        environment="test",
        prefix="gtm-test",
        home=REGION,
        regions=(REGION,),
        tags={},
        roles={"stack-set-administration": "a", "stack-set-execution": "e", "deployer": "d"},
        bucket="bucket",
        key_prefix="gtm-test/",
        waves=Waves("network", 1, 0.0, ()),
        evacuation=None,
        targets={},
        secrets_of={},
        static_path="/static/",
        cache_cluster=False,
        load_generators=None,
        units=(),
        templates={"t.json": TEMPLATE},
        archives={},
        parameters={},
    )
    world = World("111122223333", {}, {})
    context = Context(aws, release, world, plan, (), NOBODY, threading.Event(), run="run")
    stubber = Stubber(aws.client(service, REGION))
    stubber.activate()
    return context, stubber


def stack_step(do: Do = Do.CREATE, **fields: Any) -> StackStep:
    """A step on the stack of these tests."""
    facts = {"id": "network@eu-west-1", "after": (), "layer": "network", "name": "gtm-test-network"}
    known = {"region": REGION, "template": "t.json", "inline": True, "stack_id": ARN}
    return StackStep(**{**facts, **known, "do": do, **fields})


def set_step(do: DoSet = DoSet.ADD) -> SetStep:
    """A step on the stack set of these tests."""
    return SetStep(
        id="replica/x",
        after=(),
        layer="replica",
        name="gtm-test-replica",
        region=REGION,
        do=do,
        places=(REGION,),
        template="t.json",
    )


def described(status: str, tags: Mapping[str, str] = TAGS) -> dict[str, Any]:
    """DescribeStacks' answer for the stack."""
    stack = {"StackName": "gtm-test-network", "StackId": ARN, "CreationTime": NOW}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"Stacks": [{**stack, "StackStatus": status, "Tags": listed}]}


def events(*said: tuple[str, str, str]) -> dict[str, Any]:
    """DescribeStackEvents' answer: id, status and token of the stack's own events, newest first."""
    return {
        "StackEvents": [
            {
                "EventId": event,
                "StackId": ARN,
                "StackName": "gtm-test-network",
                "LogicalResourceId": "gtm-test-network",
                "PhysicalResourceId": ARN,
                "ResourceType": "AWS::CloudFormation::Stack",
                "ResourceStatus": status,
                "Timestamp": NOW,
                "ClientRequestToken": token,
            }
            for event, status, token in said
        ]
    }


def refuse(stubber: Stubber, method: str, code: str, message: str = "", tries: int = 1) -> None:
    """The next call is refused, after so many tries by botocore."""
    stubber.add_client_error(method, code, message, 400, response_meta={"RetryAttempts": tries - 1})
