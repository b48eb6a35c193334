"""What the rollout's roles may do for load generators, held against AWS's schemas."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from generator.layers import foundation, load_generator
from generator.settings.sections import LoadGenerator
from tests.layers.support import filled, settings
from tests.policies.grants import actions, allows, covers
from tests.policies.test_provisioning import UNUSED, _handlers

CHOSEN = settings(load_generator=LoadGenerator())


@cache
def _foundation(chosen: bool = True) -> dict[str, Any]:
    asked = CHOSEN if chosen else settings()
    found: dict[str, Any] = filled(foundation.LAYER, asked)["Resources"]
    return found


def _policies(chosen: bool = True) -> list[dict[str, Any]]:
    role = _foundation(chosen)["ProvisioningRole"]["Properties"]
    return [_foundation(chosen)[arn["Ref"]] for arn in role["ManagedPolicyArns"]]


@cache
def _layer() -> dict[str, Any]:
    found: dict[str, Any] = filled(load_generator.LAYER, CHOSEN)["Resources"]
    return found


def test_every_permission_that_its_types_ask_for_is_given_or_explained() -> None:
    given, reasons = actions(_policies()), UNUSED
    asked = {p for resource in _layer().values() for p in _handlers(resource["Type"])}
    missing = [
        permission
        for permission in sorted(asked)
        if not covers(given, permission)
        and not any(re.fullmatch(pattern, permission) for pattern in reasons)
    ]
    assert not missing


def test_the_boundary_holds_what_an_instance_is_granted() -> None:
    boundary = actions([_foundation()["Boundary"]])
    assert not {a for a in actions([_layer()["GeneratorRole"]]) if not covers(boundary, a)}


def test_only_groups_of_load_generators_may_be_resized_by_a_role_of_ours() -> None:
    start = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/"
    boundary = [_foundation()["Boundary"]]
    assert allows(boundary, "autoscaling:SetDesiredCapacity", start + "gtm-test-load-workers")
    assert not allows(boundary, "autoscaling:SetDesiredCapacity", start + "gtm-test-regional-1")


def test_a_platform_without_load_generators_may_make_no_bucket() -> None:
    bucket = "arn:aws:s3:::gtm-test-loadtests-111122223333-eu-west-1"
    assert allows(_policies(), "s3:CreateBucket", bucket)
    assert not allows(_policies(chosen=False), "s3:CreateBucket", bucket)
    others = "arn:aws:s3:::gtm-test-artifacts-111122223333-eu-west-1"
    assert not allows(_policies(), "s3:PutBucketPolicy", others)
