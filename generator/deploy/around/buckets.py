"""The environment's own buckets: which they are, emptied and deleted when asked for.

They outlive their stack, so its deletion leaves them with all that is in them. A bucket is ours if
its name is the one that a template derives *and* a stack of ours holds it, or its tag says that one
did: CloudFormation passes a stack's tags on to its buckets. A name alone proves nothing, for bucket
names are everybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from generator.deploy.aws import Aws
from generator.deploy.looking.fixed_names import fixed_names
from generator.deploy.release import PLATFORM_TAG, Release
from generator.errors import AwsError

TYPE = "AWS::S3::Bucket"
PASSES = 3
"""How often a bucket is emptied in which something still arrives: a last log file, mostly."""


class Bucket(NamedTuple):
    """A bucket that stands under one of our names."""

    region: str
    name: str
    is_ours: bool


def find_buckets(aws: Aws, release: Release, account: str, held: set[str]) -> tuple[Bucket, ...]:
    """Buckets with our derived names that stand; `held` are those that stacks of ours hold.

    Those that log into others come first; the home Region's, in which the lease lies, comes last.
    """
    home = release.bucket_in(release.home, account)
    names = [n for n in fixed_names(release, account) if n.type == TYPE]
    ordered = sorted(names, key=lambda n: (n.name == home, "LoggingConfiguration" not in n.body))
    return tuple(
        Bucket(name.region, name.name, is_ours)
        for name in ordered
        if (is_ours := _is_ours(aws, release, name.region, name.name, held)) is not None
    )


def _is_ours(aws: Aws, release: Release, region: str, name: str, held: set[str]) -> bool | None:
    """None where there is no such bucket."""
    client = aws.client("s3", region)
    try:
        tags = client.get_bucket_tagging(Bucket=name)["TagSet"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return None
        if error.response["Error"]["Code"] not in ("NoSuchTagSet", "AccessDenied"):
            raise
        tags = []
    return name in held or {"Key": PLATFORM_TAG, "Value": release.prefix} in tags


def delete_bucket(aws: Aws, bucket: Bucket, tell: Callable[[str], None]) -> None:
    """Empty it of every version and delete marker, and delete it. Raises AwsError if it refills."""
    client = aws.client("s3", bucket.region)
    for _ in range(PASSES):
        count = 0
        for batch in _versions(client, bucket.name):
            _delete_batch(client, bucket.name, batch)
            count += len(batch)
            tell(f"{bucket.name}: {count} versions deleted")
        try:
            client.delete_bucket(Bucket=bucket.name)
        except client.exceptions.NoSuchBucket:
            return
        except ClientError as error:
            if error.response["Error"]["Code"] != "BucketNotEmpty":
                raise
        else:
            tell(f"{bucket.name}: deleted")
            return
    raise AwsError(
        f"{bucket.name}: something writes into it faster than it is emptied\n"
        "    look what it is, and run destroy --delete-buckets again"
    )


def _versions(client: Any, name: str) -> Iterator[list[Mapping[str, str]]]:
    """All versions and delete markers, a page (at most 1,000) at a time.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html takes as many.
    """
    pages = client.get_paginator("list_object_versions").paginate(Bucket=name)
    try:
        for page in pages:
            entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if entries:
                yield [{"Key": e["Key"], "VersionId": e["VersionId"]} for e in entries]
    except client.exceptions.NoSuchBucket:
        return


def _delete_batch(client: Any, name: str, batch: list[Mapping[str, str]]) -> None:
    answer = client.delete_objects(Bucket=name, Delete={"Objects": batch, "Quiet": True})
    for error in answer.get("Errors", []):
        raise AwsError(
            f"{name}: {error['Key']} can't be deleted: {error.get('Code')} {error.get('Message')}\n"
            "    an administrator's rights are needed: the deployer may delete no object"
        )
