"""Storage: the two buckets of a Region, one of artifacts and one of logs.

Each Region has its own, so that an instance starts and a load balancer logs without any other
Region. Their names derive from settings (`names`), so nothing has to be wired to them.

Nothing comes before them: templates above 51,200 bytes, such as the foundation's, are fetched from
the artifact bucket. So this stack too is an administrator's (see `foundation`).

Both are under SSE-S3: the log bucket because Application Load Balancers write to nothing else
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html),
the artifact bucket because it is needed before there is a key, and holds no secret.
"""

from __future__ import annotations

from awacs.aws import PolicyDocument
from troposphere import GetAtt, Ref, Tags
from troposphere.s3 import (
    AbortIncompleteMultipartUpload,
    Bucket,
    BucketPolicy,
    LifecycleRule,
    LoggingConfiguration,
    NoncurrentVersionExpiration,
)

from generator import names
from generator.layers import private_bucket
from generator.layers.draft import AT_REST, Draft, Layer, Scope, Tunable, sub
from generator.policies import buckets
from generator.policies.statements import Resource

OLD_ARTIFACT_DAYS = 90
"""How long an overwritten artifact can be brought back: longer than a release stays in use."""


def fill(draft: Draft) -> None:
    """The log bucket first: the other one logs into it."""
    logs = _log_bucket(draft)
    artifacts = _artifact_bucket(draft, logs)
    _policies(draft, logs, artifacts)


def _log_bucket(draft: Draft) -> Bucket:
    days = draft.tune(
        Tunable(
            "LogBucketRetentionDays",
            "Log retention in S3 (days)",
            "Days that access and flow logs are kept in the Region's log bucket.",
            default=draft.settings.log_retention_days,
            type="Number",
            minimum=1,
            maximum=3650,
            cost="Per GB and month in S3, in each Region: twice the days, twice the stored logs.",
        )
    )
    rule = private_bucket.expiry("expire", days)
    bucket = _bucket(draft, "LogBucket", names.log_bucket(draft.settings), rule)
    draft.excuse(bucket, "CKV_AWS_18", "It is where access logs go; logging itself would loop.")
    draft.explain(bucket, AT_REST, "Application Load Balancers log to nothing else.")
    return bucket


def _artifact_bucket(draft: Draft, logs: Bucket) -> Bucket:
    rule = LifecycleRule(
        Id="forget-old-versions",
        Status="Enabled",
        NoncurrentVersionExpiration=NoncurrentVersionExpiration(NoncurrentDays=OLD_ARTIFACT_DAYS),
        AbortIncompleteMultipartUpload=AbortIncompleteMultipartUpload(DaysAfterInitiation=1),
    )
    name = names.artifact_bucket(draft.settings)
    bucket = _bucket(draft, "ArtifactBucket", name, rule)
    bucket.LoggingConfiguration = LoggingConfiguration(
        DestinationBucketName=Ref(logs), LogFilePrefix=buckets.SERVER_ACCESS_PREFIX
    )
    bucket.DependsOn = "LogBucketPolicy"  # or the first entries would be refused
    draft.explain(bucket, AT_REST, "Needed before there is a key, and holds no secret.")
    return bucket


def _bucket(draft: Draft, title: str, name: str, rule: LifecycleRule) -> Bucket:
    bucket = private_bucket.add(draft, title, name, rule)
    bucket.Tags = Tags(Name=sub(name))
    return bucket


def _policies(draft: Draft, logs: Bucket, artifacts: Bucket) -> None:
    log_arn = GetAtt(logs, "Arn")
    # By name, not by GetAtt: the artifact bucket waits for this policy.
    artifact_arn = sub("arn:${AWS::Partition}:s3:::" + names.artifact_bucket(draft.settings))
    draft.add(
        BucketPolicy(
            "LogBucketPolicy",
            Bucket=Ref(logs),
            PolicyDocument=buckets.log_delivery(log_arn, artifact_arn),
        )
    )
    draft.add(
        BucketPolicy(
            "ArtifactBucketPolicy",
            Bucket=Ref(artifacts),
            PolicyDocument=_artifact_policy(draft, GetAtt(artifacts, "Arn")),
        )
    )


def _artifact_policy(draft: Draft, bucket: Resource) -> PolicyDocument:
    """Closed, but for what load generators in other accounts of an organization fetch."""
    settings = draft.settings
    if settings.organization is None or settings.load_generator is None:
        return buckets.tls_only(bucket)
    archives = f"{settings.prefix}/{names.GENERATOR_ARCHIVES}"
    return buckets.artifacts(bucket, settings.organization.id, archives)


LAYER = Layer(
    name="storage",
    step="",
    purpose="The artifact bucket and the log bucket of a Region",
    scope=Scope.EVERY_REGION,
    fill=fill,
)
