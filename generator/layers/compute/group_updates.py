"""How the Auto Scaling group replaces its instances when a stack update changes them.

Two ways, one of which CloudFormation takes; it refuses both together:

    rolling update     each new instance signals that its service answers, or the stack rolls back
                       at once. But it touches instances in service only, and suspends scaling.
    instance refresh   Auto Scaling replaces by percentages, goes on scaling meanwhile, and renews
                       the warm pool too: so a group with a warm pool takes this one.

Neither touches the size that schedules and policies have set.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
"""

from __future__ import annotations

from typing import Any, ClassVar

from troposphere import AWSProperty, Ref
from troposphere.policies import (
    AutoScalingCreationPolicy,
    AutoScalingRollingUpdate,
    AutoScalingScheduledAction,
    CreationPolicy,
    ResourceSignal,
    UpdatePolicy,
)
from troposphere.validators import boolean, integer

from generator.layers.draft import Draft
from generator.settings.model import Settings

SIGNAL_TIMEOUT = "PT15M"
"""Boot takes half a minute, packages and archive a minute or two; a group of many launches in
steps. After this CloudFormation rolls back."""

SUSPENDED = [
    "HealthCheck",
    "ReplaceUnhealthy",
    "AZRebalance",
    "AlarmNotification",
    "ScheduledActions",
    "InstanceRefresh",
]
"""What CloudFormation's page names: any of these would change the group under a rolling update."""

LEAST_HEALTHY_PERCENT = 100
MOST_HEALTHY_PERCENT = 120
"""New before old, a fifth of the group (one instance at least) at a time: five steps, each as long
as a boot, a warm-up and a draining, are through within an hour."""


class InstanceRefreshPreferences(AWSProperty):
    """Preferences of an instance refresh; troposphere does not know them yet."""

    props: ClassVar[dict[str, Any]] = {
        "MaxHealthyPercentage": (integer, False),
        "MinHealthyPercentage": (integer, False),
        "SkipMatching": (boolean, False),
    }


class AutoScalingInstanceRefresh(AWSProperty):
    """The update policy by instance refresh; troposphere does not know it yet."""

    props: ClassVar[dict[str, Any]] = {
        "Preferences": (InstanceRefreshPreferences, False),
        "Strategy": (str, True),
    }


class GroupUpdatePolicy(UpdatePolicy):
    """UpdatePolicy with the instance refresh that CloudFormation has had since July 2026."""

    props: ClassVar[dict[str, Any]] = {
        **UpdatePolicy.props,
        "AutoScalingInstanceRefresh": (AutoScalingInstanceRefresh, False),
    }


def creation_policy(minimum: Ref) -> CreationPolicy:
    """A new group stands when its smallest size answers."""
    return CreationPolicy(
        AutoScalingCreationPolicy=AutoScalingCreationPolicy(MinSuccessfulInstancesPercent=100),
        ResourceSignal=ResourceSignal(Count=minimum, Timeout=SIGNAL_TIMEOUT),
    )


def update_policy(draft: Draft) -> GroupUpdatePolicy:
    """Instance refresh with a warm pool, else a rolling update with signals."""
    keep_sizes = AutoScalingScheduledAction(IgnoreUnmodifiedGroupSizeProperties=True)
    if draft.settings.compute.warm_pool:
        return GroupUpdatePolicy(
            AutoScalingInstanceRefresh=_instance_refresh(), AutoScalingScheduledAction=keep_sizes
        )
    return GroupUpdatePolicy(
        AutoScalingRollingUpdate=_rolling_update(draft), AutoScalingScheduledAction=keep_sizes
    )


def _instance_refresh() -> AutoScalingInstanceRefresh:
    """Warm-up is the group's. What already matches, stays."""
    return AutoScalingInstanceRefresh(
        Strategy="Rolling",
        Preferences=InstanceRefreshPreferences(
            MinHealthyPercentage=LEAST_HEALTHY_PERCENT,
            MaxHealthyPercentage=MOST_HEALTHY_PERCENT,
            SkipMatching=True,
        ),
    )


def _rolling_update(draft: Draft) -> AutoScalingRollingUpdate:
    """A tenth of the largest group at a time: old before new, so that much is missing meanwhile."""
    return AutoScalingRollingUpdate(
        MinInstancesInService=least_in_service(draft.settings),
        MaxBatchSize=max(1, draft.settings.compute.maximum_instances // 10),
        MinSuccessfulInstancesPercent=100,
        PauseTime=SIGNAL_TIMEOUT,
        WaitOnResourceSignals=True,
        SuspendProcesses=SUSPENDED,
    )


def least_in_service(settings: Settings) -> int:
    """As many as the group has at least, but below its maximum: CloudFormation demands that.

    The same template serves all Regions, day and night, so the smallest of them decides.
    """
    compute = settings.compute
    minimum = min(r.minimum_instances or compute.minimum_instances for r in settings.regions)
    maximum = min(r.maximum_instances or compute.maximum_instances for r in settings.regions)
    if settings.schedule and settings.schedule.night_maximum_instances:
        maximum = min(maximum, settings.schedule.night_maximum_instances)
    return min(minimum, maximum - 1)
