"""Express mode: plain stacks of dev without custom resources, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.deploy.steps import StackStep
from generator.errors import Refused
from generator.settings import load
from tests.deploy.conftest import CHECKOUT, Deployer, prod
from tests.local_aws import Account

DEV = load(Path(CHECKOUT / "parameters" / "dev.yaml"))


def test_it_is_asked_for_where_it_can_be(deployer: Deployer, account: Account) -> None:
    plan = deployer.plan(DEV, express=True)
    express = {s.layer: s.express for s in plan.steps if isinstance(s, StackStep)}
    assert express["storage"] is True
    assert express["regional"] is False, "its custom resources answer, and are waited for"


def test_cloudformation_is_told(deployer: Deployer, account: Account) -> None:
    deployer.deploy(DEV, express=True)
    client = account.client("cloudformation", DEV.home_region)
    (stack,) = client.describe_stacks(StackName="gtm-dev-storage")["Stacks"]
    assert stack["DeploymentConfig"]["Mode"] == "EXPRESS"


def test_elsewhere_it_is_refused_with_the_reason(deployer: Deployer) -> None:
    with pytest.raises(Refused, match="reports a stack done before its resources serve"):
        deployer.plan(prod(), express=True)
