"""Key policies: what every customer key has, before what its own users need."""

from __future__ import annotations

from awacs.aws import Action, Allow, PolicyDocument, Principal, Statement
from troposphere import Sub


def administration() -> Statement:
    """Let IAM policies of the account decide; without it a key may become unmanageable.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    root = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
    return Statement(
        Sid="Administration",
        Effect=Allow,
        Principal=Principal("AWS", root),
        Action=[Action("kms", "*")],
        Resource=["*"],
    )


def key_policy(*statements: Statement) -> PolicyDocument:
    """A key policy: the account's administration, and the statements of the key's users.

    In a key policy `*` means the key itself.
    """
    return PolicyDocument(Version="2012-10-17", Statement=[administration(), *statements])
