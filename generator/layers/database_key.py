"""06 database, first part: the multi-Region key of the tables, in the home Region.

It stands before the replica keys, and they before the tables, so it is a stack of its own. A
replica key has the primary's id, so its ARN in any Region is computed from that.
"""

from __future__ import annotations

from troposphere import GetAtt, Ref
from troposphere.kms import Alias, Key

from generator import names
from generator.layers.draft import ARN_PATTERN, Draft, Layer, Offer, Scope
from generator.policies import replication

PENDING_DAYS = 30
"""The longest that KMS waits before it deletes a key: what is under it is lost then."""

PRIMARY_KEY_ARN = Offer(
    "DatabaseKeyArn",
    "ARN of the tables' multi-Region primary key.",
    scope=Scope.HOME,
    pattern=ARN_PATTERN,
)
PRIMARY_KEY_ID = Offer(
    "DatabaseKeyId",
    "Id of that key; its replicas in other Regions have the same.",
    scope=Scope.HOME,
)


def fill(draft: Draft) -> None:
    """The primary key, and its name."""
    key = draft.add(
        Key(
            "DatabaseKey",
            Description=f"{draft.settings.prefix}: global tables (primary)",
            MultiRegion=True,
            EnableKeyRotation=True,  # the replicas' material rotates with it
            KeyPolicy=replication.key_policy(),
            PendingWindowInDays=PENDING_DAYS,
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
    reason = "Everybody of this account, and only through DynamoDB: see policies/replication.py."
    draft.excuse(key, "CKV_AWS_33", reason)
    draft.add(
        Alias(
            "DatabaseKeyAlias",
            AliasName=names.database_key_alias(draft.settings),
            TargetKeyId=Ref(key),
        )
    )
    draft.offer(PRIMARY_KEY_ARN, GetAtt(key, "Arn"))
    draft.offer(PRIMARY_KEY_ID, Ref(key))


LAYER = Layer(
    name="database_key",
    step="06",
    purpose="Multi-Region primary key of the global tables",
    scope=Scope.HOME,
    fill=fill,
    after=("foundation",),
)
