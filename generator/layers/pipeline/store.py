"""What the pipeline keeps: artifacts in a bucket of its own, logs, and the key of both."""

from __future__ import annotations

from typing import NamedTuple

from troposphere import GetAtt, Ref
from troposphere.kms import Key
from troposphere.logs import LogGroup
from troposphere.s3 import Bucket, BucketPolicy, LifecycleRule

from generator import names
from generator.layers import private_bucket
from generator.layers.draft import Draft, Tunable
from generator.policies import buckets
from generator.policies import pipeline as policies


class Store(NamedTuple):
    """The resources that the projects and the pipeline name."""

    key: Key
    bucket: Bucket
    logs: LogGroup


def add(draft: Draft) -> Store:
    """The key first: it encrypts the others."""
    key = _key(draft)
    return Store(key, _bucket(draft, key), _logs(draft, key))


def _key(draft: Draft) -> Key:
    return draft.add(
        Key(
            "PipelineKey",
            Description=f"{draft.settings.prefix}: the pipeline's artifacts, logs, notifications",
            KeyPolicy=policies.pipeline_key(draft.settings),
            EnableKeyRotation=True,
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def _bucket(draft: Draft, key: Key) -> Bucket:
    name = names.pipeline_bucket(draft.settings)
    bucket = private_bucket.add(draft, "PipelineBucket", name, _forgetting(draft), key)
    reason = "The pipeline's three roles alone come here; its history says what each one did."
    draft.excuse(bucket, "CKV_AWS_18", reason)
    draft.add(
        BucketPolicy(
            "PipelineBucketPolicy",
            Bucket=Ref(bucket),
            PolicyDocument=buckets.tls_only(GetAtt(bucket, "Arn")),
        )
    )
    return bucket


def _forgetting(draft: Draft) -> LifecycleRule:
    """Artifacts are of use while their execution can be retried; git has what they were made of."""
    days = draft.tune(
        Tunable(
            "ArtifactRetentionDays",
            "Pipeline artifacts (days)",
            "Days that the pipeline's sources, builds and plans are kept.",
            default=30,
            type="Number",
            minimum=7,
            maximum=365,
            cost="Per GB and month in S3.",
        )
    )
    return private_bucket.expiry("forget", days)


def _logs(draft: Draft, key: Key) -> LogGroup:
    """What was planned and done, in the words of the commands."""
    days = draft.settings.log_retention_days
    return draft.add(
        LogGroup(
            "PipelineLogs",
            LogGroupName=f"/{names.pipeline(draft.settings)}",
            RetentionInDays=days,
            KmsKeyId=GetAtt(key, "Arn"),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
