"""Region switch: plans that lead out of any Region and back, and depend on none that is left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import names
from generator.layers import region_switch, switch_functions
from generator.settings.model import Region, Settings
from generator.settings.regions import REGIONS as KNOWN
from generator.settings.sections_options import Aurora, RegionSwitch
from tests.layers.alarming import of_type
from tests.layers.support import REGIONS, drafted, filled, over, settings
from tests.policies.grants import covers, rendered, statements

HOME, *OTHERS = REGIONS
USUAL = settings(region_switch=RegionSwitch())
WITH_AURORA = settings(region_switch=RegionSwitch(), aurora=Aurora())


def plans(chosen: Settings = USUAL) -> dict[str, dict[str, Any]]:
    return of_type(filled(region_switch.LAYER, chosen), "AWS::ARCRegionSwitch::Plan")


def workflow(plan: dict[str, Any], way: str, region: str) -> dict[str, dict[str, Any]]:
    """The steps of one workflow, by name."""
    (found,) = (
        each
        for each in plan["Workflows"]
        if (each["WorkflowTargetAction"], each["WorkflowTargetRegion"]) == (way, region)
    )
    return {step["Name"]: step["ExecutionBlockConfiguration"] for step in found["Steps"]}


def called(steps: dict[str, dict[str, Any]]) -> list[str]:
    """What the switch step calls, in the order of the plan's Regions."""
    lambdas = steps["switch"]["CustomActionLambdaConfig"]["Lambdas"]
    return [rendered(each["Arn"]).removeprefix("arn:aws:lambda:") for each in lambdas]


def test_it_is_wanted_only_where_settings_ask() -> None:
    assert region_switch.LAYER.wanted(USUAL)
    assert not region_switch.LAYER.wanted(settings())


def test_each_region_but_home_has_a_plan_with_home() -> None:
    pairs = [plan["Regions"] for plan in plans().values()]
    assert sorted(pairs) == sorted([HOME, other] for other in OTHERS)
    assert {plan["RecoveryApproach"] for plan in plans().values()} == {"activeActive"}


def test_a_region_more_changes_no_plan_that_stands() -> None:
    """The Regions of a plan can't be changed, and a replaced one could not keep its name."""
    more = over(*REGIONS, "sa-east-1", region_switch=RegionSwitch())
    assert plans().items() <= plans(more).items()


@pytest.mark.parametrize("region", REGIONS[:2])
def test_whichever_region_is_left_the_other_grows_and_then_sets_its_switch(region: str) -> None:
    plan = plans()["PlanUsEast1"]
    steps = workflow(plan, "deactivate", region)
    assert list(steps) == ["capacity", "switch"]
    assert all(arn.endswith(f":function:gtm-test-evacuate-{region}") for arn in called(steps))
    assert {arn.split(":")[0] for arn in called(steps)} == set(plan["Regions"])


@pytest.mark.parametrize("region", REGIONS[:2])
def test_the_way_back_is_the_regions_own(region: str) -> None:
    steps = workflow(plans()["PlanUsEast1"], "activate", region)
    assert list(steps) == ["capacity", "switch"]
    assert all(arn.endswith(":function:gtm-test-restore") for arn in called(steps))


def test_nothing_runs_in_the_region_that_is_left() -> None:
    for plan in plans().values():
        for each in plan["Workflows"]:
            switch = each["Steps"][-1]["ExecutionBlockConfiguration"]["CustomActionLambdaConfig"]
            assert switch["RegionToRun"] == "activatingRegion"


def test_the_functions_are_those_that_stand_in_each_region() -> None:
    standing = of_type(filled(switch_functions.LAYER, USUAL), "AWS::Lambda::Function").values()
    made = {each["FunctionName"] for each in standing}
    for plan in plans().values():
        for each in plan["Workflows"]:
            steps = workflow(plan, each["WorkflowTargetAction"], each["WorkflowTargetRegion"])
            assert {arn.split(":function:")[1] for arn in called(steps)} <= made


def test_capacity_is_there_and_healthy_before_users_are() -> None:
    config = workflow(plans()["PlanUsEast1"], "deactivate", HOME)["capacity"]
    scaling = config["Ec2AsgCapacityIncreaseConfig"]
    assert scaling["WaitELBTargetGroupHealthy"] == "enabled"
    assert "CapacityMonitoringApproach" not in scaling, "ARC's own samples, which it has beforehand"
    assert [each["Arn"]["Ref"] for each in scaling["Asgs"]] == [
        "AutoScalingGroupArnApNortheast2",
        "AutoScalingGroupArnUsEast1",
    ]


def test_capacity_is_for_two_regions_users_by_default() -> None:
    """100 would ask of Regions that are as busy for what is there already."""
    assert drafted(region_switch.LAYER, USUAL).tunables["SwitchCapacityPercent"].default == 200


def test_recovery_is_measured_against_the_objective_by_what_users_see() -> None:
    plan = plans(settings(region_switch=RegionSwitch(recovery_minutes=5)))["PlanUsEast1"]
    assert plan["RecoveryTimeObjectiveMinutes"] == 5
    assert set(plan["AssociatedAlarms"]) == {
        f"{alarm}-{region}" for alarm in region_switch.HEALTH for region in plan["Regions"]
    }


# --- Aurora ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["deactivate", "activate"])
def test_the_writer_moves_with_home_before_users_do(way: str) -> None:
    steps = workflow(plans(WITH_AURORA)["PlanUsEast1"], way, HOME)
    assert list(steps) == ["capacity", "database", "switch"]
    moving = steps["database"]["GlobalAuroraConfig"]
    assert moving["GlobalClusterIdentifier"] == names.aurora(WITH_AURORA)
    assert (moving["Behavior"], moving["Ungraceful"]) == (
        "switchoverOnly",
        {"Ungraceful": "failover"},
    )
    clusters = [rendered(arn) for arn in moving["DatabaseClusterArns"]]
    assert clusters == [
        f"arn:aws:rds:{region}:111122223333:cluster:gtm-test-aurora"
        for region in (HOME, "us-east-1")
    ]


def test_the_writer_stays_where_it_is_when_another_region_leaves() -> None:
    plan = plans(WITH_AURORA)["PlanUsEast1"]
    assert "database" not in workflow(plan, "deactivate", "us-east-1")
    assert "database" not in workflow(plan, "activate", "us-east-1")


# --- rights ---------------------------------------------------------------------------------------


def granting(action: str, chosen: Settings = WITH_AURORA) -> list[dict[str, Any]]:
    role = filled(region_switch.LAYER, chosen)["Resources"]["PlanRole"]
    return [s for s in statements(role) if covers(s["Action"], action)]


def test_the_role_is_region_switchs_and_acts_on_the_platform_only() -> None:
    role = filled(region_switch.LAYER, USUAL)["Resources"]["PlanRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "arc-region-switch.amazonaws.com"}
    (scaling,) = granting("autoscaling:UpdateAutoScalingGroup")
    assert scaling["Resource"] == [
        f"AutoScalingGroupArn{''.join(p.capitalize() for p in r.split('-'))}" for r in REGIONS
    ]
    (calling,) = granting("lambda:InvokeFunction")
    assert all(":function:gtm-test-" in arn for arn in calling["Resource"])
    (moving,) = granting("rds:SwitchoverGlobalCluster")
    assert all(":gtm-test-aurora" in arn for arn in moving["Resource"])


def test_the_database_is_out_of_reach_where_there_is_none() -> None:
    assert not granting("rds:FailoverGlobalCluster", USUAL)


# --- names ----------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(KNOWN)))
def test_a_plan_has_a_name_that_region_switch_takes(region: str) -> None:
    longest = settings(project="p" * 10, environment="e" * 10)
    assert len(names.switch_plan(longest, region)) <= 32


def test_no_two_regions_share_a_plans_name() -> None:
    assert len({names.switch_plan(USUAL, region) for region in KNOWN}) == len(KNOWN)


def test_values_come_from_each_region() -> None:
    needs = drafted(region_switch.LAYER, USUAL).needs.values()
    assert {need.region for need in needs} == set(REGIONS)


def test_two_regions_need_one_plan() -> None:
    two = settings(
        regions=[Region(name=name) for name in REGIONS[:2]], region_switch=RegionSwitch()
    )
    assert list(plans(two)) == ["PlanUsEast1"]
