"""What Aurora adds to the boundary of all roles: one database, one user, one secret."""

from __future__ import annotations

from typing import Any

import pytest

from generator.layers import foundation
from generator.settings.sections_options import Aurora
from tests.layers.support import filled, settings
from tests.policies.grants import allows

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
