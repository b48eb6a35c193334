"""What `region_switch` adds to the rights of the rollout's roles."""

from __future__ import annotations

from generator.policies.options.option import Option
from generator.policies.services.row import Service, here

OPTION = Option(
    services=(
        Service(
            "arc-region-switch",
            "CreatePlan DeletePlan GetPlan UpdatePlan ListRoute53HealthChecks "
            "ListTagsForResource TagResource UntagResource",
            # A plan is in no Region.
            (here("arc-region-switch", "plan/{prefix}-*", region=""),),
        ),
    ),
    recipients=("arc-region-switch",),
    boundary={
        "autoscaling": "UpdateAutoScalingGroup",
        "cloudwatch": "DescribeAlarm*",
        "elasticloadbalancing": "DescribeTargetHealth",
        "rds": "DescribeDBClusters DescribeGlobalClusters",
    },
    own={
        "arc-region-switch": (
            "GetPlan GetPlanExecution ListPlanExecutions",
            here("arc-region-switch", "plan/{prefix}-*", region=""),
        ),
        # Calling what stands: nothing of it makes or changes a function.
        "lambda": ("GetFunction InvokeFunction", here("lambda", "function:{prefix}-*")),
        # A Region's cluster, and the global database, which is in none.
        "rds": (
            "FailoverGlobalCluster SwitchoverGlobalCluster",
            here("rds", "*cluster:{prefix}-*"),
        ),
    },
)
