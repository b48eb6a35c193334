"""The policy of the tables' multi-Region key: primary and replicas have the same.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""

from __future__ import annotations

from awacs import kms
from awacs.aws import (
    Action,
    Allow,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
    StringLike,
)
from troposphere import Ref, Sub

from generator.policies import keys

THIS_KEY = ["*"]
"""In a key policy the only key there is."""


def key_policy() -> PolicyDocument:
    """The account administers it; whoever may use a table uses it, but only through DynamoDB."""
    return keys.key_policy(_through_dynamodb(), _watched())


def _through_dynamodb() -> Statement:
    """As in the policy of AWS's own DynamoDB key: no role needs a right on the key itself.

    "*" is everybody of this account (kms:CallerAccount) whom IAM lets at a table; DynamoDB then
    calls KMS in their name, which kms:ViaService demands.
    """
    return Statement(
        Sid="UseThroughDynamoDb",
        Effect=Allow,
        Principal=Principal("AWS", "*"),
        Action=[
            kms.Encrypt,
            kms.Decrypt,
            Action("kms", "ReEncrypt*"),
            Action("kms", "GenerateDataKey*"),
            kms.CreateGrant,
            kms.DescribeKey,
        ],
        Resource=THIS_KEY,
        Condition=Condition(
            [
                StringEquals({"kms:CallerAccount": Ref("AWS::AccountId")}),
                StringLike({"kms:ViaService": Sub("dynamodb.*.${AWS::URLSuffix}")}),
            ]
        ),
    )


def _watched() -> Statement:
    """DynamoDB looks whether the key still stands: a replica whose key is gone is given up."""
    return Statement(
        Sid="DynamoDbLooks",
        Effect=Allow,
        Principal=Principal("Service", "dynamodb.amazonaws.com"),
        Action=[kms.DescribeKey, Action("kms", "Get*"), Action("kms", "List*")],
        Resource=THIS_KEY,
    )
