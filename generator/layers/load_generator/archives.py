"""Where an instance fetches its archive: in its own Region, from the platform's artifact bucket.

In an organization the instance may be in another account than the bucket, whose policy then lets
the organization's accounts read these archives (`storage`), and no account names the bucket's
account but by a Parameter.
"""

from __future__ import annotations

from troposphere import Join

from generator import names
from generator.layers import foundation
from generator.layers.draft import Draft, Expression, sub

_ACCOUNT = "${AWS::AccountId}"


def bucket(draft: Draft) -> Expression:
    """The bucket's name."""
    name = names.artifact_bucket(draft.settings)
    if draft.settings.organization is None:
        return sub(name)
    before, after = name.split(_ACCOUNT)
    return Join("", [before, draft.need(foundation.ACCOUNT_ID), sub(after)])


def pattern(draft: Draft) -> Expression:
    """ARN of all that a build uploads for load generators."""
    arn = "arn:${AWS::Partition}:s3:::"
    keys = f"/{draft.settings.prefix}/{names.GENERATOR_ARCHIVES}"
    if draft.settings.organization is None:
        return sub(arn + names.artifact_bucket(draft.settings) + keys)
    return Join("", [sub(arn), bucket(draft), keys])
