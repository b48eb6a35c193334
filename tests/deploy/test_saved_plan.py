"""A saved plan is executed exactly, or refused because something moved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from generator.deploy.records.saved import read_plan, write_plan
from generator.errors import Exit, Refused
from tests.deploy.conftest import Deployer, pair
from tests.local_aws import Account

HOME = "ap-northeast-2"


def test_it_is_executed_from_its_file(deployer: Deployer, tmp_path: Path) -> None:
    write_plan(tmp_path / "plan.json", deployer.plan(pair()))
    result = deployer.deploy(pair(), saved=read_plan(tmp_path / "plan.json"))
    assert {outcome.state for outcome in result.outcomes} == {"done"}
    assert deployer.deploy(pair()).plan.steps == ()


def test_an_update_executes_the_change_set_that_was_reviewed(
    deployer: Deployer, account: Account
) -> None:
    deployer.deploy(pair())
    changed = pair(load_balancer={"algorithm": "round_robin"})
    plan = deployer.plan(changed)
    deployer.deploy(changed, saved=plan)
    assert deployer.aws.calls["cloudformation:CreateChangeSet"] == 0
    assert deployer.aws.calls["cloudformation:ExecuteChangeSet"] == 2
    assert deployer.deploy(changed).plan.steps == ()


def test_other_files_than_those_reviewed_are_refused(deployer: Deployer) -> None:
    plan = deployer.plan(pair())
    with pytest.raises(Refused, match="the built files changed") as told:
        deployer.deploy(pair(log_retention_days=30), saved=plan)
    assert told.value.exit_code is Exit.REFUSED


def test_it_is_refused_when_the_world_moved(deployer: Deployer, account: Account) -> None:
    deployer.deploy(pair())
    changed = pair(load_balancer={"algorithm": "round_robin"})
    plan = deployer.plan(changed)
    client = account.client("cloudformation", HOME)
    (stack,) = client.describe_stacks(StackName="gtm-prod-database-key")["Stacks"]
    template = client.get_template(StackName=stack["StackId"])["TemplateBody"]
    template["Description"] = "somebody was here"
    template["Resources"]["Topic"] = {"Type": "AWS::SNS::Topic"}
    client.update_stack(StackName=stack["StackId"], TemplateBody=json.dumps(template))
    with pytest.raises(Refused, match="what stands changed"):
        deployer.deploy(changed, saved=plan)


def test_templates_that_a_plan_brings_are_what_their_names_say(deployer: Deployer) -> None:
    plan = deployer.plan(pair())
    spoilt = replace(plan, templates={"database-0123456789ab.template.json": "{}"})
    with pytest.raises(Refused, match="its own templates"):
        deployer.deploy(pair(), saved=spoilt)
