"""A bucket that holds something of the platform's: private, encrypted, versioned, kept."""

from __future__ import annotations

from troposphere import GetAtt, Ref
from troposphere.kms import Key
from troposphere.s3 import (
    AbortIncompleteMultipartUpload,
    Bucket,
    BucketEncryption,
    LifecycleConfiguration,
    LifecycleRule,
    NoncurrentVersionExpiration,
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
    VersioningConfiguration,
)

from generator.layers.draft import Draft, sub


def add(draft: Draft, title: str, name: str, rule: LifecycleRule, key: Key | None = None) -> Bucket:
    """The bucket, without its policy. `key` is a customer key; without one S3 has its own.

    It outlives its stack: what is in it is nobody's to delete unasked.
    """
    return draft.add(
        Bucket(
            title,
            BucketName=sub(name),
            BucketEncryption=BucketEncryption(ServerSideEncryptionConfiguration=[_encryption(key)]),
            OwnershipControls=OwnershipControls(
                Rules=[OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]
            ),
            PublicAccessBlockConfiguration=PublicAccessBlockConfiguration(
                BlockPublicAcls=True,
                BlockPublicPolicy=True,
                IgnorePublicAcls=True,
                RestrictPublicBuckets=True,
            ),
            VersioningConfiguration=VersioningConfiguration(Status="Enabled"),
            LifecycleConfiguration=LifecycleConfiguration(Rules=[rule]),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def expiry(rule_id: str, days: Ref) -> LifecycleRule:
    """Everything goes after so many days, older versions after as many more."""
    return LifecycleRule(
        Id=rule_id,
        Status="Enabled",
        ExpirationInDays=days,
        # A file is written once; an older version is somebody's overwriting or deletion.
        NoncurrentVersionExpiration=NoncurrentVersionExpiration(NoncurrentDays=days),
        AbortIncompleteMultipartUpload=AbortIncompleteMultipartUpload(DaysAfterInitiation=1),
    )


def _encryption(key: Key | None) -> ServerSideEncryptionRule:
    if key is None:
        default = ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
        return ServerSideEncryptionRule(ServerSideEncryptionByDefault=default)
    default = ServerSideEncryptionByDefault(
        SSEAlgorithm="aws:kms", KMSMasterKeyID=GetAtt(key, "Arn")
    )
    # A bucket key: one call to KMS for many objects.
    return ServerSideEncryptionRule(BucketKeyEnabled=True, ServerSideEncryptionByDefault=default)
