"""The two buckets of a Region."""

from __future__ import annotations

from typing import Any

import pytest

from generator.layers import storage
from generator.layers.draft import Scope
from tests.layers.support import filled, over, settings
from tests.policies.grants import rendered

ACCOUNT = "111122223333"
BUCKETS = ("ArtifactBucket", "LogBucket")


def resources(**changes: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = filled(storage.LAYER, settings(**changes))["Resources"]
    return found


def statements(policy: str) -> dict[str, dict[str, Any]]:
    document = resources()[policy]["Properties"]["PolicyDocument"]
    return {s["Sid"]: rendered(s) for s in document["Statement"]}


def test_every_region_has_them_us_east_1_included() -> None:
    assert storage.LAYER.scope is Scope.EVERY_REGION
    assert storage.LAYER.scope.regions(over("eu-west-1")) == ("eu-west-1", "us-east-1")


def test_their_names_are_known_beforehand() -> None:
    made = resources()
    names = [rendered(made[bucket]["Properties"]["BucketName"]) for bucket in BUCKETS]
    assert names == [
        f"gtm-test-artifacts-{ACCOUNT}-eu-west-1",
        f"gtm-test-logs-{ACCOUNT}-eu-west-1",
    ]


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_encrypted_versioned_and_kept(bucket: str) -> None:
    made = resources()[bucket]
    properties = made["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert made["DeletionPolicy"] == "RetainExceptOnCreate"
    assert made["UpdateReplacePolicy"] == "Retain"
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert rule["NoncurrentVersionExpiration"]


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_under_sse_s3_which_load_balancers_need(bucket: str) -> None:
    encryption = resources()[bucket]["Properties"]["BucketEncryption"]
    (rule,) = encryption["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_nobody_reaches_a_bucket_without_tls(bucket: str) -> None:
    deny = statements(f"{bucket}Policy")["DenyPlainTransport"]
    assert deny["Effect"] == "Deny"
    assert deny["Principal"] == "*"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(deny["Resource"]) == 2


def test_logs_expire_and_artifacts_stay() -> None:
    made = resources(log_retention_days=90)
    (logs,), (artifacts,) = (
        made[bucket]["Properties"]["LifecycleConfiguration"]["Rules"]
        for bucket in ("LogBucket", "ArtifactBucket")
    )
    assert logs["ExpirationInDays"] == {"Ref": "LogBucketRetentionDays"}
    assert "ExpirationInDays" not in artifacts


def test_load_balancers_of_any_region_log_under_this_accounts_path() -> None:
    statement = statements("LogBucketPolicy")["LoadBalancerLogs"]
    assert statement["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert statement["Action"] == ["s3:PutObject"]
    assert statement["Resource"] == [f"LogBucket.Arn/*AWSLogs/{ACCOUNT}/*"]


@pytest.mark.parametrize("sid", ["VendedLogs", "VendedLogsCheck"])
def test_flow_logs_come_from_this_account_only(sid: str) -> None:
    statement = statements("LogBucketPolicy")[sid]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT
    source = {"aws:SourceArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:*"}
    assert statement["Condition"]["ArnLike"] == source


def test_access_to_the_artifacts_is_logged() -> None:
    bucket = resources()["ArtifactBucket"]
    logging = bucket["Properties"]["LoggingConfiguration"]
    assert logging == {"DestinationBucketName": {"Ref": "LogBucket"}, "LogFilePrefix": "s3-access/"}
    assert bucket["DependsOn"] == "LogBucketPolicy"
    statement = statements("LogBucketPolicy")["ServerAccessLogs"]
    assert statement["Resource"] == ["LogBucket.Arn/s3-access/*"]
    artifacts = f"arn:aws:s3:::gtm-test-artifacts-{ACCOUNT}-eu-west-1"
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": artifacts}


def test_the_log_bucket_says_why_it_does_not_log_itself() -> None:
    (skip,) = resources()["LogBucket"]["Metadata"]["checkov"]["skip"]
    assert skip["id"] == "CKV_AWS_18"
    assert skip["comment"]
