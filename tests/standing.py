"""Platforms that stand: prod over two Regions, once a test process, for tests that read it or put
back what they change; and one's switches alone, in an account of the test's own.

tests/conftest.py makes the fixtures known everywhere.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.deploy.aws import Aws
from generator.deploy.release import Release
from generator.sandbox.process import Sandbox
from tests.deploy.conftest import CHECKOUT, Deployer, pair
from tests.local_aws import Account

HOME, OTHER = "ap-northeast-2", "us-east-1"
REGIONS = (HOME, OTHER)
SETTINGS = pair()
ACCOUNT_ID = "200000000001"


class Standing(NamedTuple):
    """A platform that stands, and the checkout from which it was deployed."""

    account: Account
    release: Release
    checkout: Path
    aws: Aws


@pytest.fixture(scope="session")
def deployed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Deployed once; `standing` is what tests ask for."""
    checkout = tmp_path_factory.mktemp("standing")
    shutil.copytree(CHECKOUT / "parameters", checkout / "parameters")
    shutil.copy(CHECKOUT / "setup.cfg", checkout)
    account = Account(sandbox, ACCOUNT_ID)
    with pytest.MonkeyPatch.context() as monkeypatch:
        _enter(account, monkeypatch)
        deployer = Deployer(checkout)
        release = deployer.build(SETTINGS)
        deployer.deploy(SETTINGS)
    return Standing(account, release, checkout, Aws())


@pytest.fixture
def standing(deployed: Standing, monkeypatch: pytest.MonkeyPatch) -> Standing:
    """The platform, with the environment and the directory of somebody who works on it."""
    _enter(deployed.account, monkeypatch)
    monkeypatch.chdir(deployed.checkout)
    return deployed._replace(aws=Aws())


@pytest.fixture
def switches(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Standing:
    """What the stack set of health checks makes in each Region, and nothing else."""
    _enter(account, monkeypatch)
    (tmp_path / "parameters").mkdir()
    (tmp_path / "setup.cfg").touch()
    monkeypatch.chdir(tmp_path)
    release = Deployer(tmp_path).build(SETTINGS)
    zone = account.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")
    template = release.templates[release.unit("health_check").template]
    for region in REGIONS:
        client = account.client("cloudformation", region)
        client.create_stack(
            StackName=f"StackSet-gtm-prod-health-check-{region}",
            TemplateBody=template,
            Parameters=[
                {"ParameterKey": "HostedZoneId", "ParameterValue": zone["HostedZone"]["Id"]}
            ],
        )
        client.get_waiter("stack_create_complete").wait(
            StackName=f"StackSet-gtm-prod-health-check-{region}", WaiterConfig={"Delay": 0}
        )
    return Standing(account, release, tmp_path, Aws())


def _enter(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
