"""A second deploy changes nothing; a change shows exactly itself."""

from __future__ import annotations

import pytest

from generator.deploy.steps import Action, Do, SetStep, StackStep
from generator.errors import Refused
from tests.deploy.conftest import Deployer, prod

READS_PER_STACK = 3


def test_a_second_deploy_calls_nothing_that_changes_anything(deployer: Deployer) -> None:
    deployer.deploy(prod())
    second = deployer.deploy(prod())
    assert second.plan.steps == ()
    assert deployer.aws.mutating_calls == 0
    world = deployer.world(prod())
    stacks = len(world.stacks) + sum(len(s.instances) for s in world.sets.values())
    assert sum(deployer.aws.calls.values()) <= READS_PER_STACK * stacks


def test_one_changed_setting_is_one_changed_resource(deployer: Deployer) -> None:
    deployer.deploy(prod())
    changed = prod(load_balancer={"algorithm": "round_robin"})
    plan = deployer.plan(changed)
    roots = [step for step in plan.steps if isinstance(step, StackStep)]
    assert [step.id for step in roots] == [
        "regional@ap-northeast-2",
        "regional@us-east-1",
        "regional@eu-west-1",
    ]
    for step in roots:
        assert step.do is Do.UPDATE
        assert [(c.path, c.action, c.properties) for c in step.changes] == [
            ("LoadBalancer/TargetGroup", Action.MODIFY, ("TargetGroupAttributes",))
        ]


def test_a_changed_threshold_shows_in_the_instances_of_its_stack_set(deployer: Deployer) -> None:
    deployer.deploy(prod())
    plan = deployer.plan(prod(domain={"check_failures": 4}))
    (step,) = [step for step in plan.steps if isinstance(step, SetStep)]
    assert set(step.changes) == {"ap-northeast-2", "us-east-1", "eu-west-1"}
    for changes in step.changes.values():
        assert [(change.path, change.action) for change in changes] == [
            ("EndpointCheck", Action.MODIFY)
        ]


def test_what_holds_state_is_not_replaced_unasked(deployer: Deployer) -> None:
    deployer.deploy(prod())
    other = prod(cache={"shards": 2})
    with pytest.raises(Refused, match=r"ReplicationGroup.*--allow-replace"):
        deployer.deploy(other)
