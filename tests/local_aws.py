"""The local AWS that tests deploy to: one server a test process, one account a test.

    def test_…(account: Account) -> None:
        account.client("ec2", "eu-west-1").describe_vpcs()

tests/conftest.py makes both fixtures known everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any, NamedTuple

import boto3
import botocore.session
import pytest
from botocore.config import Config

from generator.sandbox.process import Sandbox, running

# One reader of service models a process: they are slow to read, and the same in every session.
botocore.session.create_loader = cache(botocore.session.create_loader)

_numbers = count(100_000_000_001)
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 1})


class Account(NamedTuple):
    """An AWS account of a test's own: nothing stands in it, and no other test sees it."""

    sandbox: Sandbox
    id: str

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client; a fault is seen at once, for nothing is tried again."""
        return session().client(
            service,
            region_name=region,
            endpoint_url=self.sandbox.endpoint,
            aws_access_key_id=self.id,
            aws_secret_access_key="sandbox",
            config=_CONFIG,
        )

    def environment(self, region: str = "us-east-1") -> dict[str, str]:
        """The whole environment of a process that works in this account."""
        return self.sandbox.environment(self.id, region)


@cache
def session() -> boto3.Session:
    """One session a process, for clients that are given their credentials."""
    return boto3.Session()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One throwaway server for this test process."""
    with running() as server:
        yield server


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    """A fresh account."""
    return Account(sandbox, str(next(_numbers)))
