"""Every optional layer at once, rolled out and taken away again."""

from __future__ import annotations

from typing import Any

import pytest

from generator.deploy.steps import Plan, SetStep, StackStep
from generator.errors import Refused
from tests.deploy.conftest import Deployer, pair
from tests.settings.options import CONNECTION

HOME, OTHER = "ap-northeast-2", "us-east-1"
OPTIONS: dict[str, Any] = {
    "aurora": {},
    "load_generator": {"regions": [OTHER]},
    "region_switch": {},
    "chaos": {},
    "pipeline": {
        "connection_arn": CONNECTION,
        "repository": "my-company/platform",
        "promotes": [{"environment": "prod"}],
    },
    "github_actions": {"repository": "my-company/platform"},
}


def layers(plan: Plan) -> set[str]:
    return {step.layer for step in plan.steps if isinstance(step, StackStep | SetStep)}


def test_every_option_is_switched_on_and_off(deployer: Deployer) -> None:
    deployer.deploy(pair())
    on = deployer.deploy(pair(**OPTIONS))
    assert layers(on.plan) >= {"pipeline", "github_actions", "region_switch", "load_generator"}
    changes = [c for s in on.plan.steps if isinstance(s, StackStep) for c in s.changes]
    assert {c.path.partition("/")[0] for c in changes} >= {"Aurora", "Chaos"}
    assert deployer.deploy(pair(**OPTIONS)).plan.steps == ()
    off = deployer.plan(pair())
    assert layers(off) >= {"pipeline", "github_actions", "region_switch", "load_generator"}
    with pytest.raises(Refused, match="Aurora"):
        deployer.deploy(pair())
