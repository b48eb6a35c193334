"""What was reviewed once is done in two goes: the home Region, then the rest of the world."""

from __future__ import annotations

import json

import pytest

from generator.deploy import rollout
from generator.deploy.context import Context, Outcome
from generator.deploy.executing.execute import execute
from generator.deploy.steps import Plan, Step
from generator.errors import Refused, RolloutFailed
from tests.deploy.conftest import Deployer, pair, prod
from tests.deploy.test_bake import impaired
from tests.local_aws import Account

HOME, OTHER = "ap-northeast-2", "us-east-1"
CHANGED = pair(load_balancer={"deregistration_delay_seconds": 61})


def ids(plan: Plan) -> list[str]:
    return [step.id for step in plan.steps]


def changed(account: Account, region: str, name: str) -> None:
    """Somebody adds a topic to a stack."""
    client = account.client("cloudformation", region)
    template = client.get_template(StackName=name)["TemplateBody"]
    template["Resources"]["Topic"] = {"Type": "AWS::SNS::Topic"}
    client.update_stack(StackName=name, TemplateBody=json.dumps(template))


def test_a_first_rollout_stops_when_home_serves_and_goes_on(deployer: Deployer) -> None:
    saved = deployer.plan(pair())
    home = deployer.deploy(pair(), saved=saved, until_home=True)
    assert f"regional@{HOME}" in ids(home.plan)
    assert f"regional@{OTHER}" not in ids(home.plan)
    assert home.rest is not None
    assert sorted(ids(home.plan) + ids(home.rest)) == sorted(ids(saved))
    rest = deployer.deploy(pair(), saved=home.rest)
    assert {outcome.state for outcome in rest.outcomes} == {"done"}
    assert deployer.deploy(pair()).plan.steps == ()


def test_an_update_executes_in_both_goes_the_change_sets_that_were_reviewed(
    deployer: Deployer,
) -> None:
    deployer.deploy(pair())
    saved = deployer.plan(CHANGED, bake_minutes=0.01)
    home = deployer.deploy(CHANGED, saved=saved, until_home=True)
    assert ids(home.plan)[-1] == f"bake@{HOME}"
    deployer.deploy(CHANGED, saved=home.rest)
    assert deployer.aws.calls["cloudformation:CreateChangeSet"] == 0
    assert deployer.aws.calls["cloudformation:ExecuteChangeSet"] == 1


def test_the_rest_is_refused_when_somebody_was_there_in_between(
    deployer: Deployer, account: Account
) -> None:
    home = deployer.deploy(pair(), until_home=True)
    changed(account, HOME, "gtm-prod-database-key")
    with pytest.raises(Refused, match="what stands changed"):
        deployer.deploy(pair(), saved=home.rest)


def test_so_it_is_when_somebody_was_elsewhere_while_home_was_rolled_out(
    deployer: Deployer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployer.deploy(pair())

    def meddled(context: Context, steps: tuple[Step, ...]) -> tuple[Outcome, ...]:
        if steps:
            changed(account, OTHER, "gtm-prod-storage")
        return execute(context, steps)

    monkeypatch.setattr(rollout, "execute", meddled)
    with pytest.raises(Refused, match="meanwhile somebody else changed gtm-prod-storage in us"):
        deployer.deploy(CHANGED, until_home=True)


def test_what_would_be_refused_later_is_refused_before_home(deployer: Deployer) -> None:
    deployer.deploy(pair())
    fewer = prod(regions=[{"name": HOME}], load_balancer={"deregistration_delay_seconds": 61})
    with pytest.raises(Refused, match="would be"):
        deployer.deploy(fewer, until_home=True)
    assert not deployer.onlooker.begun


def test_an_alarm_at_home_keeps_the_rest_from_starting(
    deployer: Deployer, account: Account
) -> None:
    deployer.deploy(pair())
    impaired(account, HOME, "ALARM")
    saved = deployer.plan(CHANGED, bake_minutes=0.01)
    with pytest.raises(RolloutFailed, match="the wave was rolled back"):
        deployer.deploy(CHANGED, saved=saved, until_home=True)
    with pytest.raises(Refused, match="what stands changed"):
        deployer.deploy(CHANGED, saved=saved)


def test_where_home_stays_as_it_is_nothing_is_done(deployer: Deployer) -> None:
    deployer.deploy(pair())
    elsewhere = pair(edge={"price_class": "PriceClass_100"})
    home = deployer.deploy(elsewhere, until_home=True)
    assert home.plan.steps == ()
    assert home.outcomes == ()
    assert home.rest is not None
    assert "edge@us-east-1" in ids(home.rest)
