"""The deployer role may do what deploy calls, and of what changes anything, nothing else.

The calls are read from the source; an action that deploy needs and the policy lacks fails here, and
so does one that the policy grants and nothing calls.
"""

from __future__ import annotations

from typing import Any

from generator import names
from generator.deploy.release import PLATFORM_TAG
from generator.policies.deployer import READING
from tests.deploy.calls import operations
from tests.deploy.conftest import prod
from tests.layers.support import filled
from tests.policies.grants import actions, covers

ACTION_OF = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "elbv2": "elasticloadbalancing",
}
"""Where IAM calls it otherwise than the API.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

ADMINISTRATORS_ONLY = {
    "s3:DeleteBucket",
    "s3:DeleteObjects",
    "s3:GetBucketTagging",
    "s3:ListObjectVersions",
}
"""`destroy --delete-buckets`: data is deleted by whom it belongs to, not by what deploys."""

NEEDS_NONE = {"sts:GetCallerIdentity"}
IN_PASSING = {
    *("cloudformation:DetectStackResourceDrift", "cloudformation:TagResource"),
    *("cloudformation:UntagResource", "iam:PassRole"),
    *("cloudformation:CancelUpdateStack", "cloudformation:StopStackSetOperation"),
}
"""Checked with a call of another name; the last two are for people who stop what runs."""


def called() -> set[str]:
    """IAM's actions for what deploy calls."""
    found = set()
    for operation in operations():
        service = operation.service_model.service_name
        action = f"{ACTION_OF.get(service, service)}:{operation.name}"
        found.add(ACTION_OF.get(action, action))
    return found - NEEDS_NONE


ORGANIZATION = {"id": "o-a1b2c3d4e5", "organizational_units": ["ou-ab12-cd34ef56"]}


def granted(**changes: Any) -> set[str]:
    """Actions of the role and of what it reads with, as they are written: with all options."""
    resources = filled_foundation(**({"organization": ORGANIZATION} | changes))
    return actions([resources["DeployerRole"], resources["DeployerReading"]])


def filled_foundation(**changes: Any) -> dict[str, Any]:
    """The foundation's resources."""
    from generator.layers import foundation

    resources: dict[str, Any] = filled(foundation.LAYER, prod(**changes))["Resources"]
    return resources


def test_what_deploy_calls_is_granted() -> None:
    missing = {action for action in called() - ADMINISTRATORS_ONLY if not covers(granted(), action)}
    assert not missing


def test_nothing_that_changes_anything_is_granted_beyond() -> None:
    changing = {a for a in granted() if not a.partition(":")[2].startswith(READING)}
    assert not changing - called() - IN_PASSING


def test_without_an_organization_nothing_of_it_is_granted() -> None:
    assert not [action for action in granted(organization=None) if action.startswith("org")]


def test_the_deployer_deletes_no_object() -> None:
    assert not [action for action in ADMINISTRATORS_ONLY if covers(granted(), action)]


def test_layers_and_rollout_mean_the_same_tag() -> None:
    assert names.PLATFORM_TAG == PLATFORM_TAG
