"""10 scaling: target tracking every day, a ladder for spikes, a forecast on request."""

from __future__ import annotations

from typing import Any

import pytest

from generator.layers import scaling
from generator.settings.sections import Compute, Scaling, Step
from tests.layers.alarming import assert_complete, metric_alarms, of_type
from tests.layers.support import drafted, filled, settings

LADDER = [
    Step(above_percent=0, add_percent=10),
    Step(above_percent=15, add_percent=40),
    Step(above_percent=25, add_percent=100),
]
CHOSEN = settings(
    scaling=Scaling(
        steps=LADDER,
        cpu_threshold_percent=65,
        requests_per_target_per_minute=900,
        minimum_step_instances=3,
        predictive=True,
    ),
    compute=Compute(warm_up_seconds=90),
)


def policies(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::AutoScaling::ScalingPolicy")


def test_target_tracking_holds_the_requests_of_a_target() -> None:
    policy = policies(filled(scaling.LAYER, CHOSEN))["RequestsPolicy"]
    tracking = policy["TargetTrackingConfiguration"]
    metric = tracking["PredefinedMetricSpecification"]
    assert metric["PredefinedMetricType"] == "ALBRequestCountPerTarget"
    assert metric["ResourceLabel"]["Fn::Sub"][0] == "${LoadBalancer}/${TargetGroup}"
    assert tracking["TargetValue"] == {"Ref": "RequestsPerTarget"}
    assert tracking["DisableScaleIn"] is False
    assert drafted(scaling.LAYER, CHOSEN).tunables["RequestsPerTarget"].default == 900


def test_the_ladder_is_the_one_of_the_settings_without_gap_or_end() -> None:
    policy = policies(filled(scaling.LAYER, CHOSEN))["SpikePolicy"]
    assert policy["AdjustmentType"] == "PercentChangeInCapacity"
    assert policy["MinAdjustmentMagnitude"] == {"Ref": "MinimumStepInstances"}
    rungs = [
        (
            step["MetricIntervalLowerBound"],
            step.get("MetricIntervalUpperBound"),
            step["ScalingAdjustment"],
        )
        for step in policy["StepAdjustments"]
    ]
    assert rungs == [(0, 15, 10), (15, 25, 40), (25, None, 100)]


def test_a_ladder_of_one_rung_is_open() -> None:
    chosen = settings(scaling=Scaling(steps=[Step(above_percent=0, add_percent=50)]))
    (rung,) = policies(filled(scaling.LAYER, chosen))["SpikePolicy"]["StepAdjustments"]
    assert rung == {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 50}


def test_no_step_removes_an_instance() -> None:
    for policy in policies(filled(scaling.LAYER, CHOSEN)).values():
        assert all(step["ScalingAdjustment"] > 0 for step in policy.get("StepAdjustments", []))


@pytest.mark.parametrize("policy", ("RequestsPolicy", "SpikePolicy"))
def test_policies_know_the_warm_up(policy: str) -> None:
    warm_up = policies(filled(scaling.LAYER, CHOSEN))[policy]["EstimatedInstanceWarmup"]
    assert warm_up == {"Ref": "InstanceWarmUpSeconds"}


def test_the_alarm_drives_the_ladder_and_tells_of_it() -> None:
    template = filled(scaling.LAYER, CHOSEN)
    assert_complete(template)
    alarm = metric_alarms(template)["SpikeAlarm"]
    assert alarm["AlarmActions"][0] == {"Ref": "SpikePolicy"}
    assert alarm["AlarmActions"][1]["Fn::Sub"].endswith(":gtm-test-warning")
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (60, 2)
    assert alarm["Threshold"] == {"Ref": "CpuScaleOutPercent"}
    assert drafted(scaling.LAYER, CHOSEN).tunables["CpuScaleOutPercent"].default == 65


def test_the_forecast_is_opt_in_and_keeps_to_the_maximum() -> None:
    assert "ForecastPolicy" not in policies(filled(scaling.LAYER, settings()))
    policy = policies(filled(scaling.LAYER, CHOSEN))["ForecastPolicy"]
    forecast = policy["PredictiveScalingConfiguration"]
    assert forecast["MaxCapacityBreachBehavior"] == "HonorMaxCapacity"
    (metrics,) = forecast["MetricSpecifications"]
    assert metrics["TargetValue"] == {"Ref": "RequestsPerTarget"}
    pair = metrics["PredefinedMetricPairSpecification"]
    assert pair["PredefinedMetricType"] == "ALBRequestCount"


def test_nothing_sets_a_desired_capacity() -> None:
    assert "DesiredCapacity" not in str(filled(scaling.LAYER, CHOSEN))
