"""Whole deploys through a network that fails: nothing is lost, and nothing is made twice."""

from __future__ import annotations

import time
from types import SimpleNamespace

import botocore.endpoint
import pytest

from tests.deploy.conftest import Deployer, pair
from tests.deploy.test_killed import assert_nothing_is_there_twice
from tests.faults import FaultProxy, Kind, Schedule
from tests.local_aws import Account


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of botocore's pauses before it tries again: their length is tested elsewhere."""
    hasty = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / 10))
    monkeypatch.setattr(botocore.endpoint, "time", hasty)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_deploy_gets_through_all_of_them_together(
    seed: int, deployer: Deployer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = Schedule(seed=seed, rate=0.1, in_a_row=1)
    with FaultProxy(account.sandbox.endpoint, schedule) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        result = deployer.deploy(pair())
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.sandbox.endpoint)
    assert {outcome.state for outcome in result.outcomes} == {"done"}
    assert set(proxy.met) == set(Kind), "the test must have met each kind of fault"
    assert deployer.deploy(pair()).plan.steps == ()
    assert_nothing_is_there_twice(account)


def test_what_was_just_made_may_not_be_seen_yet(
    deployer: Deployer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultProxy(account.sandbox.endpoint, unseen=2) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        deployer.deploy(pair())
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.sandbox.endpoint)
    assert deployer.deploy(pair()).plan.steps == ()


def test_so_does_an_update(
    deployer: Deployer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployer.deploy(pair())
    changed = pair(load_balancer={"algorithm": "round_robin"}, log_retention_days=60)
    with FaultProxy(account.sandbox.endpoint, Schedule(seed=2, rate=0.08, in_a_row=1)) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        deployer.deploy(changed)
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.sandbox.endpoint)
    assert deployer.deploy(changed).plan.steps == ()
