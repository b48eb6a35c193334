"""What a Region switch plan may do, and what the functions that it calls may.

https://docs.aws.amazon.com/r53recovery/latest/dg/security-iam-region-switch.html
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs import arc_region_switch, autoscaling, awslambda, cloudwatch, elasticloadbalancing, rds
from awacs.aws import Condition, StringEquals
from troposphere import Sub
from troposphere.logs import LogGroup

from generator import names
from generator.policies.custom_resources import own_logs
from generator.policies.statements import Grant, Resource, allow, allow_any
from generator.settings.model import Settings

SERVICE = "arc-region-switch.amazonaws.com"


def execution(
    settings: Settings,
    groups: Sequence[Resource],
    functions: Sequence[Resource],
    alarms: Sequence[Resource],
) -> list[Grant]:
    """Scale these groups, call these functions, look at these alarms."""
    plans = Sub(
        f"arn:${{AWS::Partition}}:arc-region-switch::${{AWS::AccountId}}:plan/{settings.prefix}-*"
    )
    looking = [
        arc_region_switch.GetPlan,
        arc_region_switch.GetPlanExecution,
        arc_region_switch.ListPlanExecutions,
    ]
    return [
        allow("OwnPlans", looking, [plans]),
        allow("ScaleUp", [autoscaling.UpdateAutoScalingGroup], groups),
        allow("SetSwitch", [awslambda.GetFunction, awslambda.InvokeFunction], functions),
        allow("SeeHealth", [cloudwatch.DescribeAlarms, cloudwatch.DescribeAlarmHistory], alarms),
        allow_any(
            "SeeCapacity",
            [autoscaling.DescribeAutoScalingGroups, elasticloadbalancing.DescribeTargetHealth],
            "Auto Scaling and load balancing authorise describing on * only.",
        ),
    ]


def database(identifier: str, clusters: Sequence[Resource]) -> list[Grant]:
    """Move the writer of this global database between these clusters."""
    return [
        allow(
            "MoveWriter",
            [rds.FailoverGlobalCluster, rds.SwitchoverGlobalCluster],
            [_whole(identifier), *clusters],
        ),
        allow_any(
            "SeeDatabase",
            [rds.DescribeDBClusters, rds.DescribeGlobalClusters],
            "ARC lists databases before it looks at ours; it changes nothing.",
        ),
    ]


def find_writer(identifier: str) -> Grant:
    """See which Region this global database takes writes in."""
    return allow("FindWriter", [rds.DescribeGlobalClusters], [_whole(identifier)])


def _whole(identifier: str) -> Sub:
    arn = f"arn:${{AWS::Partition}}:rds::${{AWS::AccountId}}:global-cluster:{identifier}"
    return Sub(arn)


def switching(settings: Settings, logs: LogGroup) -> list[Grant]:
    """Write the one metric, in any Region of the platform, and read alarms."""
    namespace = Condition(StringEquals({"cloudwatch:namespace": names.switch_namespace(settings)}))
    return [
        own_logs(logs),
        allow_any(
            "SetSwitch",
            [cloudwatch.PutMetricData],
            "Metrics have no ARN; the condition names the switch's namespace.",
            namespace,
        ),
        allow_any(
            "SeeAlarms",
            [cloudwatch.DescribeAlarms],
            "CloudWatch shows composite alarms only to those who may see all.",
        ),
    ]
