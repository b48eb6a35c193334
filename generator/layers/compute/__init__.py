"""04 compute: the instances of a Region, as an Auto Scaling group over all its private subnets.

The template says how small and how large the group may be, never how large it is: policies and
schedules own that, and `DesiredCapacity` would set a live group back with every deployment. How an
instance looks is in `launch_template`, what it does at boot in `user_data`, how it is replaced in
`group_updates`.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-groups.html
"""

from __future__ import annotations

from troposphere import GetAtt, Ref
from troposphere.autoscaling import (
    AutoScalingGroup,
    InstanceMaintenancePolicy,
    InstanceReusePolicy,
    InstancesDistribution,
    LaunchTemplateOverrides,
    LaunchTemplateSpecification,
    LifecycleHookSpecification,
    MetricsCollection,
    MixedInstancesPolicy,
    Tags,
    WarmPool,
)
from troposphere.autoscaling import LaunchTemplate as MixedLaunchTemplate
from troposphere.ec2 import LaunchTemplate
from troposphere.logs import LogGroup

from generator import names
from generator.layers import load_balancer, network, security
from generator.layers.compute.group_updates import (
    LEAST_HEALTHY_PERCENT,
    MOST_HEALTHY_PERCENT,
    creation_policy,
    update_policy,
)
from generator.layers.compute.launch_template import add_launch_template, instance_type
from generator.layers.compute.user_data import DRAIN_HOOK, LAUNCH_HOOK, READY_SECONDS, stop_seconds
from generator.layers.draft import ARN_PATTERN, Draft, Layer, Offer, Scope, Tunable, by_region
from generator.settings.model import Settings

GROUP_NAME = Offer("AutoScalingGroupName", "The Auto Scaling group of the service.", published=True)
GROUP_ARN = Offer("AutoScalingGroupArn", "ARN of that group.", pattern=ARN_PATTERN)
GROUP_TITLE = "AutoScalingGroup"

HOOK_MARGIN_SECONDS = 90
"""What a leaving instance needs beside draining: noticing, shipping its log, answering."""
BOOT_SECONDS = 300
"""What a starting instance may need before its service: boot, packages, the archive."""


def minimum_instances(settings: Settings) -> Tunable:
    """The smallest group by day, each Region's own; by default the home Region's."""
    usual = settings.compute.minimum_instances
    values = {r.name: r.minimum_instances or usual for r in settings.regions}
    meaning = "Fewest instances by day. A schedule may set fewer by night."
    cost = "Per hour and instance, in each Region, whatever the load."
    return _size("MinimumInstances", "Smallest group", meaning, settings, values, cost)


def maximum_instances(settings: Settings) -> Tunable:
    """The largest group, each Region's own; by default the home Region's."""
    usual = settings.compute.maximum_instances
    values = {r.name: r.maximum_instances or usual for r in settings.regions}
    meaning = "Most instances: the ceiling of the bill."
    cost = "Free until load needs them, then per hour and instance."
    return _size("MaximumInstances", "Largest group", meaning, settings, values, cost)


def _size(
    name: str, label: str, meaning: str, settings: Settings, values: dict[str, int], cost: str
) -> Tunable:
    return Tunable(
        name,
        label,
        meaning,
        default=values[settings.home_region],
        type="Number",
        minimum=1,
        maximum=1000,
        by_region=by_region(settings, values),
        cost=cost,
    )


def fill(draft: Draft) -> None:
    """Where instances log, how they look, and the group of them."""
    logs = _log_group(draft)
    template = add_launch_template(draft, GROUP_TITLE)
    group = _group(draft, template, logs)
    if draft.settings.compute.warm_pool:
        _warm_pool(draft, group)
    draft.offer(GROUP_NAME, Ref(group))
    draft.offer(GROUP_ARN, GetAtt(group, "AutoScalingGroupARN"))


def _log_group(draft: Draft) -> LogGroup:
    """The same name in every Region, so that one query reads them all."""
    return draft.add(
        LogGroup(
            "ServiceLogGroup",
            LogGroupName=names.service_log_group(draft.settings),
            KmsKeyId=draft.need(security.LOGS_KEY_ARN),
            RetentionInDays=draft.settings.log_retention_days,
        )
    )


def _group(draft: Draft, template: LaunchTemplate, logs: LogGroup) -> AutoScalingGroup:
    minimum = draft.tune(minimum_instances(draft.settings))
    group = AutoScalingGroup(
        GROUP_TITLE,
        MinSize=minimum,
        MaxSize=draft.tune(maximum_instances(draft.settings)),
        VPCZoneIdentifier=draft.need(network.PRIVATE_SUBNETS),
        TargetGroupARNs=[draft.need(load_balancer.TARGET_GROUP_ARN)],
        HealthCheckType="ELB",
        HealthCheckGracePeriod=draft.tune(_grace(draft)),
        DefaultInstanceWarmup=draft.tune(warm_up(draft.settings)),
        MetricsCollection=[MetricsCollection(Granularity="1Minute")],
        LifecycleHookSpecificationList=_hooks(draft),
        InstanceMaintenancePolicy=InstanceMaintenancePolicy(
            MinHealthyPercentage=LEAST_HEALTHY_PERCENT, MaxHealthyPercentage=MOST_HEALTHY_PERCENT
        ),
        Tags=_tags(draft),
        CreationPolicy=creation_policy(minimum),
        UpdatePolicy=update_policy(draft),
        DependsOn=logs.title,
    )
    _set_instances(draft, group, template, minimum)
    return draft.add(group)


def _tags(draft: Draft) -> Tags:
    """The platform's tag is what the instance role knows its own group by."""
    return Tags(**{"Name": draft.name("service"), security.PLATFORM_TAG: draft.settings.prefix})


def _set_instances(
    draft: Draft, group: AutoScalingGroup, template: LaunchTemplate, minimum: Ref
) -> None:
    """One instance type, or several with a share of Spot."""
    compute = draft.settings.compute
    latest = LaunchTemplateSpecification(
        LaunchTemplateId=Ref(template), Version=GetAtt(template, "LatestVersionNumber")
    )
    if len(compute.instance_types) == 1 and not compute.spot_percent:
        group.LaunchTemplate = latest
        return
    preferred = [instance_type(draft), *compute.instance_types[1:]]
    group.MixedInstancesPolicy = MixedInstancesPolicy(
        LaunchTemplate=MixedLaunchTemplate(
            LaunchTemplateSpecification=latest,
            Overrides=[LaunchTemplateOverrides(InstanceType=kind) for kind in preferred],
        ),
        InstancesDistribution=_distribution(draft, minimum),
    )
    if compute.spot_percent:
        # Replaces a Spot instance when EC2 foresees its loss, not only when it is lost.
        group.CapacityRebalance = True


def _distribution(draft: Draft, minimum: Ref) -> InstancesDistribution:
    """The smallest group is On-Demand: losing every Spot pool at once leaves that much."""
    return InstancesDistribution(
        OnDemandAllocationStrategy="prioritized",
        OnDemandBaseCapacity=minimum,
        OnDemandPercentageAboveBaseCapacity=100 - draft.settings.compute.spot_percent,
        SpotAllocationStrategy="price-capacity-optimized",
    )


def _hooks(draft: Draft) -> list[LifecycleHookSpecification]:
    """In the group itself, so that its first instances have them already.

    A leaving instance drains. A starting one needs a hook only for the warm pool, which would stop
    it before its user data is through.
    """
    delay = draft.settings.load_balancer.deregistration_delay_seconds
    hooks = [
        LifecycleHookSpecification(
            LifecycleHookName=DRAIN_HOOK,
            LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
            HeartbeatTimeout=delay + stop_seconds(draft.settings) + HOOK_MARGIN_SECONDS,
            DefaultResult="CONTINUE",
        )
    ]
    if draft.settings.compute.warm_pool:
        hooks.append(
            LifecycleHookSpecification(
                LifecycleHookName=LAUNCH_HOOK,
                LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
                HeartbeatTimeout=BOOT_SECONDS + READY_SECONDS,
                DefaultResult="ABANDON",
            )
        )
    return hooks


def _warm_pool(draft: Draft, group: AutoScalingGroup) -> None:
    """Stopped instances, which cost their volumes, up to the group's maximum; used again."""
    draft.add(
        WarmPool(
            "WarmPool",
            AutoScalingGroupName=Ref(group),
            PoolState="Stopped",
            InstanceReusePolicy=InstanceReusePolicy(ReuseOnScaleIn=True),
        )
    )


def _grace(draft: Draft) -> Tunable:
    return Tunable(
        "HealthCheckGraceSeconds",
        "Health check grace (s)",
        "Seconds after InService in which a failed load balancer check replaces no instance.",
        default=draft.settings.compute.health_check_grace_seconds,
        type="Number",
        minimum=0,
        maximum=7200,
        cost="Free.",
    )


def warm_up(settings: Settings) -> Tunable:
    """One value for the group and for its policies, or they would count instances differently."""
    return Tunable(
        "InstanceWarmUpSeconds",
        "Instance warm-up (s)",
        "Seconds until a new instance counts in the group's metrics (DefaultInstanceWarmup).",
        default=settings.compute.warm_up_seconds,
        type="Number",
        minimum=0,
        maximum=3600,
        cost="Indirect: too short, and a spike starts more instances than it needs.",
    )


LAYER = Layer(
    name="compute",
    step="04",
    purpose="Launch template, Auto Scaling group, warm pool, service log group",
    scope=Scope.REGIONAL,
    fill=fill,
    after=("storage",),
)
