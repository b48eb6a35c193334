"""A function's source, loaded as Lambda does: beside a `cfnresponse`, here one that remembers."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

FUNCTIONS = Path(__file__).parents[2] / "generator" / "functions"


@dataclass
class Answer:
    """What CloudFormation was told."""

    status: str
    data: dict[str, Any]
    physical_id: str
    reason: str | None


@dataclass
class Function:
    """A loaded function, the EC2 that it sees, and its answers."""

    module: ModuleType
    ec2: Stubber
    answers: list[Answer]

    def call(self, request: str, **properties: str) -> Answer:
        """Call the handler as CloudFormation does, and return its one answer."""
        event: dict[str, Any] = {"RequestType": request, "ResourceProperties": properties}
        if request != "Create":
            event["PhysicalResourceId"] = "made-before"
        with self.ec2:
            self.module.handler(event, None)
        assert len(self.answers) == 1, "CloudFormation is answered once"
        self.ec2.assert_no_pending_responses()
        return self.answers.pop()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Function]]:
    """Load a function by the name of its file."""
    answers: list[Answer] = []

    def send(
        event: object,
        context: object,
        status: str,
        data: dict[str, Any],
        physical_id: str,
        reason: str | None = None,
    ) -> None:
        answers.append(Answer(status, data, physical_id, reason))

    fake = ModuleType("cfnresponse")
    vars(fake).update(send=send, SUCCESS="SUCCESS", FAILED="FAILED")
    monkeypatch.setitem(sys.modules, "cfnresponse", fake)
    client = boto3.client(
        "ec2", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(boto3, "client", lambda service: client)

    def loaded(name: str) -> Function:
        spec = importlib.util.spec_from_file_location(name, FUNCTIONS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return Function(module, Stubber(client), answers)

    yield loaded
    client.close()
