from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._policies import DOCUMENT, statements
from generator.checks.rules._template import (
    Spot,
    differs,
    find,
    layer_tags,
    refers_to,
    report,
    resources,
    values,
)

BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


class BucketsAreClosed(CloudFormationLintRule):
    """A bucket is private, encrypted, and reached over TLS only."""

    id = "E9008"
    shortdesc = "Buckets are closed, encrypted and TLS only"
    description = (
        "An S3 bucket sets all four public access blocks and BucketEncryption, and a bucket policy"
        " in the same template denies requests with aws:SecureTransport false."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"
    )
    tags = layer_tags("general")
    risk = (
        "One wrong ACL or policy makes the bucket public, and plain HTTP lets its objects be read"
        " on the way."
    )
    fix = (
        "Set the four blocks to true, state BucketEncryption, and add a Deny on aws:SecureTransport"
        " false."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            found for bucket in resources(cfn, "AWS::S3::Bucket") for found in _check(cfn, bucket)
        ]


def _check(cfn: Template, bucket: Spot) -> Iterator[RuleMatch]:
    for block in BLOCKS:
        for spot in find(cfn, bucket, "PublicAccessBlockConfiguration", block):
            if differs(spot.value, True):
                yield report(spot, f"PublicAccessBlockConfiguration.{block} must be true")
    for spot in find(cfn, bucket, "BucketEncryption"):
        if spot.value is None:
            yield report(spot, "BucketEncryption is missing: state the algorithm")
    if not _denies_plain_http(cfn, bucket.name):
        yield report(bucket, "no bucket policy here denies aws:SecureTransport false: add one")


def _denies_plain_http(cfn: Template, bucket: str) -> bool:
    return any(
        not differs(value, False)
        for policy in resources(cfn, "AWS::S3::BucketPolicy")
        if bucket in refers_to(policy.value.get("Bucket"))
        for statement in statements(cfn, policy, DOCUMENT, "Deny")
        for value in values(cfn, statement, "Condition", "Bool", "aws:SecureTransport")
    )
