"""A second deploy changes nothing; a change shows exactly itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.deploy.steps import Action, Do, SetStep, StackStep
from generator.errors import Refused
from generator.settings.model import Settings
from tests.deploy.conftest import Deployer, pair
from tests.standing import REGIONS, SETTINGS, Standing

READS_PER_STACK = 3


def changed(**sections: Any) -> Settings:
    """The settings of what stands, but for these sections."""
    return pair(**sections)


@pytest.fixture
def person(standing: Standing, tmp_path: Path) -> Deployer:
    """Somebody at the platform that stands; what they do here changes nothing in it."""
    assert standing.account
    return Deployer(tmp_path)


def test_a_second_deploy_calls_nothing_that_changes_anything(person: Deployer) -> None:
    second = person.deploy(SETTINGS)
    assert second.plan.steps == ()
    calls = person.aws
    assert calls.mutating_calls == 0
    world = person.world(SETTINGS)
    stacks = len(world.stacks) + sum(len(s.instances) for s in world.sets.values())
    assert sum(calls.calls.values()) <= READS_PER_STACK * stacks


def test_one_changed_setting_is_one_changed_resource(person: Deployer) -> None:
    plan = person.plan(changed(load_balancer={"algorithm": "round_robin"}))
    roots = [step for step in plan.steps if isinstance(step, StackStep)]
    assert [step.id for step in roots] == [f"regional@{region}" for region in REGIONS]
    for step in roots:
        assert step.do is Do.UPDATE
        assert [(c.path, c.action, c.properties) for c in step.changes] == [
            ("LoadBalancer/TargetGroup", Action.MODIFY, ("TargetGroupAttributes",))
        ]


def test_a_changed_threshold_shows_in_the_instances_of_its_stack_set(person: Deployer) -> None:
    plan = person.plan(changed(domain={"check_failures": 4}))
    (step,) = [step for step in plan.steps if isinstance(step, SetStep)]
    assert set(step.changes) == set(REGIONS)
    for changes in step.changes.values():
        assert [(change.path, change.action) for change in changes] == [
            ("EndpointCheck", Action.MODIFY)
        ]


def test_what_holds_state_is_not_replaced_unasked(person: Deployer) -> None:
    other = changed(cache={"shards": 2})
    with pytest.raises(Refused, match=r"ReplicationGroup.*--allow-replace"):
        person.deploy(other)
