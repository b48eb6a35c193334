"""The steps of a plan's workflows: capacity, database, switch.

https://docs.aws.amazon.com/r53recovery/latest/dg/working-with-rs-execution-blocks.html
"""

from __future__ import annotations

from troposphere import AWSProperty
from troposphere.arcregionswitch import (
    Asg,
    CustomActionLambdaConfiguration,
    Ec2AsgCapacityIncreaseConfiguration,
    Ec2Ungraceful,
    ExecutionBlockConfiguration,
    GlobalAuroraConfiguration,
    GlobalAuroraUngraceful,
    Lambdas,
    Step,
)

from generator import names
from generator.layers import compute
from generator.layers.draft import Draft, Expression, Tunable, sub
from generator.settings.model import Settings

STEP_MINUTES = 15
"""How long a step may take: an instance's start, or the switch's alarm, with time to spare."""
RETRY_MINUTES = 1
LEAST_PERCENT = 50
"""Capacity with which an ungraceful capacity step is content."""

Pair = tuple[str, str]
"""The Region that a workflow is about, and the plan's other one."""

CAPACITY = Tunable(
    "SwitchCapacityPercent",
    "Capacity before a Region is switched (percent)",
    "What the group that takes over has at least, as a share of the most that a Region of the plan "
    "ran in the last day. It has to carry the users of the Region that is left, and its own: 200 "
    "where both are about as busy; 100 adds nothing then.",
    default=200,
    type="Number",
    minimum=1,
    maximum=400,
    cost="Per hour and instance, from the switch until the group shrinks again.",
)


def capacity(draft: Draft, pair: Pair) -> Step:
    """The group that takes over grows first, and its targets are healthy.

    Capacity is what ARC has sampled itself by default, beforehand: nothing is asked of a Region
    that is left. It wants ceil(percent x capacity of the source); which Region is the source where
    both serve, AWS words in two ways, and what is wanted above the group's maximum, in none.
    https://docs.aws.amazon.com/r53recovery/latest/dg/ec2-auto-scaling-block.html
    """
    config = Ec2AsgCapacityIncreaseConfiguration(
        Asgs=[Asg(Arn=group(draft, region)) for region in pair],
        TargetPercent=draft.tune(CAPACITY),
        TimeoutMinutes=STEP_MINUTES,
        Ungraceful=Ec2Ungraceful(MinimumSuccessPercentage=LEAST_PERCENT),
        WaitELBTargetGroupHealthy="enabled",
    )
    told = "The group that takes over grows first, and its targets are healthy."
    return _step("capacity", told, "EC2AutoScaling", Ec2AsgCapacityIncreaseConfig=config)


def database(settings: Settings, pair: Pair) -> Step:
    """Aurora's writer moves without loss; switched to ungraceful, it fails over with some."""
    clusters = [sub(cluster_arn(settings, region)) for region in pair]
    config = GlobalAuroraConfiguration(
        DatabaseClusterArns=clusters,
        GlobalClusterIdentifier=names.aurora(settings),
        TimeoutMinutes=STEP_MINUTES,
        Ungraceful=GlobalAuroraUngraceful(Ungraceful="failover"),
    )
    # troposphere wants an object, where the resource type's schema has a text.
    config.properties["Behavior"] = "switchoverOnly"
    told = "The database's writer moves to the Region that takes over."
    return _step("database", told, "AuroraGlobalDatabase", GlobalAuroraConfig=config)


def switch(settings: Settings, purpose: str, pair: Pair) -> Step:
    """Never in the Region that is left: that would depend on what may be down."""
    config = CustomActionLambdaConfiguration(
        Lambdas=[Lambdas(Arn=function(settings, purpose, region)) for region in pair],
        RegionToRun="activatingRegion",
        RetryIntervalMinutes=RETRY_MINUTES,
        TimeoutMinutes=STEP_MINUTES,
    )
    told = "Set the evacuation switch, and wait until its alarm agrees."
    return _step("switch", told, "CustomActionLambda", CustomActionLambdaConfig=config)


def _step(name: str, description: str, kind: str, **config: AWSProperty) -> Step:
    return Step(
        Name=name,
        Description=description,
        ExecutionBlockType=kind,
        ExecutionBlockConfiguration=ExecutionBlockConfiguration(**config),
    )


def group(draft: Draft, region: str) -> Expression:
    """ARN of a Region's Auto Scaling group."""
    return draft.need(compute.GROUP_ARN, region)


def function(settings: Settings, purpose: str, region: str) -> Expression:
    """ARN of a Region's function, by its derived name."""
    return sub(names.switch_function_arn(settings, purpose, region))


def cluster_arn(settings: Settings, region: str) -> str:
    """ARN of a Region's Aurora cluster, by its derived name."""
    name = names.aurora(settings)
    return f"arn:${{AWS::Partition}}:rds:{region}:${{AWS::AccountId}}:cluster:{name}"
