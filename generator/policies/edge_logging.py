"""The log delivery service of CloudWatch, which writes for CloudFront and AWS WAF.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-vended-logs-permissions-V2.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from awacs import logs
from awacs.aws import (
    Allow,
    ArnLike,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import Sub


def log_delivery(groups: Sequence[str]) -> Sub:
    """Let the service write into these groups, for sources of this account and Region only.

    `groups` are logical ids. AWS::Logs::ResourcePolicy takes its document as text: so Fn::Sub fills
    in what other policies say by intrinsic functions.
    """
    sources = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"
    document = PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Sid="LogDelivery",
                Effect=Allow,
                Principal=Principal("Service", "delivery.logs.amazonaws.com"),
                Action=[logs.CreateLogStream, logs.PutLogEvents],
                Resource=[f"${{{group}.Arn}}" for group in groups],
                Condition=Condition(
                    [
                        StringEquals("aws:SourceAccount", "${AWS::AccountId}"),
                        ArnLike("aws:SourceArn", sources),
                    ]
                ),
            )
        ],
    )
    return Sub(json.dumps(json.loads(document.to_json())))
