"""06 database, second part: what each further Region has of its own, as a stack set.

The replica key, without which the global table can't be extended to the Region, and the alarms and
backups of the Region's replicas. The replicas themselves belong to the tables' one stack, at home.
"""

from __future__ import annotations

from troposphere import GetAtt, Ref
from troposphere.kms import Alias, ReplicaKey

from generator import names
from generator.layers import database_key, table_guards
from generator.layers.draft import Draft, Layer, Scope
from generator.policies import replication


def fill(draft: Draft) -> None:
    """The key, then what watches over the tables that it will encrypt."""
    key = draft.add(
        ReplicaKey(
            "DatabaseKey",
            Description=f"{draft.settings.prefix}: global tables (replica)",
            PrimaryKeyArn=draft.need(database_key.PRIMARY_KEY_ARN),
            KeyPolicy=replication.key_policy().JSONrepr(),
            PendingWindowInDays=database_key.PENDING_DAYS,
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
    draft.add(
        Alias(
            "DatabaseKeyAlias",
            AliasName=names.database_key_alias(draft.settings),
            TargetKeyId=Ref(key),
        )
    )
    table_guards.add(draft, GetAtt(key, "Arn"))


LAYER = Layer(
    name="database_replica",
    step="06",
    purpose="Replica key, alarms and backups of the tables in a further Region",
    scope=Scope.REPLICAS,
    fill=fill,
    after=("database_key",),
)
