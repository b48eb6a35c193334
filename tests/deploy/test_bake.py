"""Between waves: wait, watch the alarms, and undo the wave when users are hurt.

The emulator does not evaluate alarms; here an operator's SetAlarmState stands for CloudWatch.
"""

from __future__ import annotations

import pytest

from generator.errors import RolloutFailed
from tests.deploy.conftest import Deployer, pair
from tests.local_aws import Account

HOME = "ap-northeast-2"
CHANGED = {"deregistration_delay_seconds": 61}


def impaired(account: Account, region: str, state: str) -> None:
    """Put the alarm that says that users are hurt into a state."""
    stacks = account.client("cloudformation", region).describe_stacks(
        StackName="gtm-prod-regional"
    )["Stacks"]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stacks[0]["Outputs"]}
    name = outputs["ServiceImpairedAlarmArn"].rpartition(":alarm:")[2]
    account.client("cloudwatch", region).set_alarm_state(
        AlarmName=name, StateValue=state, StateReason="a test says so"
    )


def delay(account: Account, region: str) -> str:
    """The deregistration delay that a Region's target group has."""
    client = account.client("elbv2", region)
    (group,) = client.describe_target_groups()["TargetGroups"]
    attributes = client.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])
    found = {a["Key"]: a["Value"] for a in attributes["Attributes"]}
    return str(found["deregistration_delay.timeout_seconds"])


def test_an_alarm_in_the_bake_rolls_the_wave_back_and_stops(
    deployer: Deployer, account: Account
) -> None:
    deployer.deploy(pair())
    impaired(account, HOME, "ALARM")
    with pytest.raises(RolloutFailed, match="the wave was rolled back"):
        deployer.deploy(pair(load_balancer=CHANGED), bake_minutes=0.01)
    assert delay(account, HOME) == "60"
    assert delay(account, "us-east-1") == "60"


def test_a_quiet_bake_lets_the_next_wave_go(deployer: Deployer, account: Account) -> None:
    deployer.deploy(pair())
    result = deployer.deploy(pair(load_balancer=CHANGED), bake_minutes=0.01)
    order = [outcome.step for outcome in result.outcomes]
    assert order.index(f"bake@{HOME}") < order.index("regional@us-east-1")
    assert {delay(account, region) for region in (HOME, "us-east-1")} == {"61"}


def test_a_first_rollout_does_not_bake(deployer: Deployer) -> None:
    result = deployer.deploy(pair(), bake_minutes=60.0)
    assert not [outcome for outcome in result.outcomes if outcome.step.startswith("bake")]
