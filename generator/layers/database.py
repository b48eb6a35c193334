"""06 database, third part: the DynamoDB global tables, all replicas in this one stack at home.

`sessions` holds the metadata of a session by its id. `ranking` holds each player's score by board;
the cache's sorted sets are made from its index by score, and serve what is read often.

A global table lists the Region of its own stack, and no other stack may hold a replica:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from troposphere import Ref, Tags
from troposphere.dynamodb import (
    AttributeDefinition,
    CapacityAutoScalingSettings,
    ContributorInsightsSpecification,
    GlobalTable,
    GlobalTableGlobalSecondaryIndex,
    GlobalTableSSESpecification,
    KeySchema,
    PointInTimeRecoverySpecification,
    Projection,
    ReadProvisionedThroughputSettings,
    ReplicaGlobalSecondaryIndexSpecification,
    ReplicaSpecification,
    ReplicaSSESpecification,
    StreamSpecification,
    TargetTrackingScalingPolicyConfiguration,
    TimeToLiveSpecification,
    WriteProvisionedThroughputSettings,
)

from generator import names
from generator.layers import database_key, table_guards
from generator.layers.draft import Draft, Expression, Layer, Scope, sub
from generator.settings.model import Settings

EXPIRY = "expires_at"
"""Attribute of a session: the epoch second after which DynamoDB deletes it."""


def fill(draft: Draft) -> None:
    """The tables, then what watches over them in this Region."""
    key_id = draft.need(database_key.PRIMARY_KEY_ID)
    _sessions(draft, key_id)
    _ranking(draft, key_id)
    table_guards.add(draft, _key_arn(Ref("AWS::Region"), key_id))


def _sessions(draft: Draft, key_id: Expression) -> None:
    # Strong consistency forbids a time to live: the service deletes an old session on its next use.
    expires = draft.settings.database.consistency == "eventual"
    ttl = TimeToLiveSpecification(AttributeName=EXPIRY, Enabled=True)
    _table(
        draft,
        "sessions",
        key_id,
        KeySchema=[KeySchema(AttributeName="session_id", KeyType="HASH")],
        AttributeDefinitions=[AttributeDefinition(AttributeName="session_id", AttributeType="S")],
        **({"TimeToLiveSpecification": ttl} if expires else {}),
    )


def _ranking(draft: Draft, key_id: Expression) -> None:
    """Keyed by player for the write of a score; by score for the best of a board.

    The index holds all attributes: one query of it makes a sorted set, without a read per player.
    """
    types = {"board": "S", "player": "S", "score": "N"}
    index = GlobalTableGlobalSecondaryIndex(
        IndexName=names.BY_SCORE,
        KeySchema=_board_and("score"),
        Projection=Projection(ProjectionType="ALL"),
        **_write_capacity(draft.settings),
    )
    _table(
        draft,
        "ranking",
        key_id,
        indexes=names.INDEXES["ranking"],
        KeySchema=_board_and("player"),
        AttributeDefinitions=[
            AttributeDefinition(AttributeName=name, AttributeType=type_)
            for name, type_ in types.items()
        ],
        GlobalSecondaryIndexes=[index],
    )


def _board_and(sort_key: str) -> list[KeySchema]:
    return [
        KeySchema(AttributeName="board", KeyType="HASH"),
        KeySchema(AttributeName=sort_key, KeyType="RANGE"),
    ]


def _table(
    draft: Draft, purpose: str, key_id: Expression, indexes: tuple[str, ...] = (), **shape: object
) -> None:
    """What the tables have in common: all but their keys."""
    settings = draft.settings
    regions: list[Expression] = [Ref("AWS::Region"), *settings.replica_regions]
    table = draft.add(
        GlobalTable(
            f"{purpose.capitalize()}Table",
            TableName=names.table(settings, purpose),
            **shape,
            **_billing(settings),
            **_consistency(settings),
            SSESpecification=GlobalTableSSESpecification(SSEEnabled=True, SSEType="KMS"),
            # Global tables replicate by it, and accept nothing less.
            StreamSpecification=StreamSpecification(StreamViewType="NEW_AND_OLD_IMAGES"),
            Replicas=[_replica(settings, region, key_id, indexes) for region in regions],
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
    if not settings.database.deletion_protection:
        draft.excuse(table, "E9062", "database.deletion_protection is off in these settings.")


def _consistency(settings: Settings) -> dict[str, object]:
    is_strong = settings.database.consistency == "strong"
    return {"MultiRegionConsistency": "STRONG"} if is_strong else {}


# --- one replica ----------------------------------------------------------------------------------


def _replica(
    settings: Settings, region: Expression, key_id: Expression, indexes: tuple[str, ...]
) -> ReplicaSpecification:
    """Key, recovery and protection are a replica's own: none is inherited."""
    return ReplicaSpecification(
        Region=region,
        SSESpecification=ReplicaSSESpecification(KMSMasterKeyId=_key_arn(region, key_id)),
        PointInTimeRecoverySpecification=PointInTimeRecoverySpecification(
            PointInTimeRecoveryEnabled=True
        ),
        DeletionProtectionEnabled=settings.database.deletion_protection,
        ContributorInsightsSpecification=_hot_keys(),
        Tags=Tags(settings.tags),
        **_replica_indexes(settings, indexes),
        **_read_capacity(settings),
    )


def _key_arn(region: Expression, key_id: Expression) -> Expression:
    """A replica key has its primary's id."""
    return sub(
        "arn:${AWS::Partition}:kms:${KeyRegion}:${AWS::AccountId}:key/${KeyId}",
        KeyRegion=region,
        KeyId=key_id,
    )


def _replica_indexes(settings: Settings, indexes: tuple[str, ...]) -> dict[str, object]:
    specifications = [
        ReplicaGlobalSecondaryIndexSpecification(
            IndexName=name,
            ContributorInsightsSpecification=_hot_keys(),
            **_read_capacity(settings),
        )
        for name in indexes
    ]
    return {"GlobalSecondaryIndexes": specifications} if specifications else {}


def _hot_keys() -> ContributorInsightsSpecification:
    """Names the keys that are throttled, and costs nothing while none is."""
    return ContributorInsightsSpecification(Enabled=True, Mode="THROTTLED_KEYS")


# --- capacity -------------------------------------------------------------------------------------


def _billing(settings: Settings) -> dict[str, object]:
    if settings.database.provisioned is None:
        return {"BillingMode": "PAY_PER_REQUEST"}
    return {"BillingMode": "PROVISIONED", **_write_capacity(settings)}


def _write_capacity(settings: Settings) -> dict[str, object]:
    """Of table and index, the same in all Regions: each Region's writes are made in every other."""
    scaled = _scaled(settings)
    if scaled is None:
        return {}
    return {
        "WriteProvisionedThroughputSettings": WriteProvisionedThroughputSettings(
            WriteCapacityAutoScalingSettings=scaled
        )
    }


def _read_capacity(settings: Settings) -> dict[str, object]:
    """Of a replica's table or index: reads are the Region's own."""
    scaled = _scaled(settings)
    if scaled is None:
        return {}
    return {
        "ReadProvisionedThroughputSettings": ReadProvisionedThroughputSettings(
            ReadCapacityAutoScalingSettings=scaled
        )
    }


def _scaled(settings: Settings) -> CapacityAutoScalingSettings | None:
    """Read and write follow the same target; None where the table is on demand.

    The seed is what a table has from the moment it leaves on demand until it scales: without one
    CloudFormation refuses the change, and with less than the most a busy table would be throttled.
    """
    units = settings.database.provisioned
    if units is None:
        return None
    return CapacityAutoScalingSettings(
        MinCapacity=units.minimum_units,
        MaxCapacity=units.maximum_units,
        SeedCapacity=units.maximum_units,
        TargetTrackingScalingPolicyConfiguration=TargetTrackingScalingPolicyConfiguration(
            TargetValue=units.target_percent
        ),
    )


LAYER = Layer(
    name="database",
    step="06",
    purpose="DynamoDB global tables, and their alarms and backups at home",
    scope=Scope.HOME,
    fill=fill,
    after=("database_key", "database_replica"),
)
