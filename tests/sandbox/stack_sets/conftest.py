"""The StackSet API of a fresh account, in its home Region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import release


@pytest.fixture
def cfn(account: Account) -> Iterator[Any]:
    """Nothing waits any more when the test is over: a server that stops waits for its stacks."""
    yield account.client("cloudformation")
    release(account)
