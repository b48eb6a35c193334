"""Who may write into the log bucket, and that nobody reaches a bucket without TLS.

Each log service is let in as AWS documents it: by its service principal, into the path where it
writes this account's logs, and, where the service sends them, only from this account.
"""

from __future__ import annotations

from awacs import s3
from awacs.aws import (
    Allow,
    ArnLike,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import Join, Ref, Sub

from generator.policies.statements import Resource, deny_plain_transport

ACCOUNT = Ref("AWS::AccountId")
LOGS = Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*")
SERVER_ACCESS_PREFIX = "s3-access/"
"""Where S3 puts the access log of the artifact bucket."""


def tls_only(bucket: Resource) -> PolicyDocument:
    """The policy of a bucket that only this account's IAM policies open."""
    return PolicyDocument(
        Version="2012-10-17", Statement=[deny_plain_transport(bucket, _within(bucket, "*"))]
    )


def artifacts(bucket: Resource, organization: str, archives: str) -> PolicyDocument:
    """The policy of the artifact bucket where accounts of an organization start instances, too.

    They may read the archives that those instances run, and see nothing else. Members are asked
    for by the organization, so an account that leaves it can't read any more; and such a policy is
    not a public one.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    reading = Statement(
        Sid="ArchivesForTheOrganization",
        Effect=Allow,
        Principal=Principal("AWS", "*"),
        Action=[s3.GetObject],
        Resource=[_within(bucket, archives)],
        Condition=Condition(StringEquals({"aws:PrincipalOrgID": organization})),
    )
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[deny_plain_transport(bucket, _within(bucket, "*")), reading],
    )


def log_delivery(bucket: Resource, logged_bucket: Resource) -> PolicyDocument:
    """The policy of the log bucket: what AWS writes there, and TLS only."""
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            deny_plain_transport(bucket, _within(bucket, "*")),
            _load_balancers(bucket),
            *log_service(bucket),
            _server_access(bucket, logged_bucket),
        ],
    )


def _load_balancers(bucket: Resource) -> Statement:
    """Access logs of Application Load Balancers.

    One principal in all Regions: the account numbers that Regions older than August 2022 needed are
    "legacy" now. It documents no source condition; the account number in the path is the guard.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    return Statement(
        Sid="LoadBalancerLogs",
        Effect=Allow,
        Principal=Principal("Service", "logdelivery.elasticloadbalancing.amazonaws.com"),
        Action=[s3.PutObject],
        Resource=[_own_logs(bucket)],
    )


def log_service(bucket: Resource) -> list[Statement]:
    """VPC flow logs, and whatever else CloudWatch's vended log delivery brings.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    """
    principal = Principal("Service", "delivery.logs.amazonaws.com")
    here = StringEquals({"aws:SourceAccount": ACCOUNT})
    source = ArnLike({"aws:SourceArn": LOGS})
    owned = StringEquals(
        {"aws:SourceAccount": ACCOUNT, "s3:x-amz-acl": "bucket-owner-full-control"}
    )
    return [
        Statement(
            Sid="VendedLogs",
            Effect=Allow,
            Principal=principal,
            Action=[s3.PutObject],
            Resource=[_own_logs(bucket)],
            Condition=Condition([owned, source]),
        ),
        Statement(
            Sid="VendedLogsCheck",
            Effect=Allow,
            Principal=principal,
            Action=[s3.GetBucketAcl, s3.ListBucket],
            Resource=[bucket],
            Condition=Condition([here, source]),
        ),
    ]


def _server_access(bucket: Resource, logged_bucket: Resource) -> Statement:
    """S3's own access log of the artifact bucket.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """
    return Statement(
        Sid="ServerAccessLogs",
        Effect=Allow,
        Principal=Principal("Service", "logging.s3.amazonaws.com"),
        Action=[s3.PutObject],
        Resource=[_within(bucket, SERVER_ACCESS_PREFIX + "*")],
        Condition=Condition(
            [
                StringEquals({"aws:SourceAccount": ACCOUNT}),
                ArnLike({"aws:SourceArn": logged_bucket}),
            ]
        ),
    )


def _own_logs(bucket: Resource) -> Join:
    """Any prefix, then the part that AWS adds: `AWSLogs/<account>/`."""
    return Join("", [bucket, "/*AWSLogs/", ACCOUNT, "/*"])


def _within(bucket: Resource, keys: str) -> Join:
    return Join("", [bucket, "/", keys])
