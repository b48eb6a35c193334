"""kill -9 at any moment: the next deploy attaches to what is in flight, and finishes.

The moments are requests: the process kills itself when it sends its n-th, or when the n-th has been
answered and it has not read the answer yet.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from generator.deploy.aws import Aws
from generator.deploy.rollout import deploy
from tests.deploy.apart import exit_code
from tests.deploy.conftest import Deployer, pair
from tests.local_aws import Account

REQUESTS = 120
"""About as many as a rollout over two Regions sends."""

REGIONS = ("ap-northeast-2", "us-east-1")

MOMENTS = [
    (number, random.Random(number).randrange(2, REQUESTS), event)
    for number, event in enumerate(["before-send", "response-received"] * 10)
]


def deploy_and_die(folder: Path, environment: dict[str, str], request: int, event: str) -> None:
    """Deploy prod until the moment comes. Runs in a process of its own."""
    os.environ.update(environment)
    desk = Deployer(folder).desk(pair())
    aws = Doomed(request, event)
    deploy(desk._replace(aws=aws))


class Doomed(Aws):
    """Clients that kill their process at a certain request."""

    def __init__(self, request: int, event: str) -> None:
        super().__init__()
        self._left, self._event = request, event

    def _open(self, service: str, region: str) -> Any:
        client = super()._open(service, region)
        client.meta.events.register(self._event, self._approach)
        return client

    def _approach(self, **_: Any) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(("number", "request_number", "event"), MOMENTS)
def test_the_next_deploy_finishes(
    number: int,
    request_number: int,
    event: str,
    deployer: Deployer,
    account: Account,
) -> None:
    moment = (request_number, event)
    killed = exit_code(deploy_and_die, deployer.folder, account.environment(), *moment)
    assert killed == -signal.SIGKILL

    deployer.deploy(pair())

    assert deployer.deploy(pair()).plan.steps == ()
    assert_nothing_is_there_twice(account)


def assert_nothing_is_there_twice(account: Account) -> None:
    """One stack of a name a Region, one set of a name, one instance a set and Region."""
    for region in REGIONS:
        client = account.client("cloudformation", region)
        pages = client.get_paginator("describe_stacks").paginate()
        stacks = [s["StackName"] for p in pages for s in p["Stacks"] if not s.get("ParentId")]
        # An instance's stack is called StackSet-<set>-<uuid>, and a uuid has five parts.
        bases = [
            name.rsplit("-", 5)[0] if name.startswith("StackSet-") else name for name in stacks
        ]
        assert not [name for name, count in Counter(bases).items() if count > 1]
    home = account.client("cloudformation", REGIONS[0])
    listed = [s["StackSetName"] for s in home.list_stack_sets(Status="ACTIVE")["Summaries"]]
    assert sorted(listed) == ["gtm-prod-database-replica", "gtm-prod-health-check"]
