"""AWS answering from a script: botocore's own Stubber behind our one door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from generator.deploy.aws import Aws

Script = list[tuple[str, dict[str, Any], dict[str, Any] | None]]
"""Operation (snake case), its answer, and the parameters that it must come with (None: any)."""


class StubbedAws(Aws):
    """Clients that answer as scripted, by service and Region; others can't be reached."""

    def __init__(self, scripts: dict[tuple[str, str], Script]) -> None:
        super().__init__()
        self._scripts = scripts
        self.stubbers: dict[tuple[str, str], Stubber] = {}

    def _open(self, service: str, region: str) -> Any:
        client = boto3.Session().client(
            service,
            region_name=region,
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
        )
        script = self._scripts.get((service, region))
        if script is None:
            client.meta.events.register("before-send", _unreachable)
            return client
        stubber = Stubber(client)
        for operation, answer, expected in script:
            if "Error" in answer:
                error = answer["Error"]
                stubber.add_client_error(operation, error["Code"], error["Message"])
            else:
                stubber.add_response(operation, answer, expected)
        stubber.activate()
        self.stubbers[service, region] = stubber
        return client


def _unreachable(**_: Any) -> None:
    raise EndpointConnectionError(endpoint_url="https://unreachable.example.com")


@contextmanager
def scripted(scripts: dict[tuple[str, str], Script]) -> Iterator[StubbedAws]:
    """Every scripted call must have been made by the end."""
    aws = StubbedAws(scripts)
    yield aws
    for stubber in aws.stubbers.values():
        stubber.assert_no_pending_responses()
    assert set(aws.stubbers) == set(scripts)
