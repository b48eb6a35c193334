"""What `aurora` adds to the rights of the rollout's roles."""

from __future__ import annotations

from generator.names import AURORA_USER
from generator.policies.options.option import Option
from generator.policies.services.row import READ_ONLY, Service, here

_KINDS = ("cluster", "cluster-pg", "cluster-snapshot", "db", "global-cluster", "subgrp")
"""Of CloudFormation's making they begin with the stack's name, of ours with the prefix."""

_DEFAULTS = ("og", "pg")
"""AWS's own option and parameter groups, which clusters and instances get that name none.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/security_iam_id-based-policy-examples-create-and-modify-examples.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
"""

OPTION = Option(
    services=(
        Service(
            "rds",
            "AddTagsToResource CreateDBCluster CreateDBClusterParameterGroup "
            "CreateDBClusterSnapshot CreateDBInstance CreateDBSubnetGroup CreateGlobalCluster "
            "DeleteDBCluster DeleteDBClusterParameterGroup DeleteDBInstance DeleteDBSubnetGroup "
            "DeleteGlobalCluster ListTagsForResource ModifyDBCluster "
            "ModifyDBClusterParameterGroup ModifyDBInstance ModifyDBSubnetGroup "
            "ModifyGlobalCluster RebootDBInstance RemoveFromGlobalCluster "
            "RemoveTagsFromResource ResetDBClusterParameterGroup",
            tuple(here("rds", f"{kind}:{{prefix}}-*") for kind in _KINDS),
            anywhere="Describe*",
            reason=READ_ONLY,
        ),
        Service(
            "rds",
            "CreateDBCluster CreateDBInstance ModifyDBCluster ModifyDBInstance",
            tuple(here("rds", f"{kind}:default*") for kind in _DEFAULTS),
            title="RdsDefaults",
        ),
        Service(
            "secretsmanager",
            "CancelRotateSecret RotateSecret",
            (here("secretsmanager", "secret:{prefix}/aurora-*"),),
        ),
        Service(
            "lambda", "AddPermission RemovePermission", (here("lambda", "function:{prefix}-*"),)
        ),
    ),
    linked=("rds",),
    boundary={"secretsmanager": "GetRandomPassword"},
    own={
        "rds": (
            "DescribeDBClusters DescribeGlobalClusters ModifyDBCluster",
            here("rds", "*cluster:{prefix}-aurora"),
        ),
        "rds-db": ("connect", here("rds-db", f"dbuser:cluster-*/{AURORA_USER}")),
        "secretsmanager": (
            "PutSecretValue UpdateSecretVersionStage",
            here("secretsmanager", "secret:{prefix}/aurora-*"),
        ),
    },
)
