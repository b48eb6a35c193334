"""Only our own buckets are emptied, and then all of them: every version, every marker."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from generator.deploy.around.buckets import Bucket, delete_bucket, find_buckets
from generator.deploy.aws import Aws
from generator.deploy.release import PLATFORM_TAG, Release
from generator.errors import AwsError
from tests.deploy.conftest import Deployer, prod
from tests.deploy.stubbed import Script, scripted
from tests.local_aws import Account

HOME, OTHER = "ap-northeast-2", "us-east-1"


@pytest.fixture
def release(deployer: Deployer) -> Release:
    return deployer.build(prod(regions=[{"name": HOME}, {"name": OTHER}]))


def make(account: Account, region: str, name: str, platform: str = "") -> Any:
    client = account.client("s3", region)
    where = {} if region == "us-east-1" else {"LocationConstraint": region}
    client.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
    if platform:
        tags = {"TagSet": [{"Key": PLATFORM_TAG, "Value": platform}]}
        client.put_bucket_tagging(Bucket=name, Tagging=tags)
    return client


def test_a_bucket_is_ours_by_its_name_and_its_stack_or_its_tag(
    account: Account, release: Release
) -> None:
    logs, artifacts = (f"gtm-prod-{use}-{account.id}" for use in ("logs", "artifacts"))
    make(account, OTHER, f"{logs}-{OTHER}", platform="gtm-prod")
    make(account, OTHER, f"{artifacts}-{OTHER}")
    make(account, HOME, f"{logs}-{HOME}", platform="gtm-staging")
    make(account, HOME, f"{artifacts}-{HOME}")
    make(account, HOME, "gtm-prod-somebody-s", platform="gtm-prod")
    found = find_buckets(Aws(), release, account.id, held={f"{artifacts}-{HOME}"})
    assert {bucket.name: bucket.is_ours for bucket in found} == {
        f"{logs}-{OTHER}": True,
        f"{artifacts}-{OTHER}": False,
        f"{logs}-{HOME}": False,
        f"{artifacts}-{HOME}": True,
    }


def test_what_logs_goes_before_where_it_logs_to_and_the_lease_s_bucket_last(
    account: Account, release: Release
) -> None:
    for region in (HOME, OTHER):
        for use in ("logs", "artifacts"):
            make(account, region, f"gtm-prod-{use}-{account.id}-{region}")
    found = find_buckets(Aws(), release, account.id, held=set())
    assert [bucket.name for bucket in found] == [
        f"gtm-prod-artifacts-{account.id}-{OTHER}",
        f"gtm-prod-logs-{account.id}-{HOME}",
        f"gtm-prod-logs-{account.id}-{OTHER}",
        f"gtm-prod-artifacts-{account.id}-{HOME}",
    ]


@pytest.mark.usefixtures("deployer")
def test_every_version_and_delete_marker_goes(account: Account) -> None:
    name = f"versioned-{account.id}"
    client = make(account, HOME, name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for number in range(30):
        client.put_object(Bucket=name, Key=f"key-{number % 10}", Body=b"x")
    client.delete_object(Bucket=name, Key="key-0")
    told: list[str] = []
    delete_bucket(Aws(), Bucket(HOME, name, True), told.append)
    assert told == [f"{name}: 31 versions deleted", f"{name}: deleted"]
    with pytest.raises(ClientError, match="404"):
        client.head_bucket(Bucket=name)


@pytest.mark.usefixtures("deployer")
def test_a_bucket_that_is_gone_is_no_fault(account: Account) -> None:
    delete_bucket(Aws(), Bucket(HOME, f"never-was-{account.id}", True), lambda line: None)


VERSIONS = {"Versions": [{"Key": "log", "VersionId": "1"}]}
NOT_EMPTY = {"Error": {"Code": "BucketNotEmpty", "Message": "not empty"}}


def test_a_last_log_file_is_emptied_too() -> None:
    objects = [{"Key": "log", "VersionId": "1"}]
    batch = {"Bucket": "logs", "Delete": {"Objects": objects, "Quiet": True}}
    script: Script = [
        ("list_object_versions", VERSIONS, None),
        ("delete_objects", {}, batch),
        ("delete_bucket", NOT_EMPTY, None),
        ("list_object_versions", VERSIONS, None),
        ("delete_objects", {}, batch),
        ("delete_bucket", {}, None),
    ]
    told: list[str] = []
    with scripted({("s3", HOME): script}) as aws:
        delete_bucket(aws, Bucket(HOME, "logs", True), told.append)
    assert told[-1] == "logs: deleted"


def test_a_bucket_that_fills_again_and_again_is_a_failure() -> None:
    once: Script = [
        ("list_object_versions", VERSIONS, None),
        ("delete_objects", {}, None),
        ("delete_bucket", NOT_EMPTY, None),
    ]
    with scripted({("s3", HOME): once * 3}) as aws, pytest.raises(AwsError, match="faster than"):
        delete_bucket(aws, Bucket(HOME, "logs", True), lambda line: None)


def test_an_object_that_can_t_be_deleted_is_named() -> None:
    refused = {"Errors": [{"Key": "log", "Code": "AccessDenied", "Message": "no"}]}
    script: Script = [("list_object_versions", VERSIONS, None), ("delete_objects", refused, None)]
    with scripted({("s3", HOME): script}) as aws, pytest.raises(AwsError, match="log can't be"):
        delete_bucket(aws, Bucket(HOME, "logs", True), lambda line: None)


def test_batches_are_pages_of_versions() -> None:
    """S3 takes as many versions in one DeleteObjects as it lists in one page: 1,000."""
    many = [{"Key": f"k{number}", "VersionId": "1"} for number in range(3)]
    pages = [
        {
            "Versions": [entry],
            "IsTruncated": following is not None,
            **({"NextKeyMarker": following["Key"]} if following else {}),
        }
        for entry, following in pairwise([*many, None])
        if entry
    ]
    script: Script = []
    for page in pages:
        script += [("list_object_versions", page, None), ("delete_objects", {}, None)]
    with scripted({("s3", HOME): [*script, ("delete_bucket", {}, None)]}) as aws:
        told: list[str] = []
        delete_bucket(aws, Bucket(HOME, "logs", True), told.append)
    assert told[-2:] == ["logs: 3 versions deleted", "logs: deleted"]
