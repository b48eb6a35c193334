"""10 scaling: how the group follows its users.

Target tracking on requests per target does the everyday work, out and in. A ladder of steps on CPU
meets what it is too slow for: spikes, and requests that became dearer. The ladder only adds: a step
that removes instances would fight target tracking, which then adds them again. Of several policies
EC2 Auto Scaling takes the one that wants most instances. Nothing here sets a desired capacity.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scale-based-on-demand.html
"""

from __future__ import annotations

from itertools import pairwise

from troposphere import Ref
from troposphere.autoscaling import (
    PredefinedMetricSpecification,
    PredictiveScalingConfiguration,
    PredictiveScalingMetricSpecification,
    PredictiveScalingPredefinedMetricPair,
    ScalingPolicy,
    StepAdjustments,
    TargetTrackingConfiguration,
)
from troposphere.cloudwatch import Alarm, MetricDimension

from generator.layers import compute, load_balancer
from generator.layers.alarms import regional_actions
from generator.layers.draft import Draft, Expression, Layer, Scope, Tunable, sub
from generator.settings.sections import Step

MOST_BUFFER_SECONDS = 3600
"""The longest that predictive scaling may start instances ahead."""

NO_GROUND = "No data is no ground to add instances, nor a sign that all is well."


def fill(draft: Draft) -> None:
    """The everyday policy, the one for spikes with its alarm, and the one that looks ahead."""
    group = draft.need(compute.GROUP_NAME)
    target = draft.tune(
        Tunable(
            "RequestsPerTarget",
            "Requests per target and minute",
            "What target tracking holds. Half of what an instance can serve, so that a doubling is "
            "survived while new instances start.",
            default=draft.settings.scaling.requests_per_target_per_minute,
            type="Number",
            minimum=1,
            cost="Per hour and instance under load: half the requests, twice the instances.",
        )
    )
    _target_tracking(draft, group, target)
    _spike_alarm(draft, group, _steps(draft, group))
    if draft.settings.scaling.predictive:
        _predictive(draft, group, target)


def _resource_label(draft: Draft) -> Expression:
    """Which load balancer's requests, to which target group."""
    return sub(
        "${LoadBalancer}/${TargetGroup}",
        LoadBalancer=draft.need(load_balancer.LOAD_BALANCER_FULL_NAME),
        TargetGroup=draft.need(load_balancer.TARGET_GROUP_FULL_NAME),
    )


# --- every day ------------------------------------------------------------------------------------


def _target_tracking(draft: Draft, group: Expression, target: Ref) -> ScalingPolicy:
    return draft.add(
        ScalingPolicy(
            "RequestsPolicy",
            AutoScalingGroupName=group,
            PolicyType="TargetTrackingScaling",
            EstimatedInstanceWarmup=draft.tune(compute.warm_up(draft.settings)),
            TargetTrackingConfiguration=TargetTrackingConfiguration(
                PredefinedMetricSpecification=PredefinedMetricSpecification(
                    PredefinedMetricType="ALBRequestCountPerTarget",
                    ResourceLabel=_resource_label(draft),
                ),
                TargetValue=target,
                DisableScaleIn=False,
            ),
        )
    )


# --- spikes ---------------------------------------------------------------------------------------


def _steps(draft: Draft, group: Expression) -> ScalingPolicy:
    settings = draft.settings
    smallest = draft.tune(
        Tunable(
            "MinimumStepInstances",
            "Fewest instances a step adds",
            "A percentage of a small group is next to nothing.",
            default=settings.scaling.minimum_step_instances,
            type="Number",
            minimum=1,
            maximum=100,
            cost="Per hour and instance, in spikes.",
        )
    )
    return draft.add(
        ScalingPolicy(
            "SpikePolicy",
            AutoScalingGroupName=group,
            PolicyType="StepScaling",
            AdjustmentType="PercentChangeInCapacity",
            MinAdjustmentMagnitude=smallest,
            MetricAggregationType="Average",
            EstimatedInstanceWarmup=draft.tune(compute.warm_up(settings)),
            StepAdjustments=_ladder(settings.scaling.steps),
        )
    )


def _ladder(steps: list[Step]) -> list[StepAdjustments]:
    """Each rung ends where the next begins, the last never. Bounds count from the threshold."""
    rungs = [
        StepAdjustments(
            MetricIntervalLowerBound=step.above_percent,
            MetricIntervalUpperBound=following.above_percent,
            ScalingAdjustment=step.add_percent,
        )
        for step, following in pairwise(steps)
    ]
    last = StepAdjustments(
        MetricIntervalLowerBound=steps[-1].above_percent, ScalingAdjustment=steps[-1].add_percent
    )
    return [*rungs, last]


def _threshold(draft: Draft) -> Tunable:
    return Tunable(
        "CpuScaleOutPercent",
        "CPU at which the ladder begins (percent)",
        "Average of the group; the rungs count from here. Above what target tracking settles at, "
        "so that the two do not fight.",
        default=draft.settings.scaling.cpu_threshold_percent,
        type="Number",
        minimum=20,
        maximum=95,
        cost="Per hour and instance under load: lower starts them earlier.",
    )


def _spike_alarm(draft: Draft, group: Expression, policy: ScalingPolicy) -> Alarm:
    """Drives the ladder each minute while it rings; two minutes, so that one busy one is no spike.

    It needs the detailed monitoring of the launch template: CPU each minute, not each five.
    """
    return draft.add(
        Alarm(
            "SpikeAlarm",
            AlarmDescription="WARNING: CPU of the group is high, and instances are being added by "
            "the ladder. If it rings often, lower RequestsPerTarget: everyday scaling comes too "
            "late. If it does not end, see the alarms on CPU and on the group's size.",
            Namespace="AWS/EC2",
            MetricName="CPUUtilization",
            Dimensions=[MetricDimension(Name="AutoScalingGroupName", Value=group)],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=2,
            DatapointsToAlarm=2,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            Threshold=draft.tune(_threshold(draft)),
            AlarmActions=[Ref(policy), regional_actions(draft.settings)["warning"]],
            TreatMissingData="missing",
            Metadata={"Reasons": {"TreatMissingData": NO_GROUND}},
        )
    )


# --- ahead ----------------------------------------------------------------------------------------


MODE = Tunable(
    "PredictiveScalingMode",
    "Predictive scaling",
    "ForecastAndScale acts on the forecast; ForecastOnly shows it beside what happened.",
    default="ForecastAndScale",
    choices=("ForecastAndScale", "ForecastOnly"),
    cost="The forecast is free; what it starts is billed per hour and instance.",
)


def _predictive(draft: Draft, group: Expression, target: Ref) -> ScalingPolicy:
    """It acts at once: whoever asks for it has a history. It only ever adds, up to the maximum."""
    return draft.add(
        ScalingPolicy(
            "ForecastPolicy",
            AutoScalingGroupName=group,
            PolicyType="PredictiveScaling",
            PredictiveScalingConfiguration=PredictiveScalingConfiguration(
                MetricSpecifications=[
                    PredictiveScalingMetricSpecification(
                        TargetValue=target,
                        PredefinedMetricPairSpecification=PredictiveScalingPredefinedMetricPair(
                            PredefinedMetricType="ALBRequestCount",
                            ResourceLabel=_resource_label(draft),
                        ),
                    )
                ],
                Mode=draft.tune(MODE),
                # Ready at the forecast hour, not just launched in it.
                SchedulingBufferTime=min(
                    MOST_BUFFER_SECONDS, 2 * draft.settings.compute.warm_up_seconds
                ),
                MaxCapacityBreachBehavior="HonorMaxCapacity",
            ),
        )
    )


LAYER = Layer(
    name="scaling",
    step="10",
    purpose="Target tracking on requests, a ladder on CPU for spikes, a forecast on request",
    scope=Scope.REGIONAL,
    fill=fill,
)
