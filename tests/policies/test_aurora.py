"""What Aurora adds to the rollout's rights, and to the boundary of all roles."""

from __future__ import annotations

from typing import Any

import pytest

from generator.layers import foundation
from generator.settings.sections_options import Aurora
from tests.layers.support import filled, settings
from tests.policies.grants import allows, statements

HERE = "111122223333"


def boundary(**changes: Any) -> list[dict[str, Any]]:
    return [filled(foundation.LAYER, settings(**changes))["Resources"]["Boundary"]]


@pytest.mark.parametrize(
    ("action", "own", "of_others"),
    [
        (
            "rds:ModifyDBCluster",
            f"rds:eu-west-1:{HERE}:cluster:gtm-test-aurora",
            f"rds:eu-west-1:{HERE}:cluster:payroll",
        ),
        (
            "rds:DescribeGlobalClusters",
            f"rds::{HERE}:global-cluster:gtm-test-aurora",
            f"rds::{HERE}:global-cluster:payroll",
        ),
        (
            "rds-db:connect",
            f"rds-db:eu-west-1:{HERE}:dbuser:cluster-ABC/app",
            f"rds-db:eu-west-1:{HERE}:dbuser:cluster-ABC/administrator",
        ),
        (
            "secretsmanager:PutSecretValue",
            f"secretsmanager:eu-west-1:{HERE}:secret:gtm-test/aurora-abcdef",
            f"secretsmanager:eu-west-1:{HERE}:secret:gtm-test/cache-abcdef",
        ),
    ],
)
def test_a_role_gets_at_most_the_platforms_own(action: str, own: str, of_others: str) -> None:
    made = boundary(aurora=Aurora())
    assert allows(made, action, f"arn:aws:{own}")
    assert not allows(made, action, f"arn:aws:{of_others}")
    assert not allows(boundary(), action, f"arn:aws:{own}"), "none of it without Aurora"


def options() -> list[dict[str, Any]]:
    """What CloudFormation may do because of Aurora."""
    return [filled(foundation.LAYER, settings(aurora=Aurora()))["Resources"]["ProvisioningOptions"]]


@pytest.mark.parametrize(
    "action", ["CreateDBCluster", "CreateDBInstance", "ModifyDBCluster", "ModifyDBInstance"]
)
@pytest.mark.parametrize(
    "group", ["og:default:aurora-postgresql-17", "pg:default.aurora-postgresql17"]
)
def test_what_names_no_group_may_have_rdss_default_one(action: str, group: str) -> None:
    """Among the resources that RDS authorises these calls on."""
    assert allows(options(), f"rds:{action}", f"arn:aws:rds:eu-west-1:{HERE}:{group}")
    assert not allows(options(), f"rds:{action}", f"arn:aws:rds:eu-west-1:{HERE}:pg:payroll")
    tagging = f"arn:aws:rds:eu-west-1:{HERE}:{group}"
    assert not allows(options(), "rds:AddTagsToResource", tagging), "used, never changed"


def test_no_two_statements_share_a_sid() -> None:
    sids = [statement["Sid"] for policy in options() for statement in statements(policy)]
    assert len(sids) == len(set(sids))
