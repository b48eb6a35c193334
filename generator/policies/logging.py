"""CloudWatch Logs as the user of a key.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from awacs import kms
from awacs.aws import Allow, ArnLike, Condition, PolicyDocument, Principal, Statement
from troposphere import Sub

from generator.policies.keys import key_policy


def logs_key_policy() -> PolicyDocument:
    """The policy of a key for the log groups of this account and Region, and for no others."""
    return key_policy(log_encryption())


def log_encryption() -> Statement:
    """CloudWatch Logs encrypts and decrypts the events of this account's groups."""
    groups = Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*")
    return Statement(
        Sid="LogEncryption",
        Effect=Allow,
        Principal=Principal("Service", Sub("logs.${AWS::Region}.amazonaws.com")),
        Action=[
            kms.Decrypt,
            kms.DescribeKey,
            kms.Encrypt,
            kms.GenerateDataKey,
            kms.GenerateDataKeyWithoutPlaintext,
            kms.ReEncryptFrom,
            kms.ReEncryptTo,
        ],
        Resource=["*"],
        Condition=Condition(ArnLike("kms:EncryptionContext:aws:logs:arn", groups)),
    )
