"""What is in flight is waited for, whoever began it, and then the deploy goes on.

Stack set instances are slow in this server, so that there is something to meet under way.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.deploy.context import Observer
from generator.deploy.records.journal import Past
from generator.deploy.rollout import deploy
from generator.deploy.steps import Plan, Step
from generator.errors import Detached, Exit, Refused
from generator.sandbox.process import running
from tests.deploy.conftest import Deployer, Onlooker, pair

SECONDS_AN_INSTANCE = "3"


class Leaving(Onlooker):
    """Presses Ctrl-C when a step begins."""

    def __init__(self, step: str, stop: threading.Event) -> None:
        super().__init__()
        self._step, self._stop = step, stop

    def started(self, step: Step) -> None:
        """Leave a moment after it began, so that CloudFormation has got the call."""
        if step.id == self._step:
            threading.Timer(0.5, self._stop.set).start()


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployer]:
    """A person with an account in which stack set instances take their time."""
    monkeypatch.setenv("SANDBOX_INSTANCE_SECONDS", SECONDS_AN_INSTANCE)
    with running() as sandbox:
        for name, value in sandbox.environment("300000000002", "us-east-1").items():
            monkeypatch.setenv(name, value)
        yield Deployer(tmp_path)


def leave(deployer: Deployer, step: str) -> None:
    """Deploy, and leave in the middle of a step."""
    desk = deployer.desk(pair())

    def agree(plan: Plan, past: Past) -> Observer:
        return Leaving(step, desk.stop)

    with pytest.raises(Detached, match="run deploy again") as left:
        deploy(desk._replace(agree=agree))
    assert left.value.exit_code is Exit.INTERRUPTED


def test_the_next_deploy_waits_for_what_is_under_way_and_goes_on(slow: Deployer) -> None:
    leave(slow, "database_replica/add-instances")
    with pytest.raises(Refused, match="a plan holds only for what stands still"):
        slow.plan(pair())
    result = slow.deploy(pair())
    assert "still under way, so waited for:" in slow.told
    assert any("gtm-prod-database-replica: CREATE" in words for words in slow.told)
    assert "database_replica/add-instances" not in {o.step for o in result.outcomes}
    assert slow.deploy(pair()).plan.steps == ()
