"""Where a person's machine and the load generators meet: a bucket, under a key of this layer.

The key also encrypts the instances' disks, their log and the topic: one layer, one key.
"""

from __future__ import annotations

from troposphere import GetAtt, Ref, Tags
from troposphere.kms import Alias, Key
from troposphere.s3 import Bucket, BucketPolicy, LifecycleRule

from generator import names
from generator.layers import private_bucket
from generator.layers.draft import Draft, Tunable
from generator.policies import load_generator as policies


def add_key(draft: Draft) -> Key:
    """The key, and its alias."""
    key = draft.add(
        Key(
            "LoadKey",
            Description=f"{draft.settings.prefix}: load generators, their orders and results",
            KeyPolicy=policies.key_policy(),
            EnableKeyRotation=True,
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
            Tags=cost_tag(draft),
        )
    )
    reason = "Whoever launches an instance, as the AWS managed key of EBS has it: within EC2 only."
    draft.excuse(key, "CKV_AWS_33", reason)
    alias = f"alias/{names.generators(draft.settings, 'generators')}"
    draft.add(Alias("LoadKeyAlias", AliasName=alias, TargetKeyId=Ref(key)))
    return key


def add_bucket(draft: Draft, key: Key) -> Bucket:
    """The bucket, and that nobody reaches it without TLS. Its flow logs come from AWS."""
    name = names.loadtest_bucket(draft.settings)
    bucket = private_bucket.add(draft, "LoadtestBucket", name, _expiry(draft), key)
    bucket.Tags = cost_tag(draft)
    reason = "Orders and results of load tests: CloudTrail says who changed what they may start."
    draft.excuse(bucket, "CKV_AWS_18", reason)
    draft.add(
        BucketPolicy(
            "LoadtestBucketPolicy",
            Bucket=Ref(bucket),
            PolicyDocument=policies.bucket_policy(GetAtt(bucket, "Arn")),
        )
    )
    return bucket


def cost_tag(draft: Draft) -> Tags:
    """What the budget counts by, on whatever costs."""
    return Tags(**{names.LOAD_GENERATOR_TAG: draft.settings.prefix})


def _expiry(draft: Draft) -> LifecycleRule:
    asked = draft.settings.load_generator
    assert asked is not None
    days = draft.tune(
        Tunable(
            "LoadtestRetentionDays",
            "Results kept (days)",
            "Days that results of load tests, and flow logs of their network, are kept in S3.",
            default=asked.results_retention_days,
            type="Number",
            minimum=1,
            maximum=3650,
            cost="Per GB and month in S3, in each Region of load generators.",
        )
    )
    return private_bucket.expiry("expire", days)
