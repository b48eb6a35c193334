"""Amazon S3: what buckets hold is under the key of their default encryption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import managed, owned, protection, reasoned
from generator.report.encryption.policies import denies_plain, users
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import (
    IN_TRANSIT,
    LOG,
    NOT_DEMANDED,
    STORE,
    Protection,
    Reader,
    Row,
    Unreadable,
)

BUCKET = "AWS::S3::Bucket"
READ = "s3:GetObject"
USES = (READ, "s3:PutObject", "s3:ListBucket")
"""What a policy that demands TLS has to refuse without it."""


def bucket(estate: Estate, resource: Resource) -> Iterator[Row]:
    """The objects of a bucket, and the log of its own requests."""
    held = bucket_protection(estate, resource)
    yield Row(STORE, resource.place, "S3 bucket", held, *transport(estate, resource))
    if logging := resource.properties.get("LoggingConfiguration"):
        target = logging.get("DestinationBucketName", {"Ref": resource.logical_id})
        yield log_in_bucket(estate, resource, "requests to the bucket", target)


def log_in_bucket(estate: Estate, resource: Resource, what: str, target: object) -> Row:
    """A log that a service writes to one of our buckets. Raises Unreadable for any other."""
    holder = estate.find(BUCKET, resource.file, target)
    if holder is None:
        raise Unreadable(f"logs to {target}, which is no bucket of these templates")
    held = bucket_protection(estate, holder)
    what = f"{what}, in `{holder.place}`"
    return Row(LOG, resource.place, what, held, *transport(estate, holder))


def bucket_protection(estate: Estate, resource: Resource) -> Protection:
    """By the bucket's default encryption. Raises Unreadable where the template has none."""
    default = _default(resource.properties)
    if "KMSMasterKeyID" in default:
        return protection(estate, resource, default["KMSMasterKeyID"], "Amazon S3")
    if default.get("SSEAlgorithm", "").startswith("aws:kms"):
        return managed(resource, "aws/s3")
    if default.get("SSEAlgorithm") != "AES256":
        raise Unreadable("has no default encryption that is known (BucketEncryption)")
    why = reasoned(resource, "is under SSE-S3, no key of the platform's")
    return owned("Amazon S3", why, f"whoever may read: {users(estate, resource, READ)}")


def _default(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", ())
    found: Mapping[str, Any] = next(
        (r["ServerSideEncryptionByDefault"] for r in rules if "ServerSideEncryptionByDefault" in r),
        {},
    )
    return found


def transport(estate: Estate, resource: Resource) -> tuple[str, str]:
    """TLS where the bucket's policy refuses everything else; a reason where not."""
    for policy in estate.of_type("AWS::S3::BucketPolicy"):
        meant = estate.find(BUCKET, policy.file, policy.properties["Bucket"])
        if meant == resource and denies_plain(estate, resource, policy, *USES):
            return "TLS only, by the bucket's policy", ""
    why = reasoned(resource, "takes requests without TLS (no Deny in its policy)", IN_TRANSIT)
    return NOT_DEMANDED, why


READERS: dict[str, Reader] = {BUCKET: bucket}
