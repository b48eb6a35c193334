"""05, 06, 09: cache, database, and what watches the platform."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generator.settings.kinds import Email, NodeType, Section


class Cache(Section):
    """05: the ElastiCache replication group."""

    engine: Literal["valkey", "redis"] = Field(
        "valkey", description="Engine; Valkey is Redis-compatible and about 20 % cheaper."
    )
    node_type: NodeType = Field("cache.t4g.small", description="ElastiCache node type.")
    shards: int = Field(
        1,
        ge=1,
        le=90,
        description="Node groups (count); more than one turns cluster mode on.",
    )
    replicas_per_shard: int = Field(
        1,
        ge=0,
        le=5,
        description="Replicas a node group (count). 0 means no automatic failover: a lost node is "
        "a cold cache.",
    )
    snapshot_retention_days: int = Field(
        1, ge=0, le=35, description="Days a daily snapshot is kept; 0 turns snapshots off."
    )


class ProvisionedCapacity(Section):
    """DynamoDB provisioned throughput, grown by Application Auto Scaling."""

    minimum_units: int = Field(
        5, ge=1, le=40000, description="Least read and write capacity units a table."
    )
    maximum_units: int = Field(
        1000, ge=1, le=40000, description="Most read and write capacity units a table."
    )
    target_percent: int = Field(
        70,
        ge=20,
        le=90,
        description="Utilisation to hold (percent); DynamoDB accepts 20 to 90.",
    )


class Database(Section):
    """06: the DynamoDB global tables."""

    provisioned: ProvisionedCapacity | None = Field(
        None,
        description="Provisioned throughput with auto scaling. Left out: on-demand, which takes "
        "twice the previous peak at once.",
    )
    consistency: Literal["eventual", "strong"] = Field(
        "eventual",
        description="`eventual` (MREC): last writer wins, usually under a second. `strong` (MRSC): "
        "no lost write, exactly three Regions, no TTL.",
    )
    backup_retention_days: int = Field(
        35,
        ge=0,
        le=365,
        description="Days that AWS Backup keeps a daily backup; 0 is off. Point-in-time recovery "
        "(35 days) is always on.",
    )
    deletion_protection: bool = Field(
        True, description="Refuse to delete a table. Turn off where stacks come and go."
    )


class Monitoring(Section):
    """09: dashboards, topics, alarms, budget."""

    emails: list[Email] = Field(
        [], max_length=10, description="Addresses subscribed to both topics; each must confirm."
    )
    latency_warning_seconds: float = Field(
        0.5,
        gt=0,
        le=60,
        description="p99 TargetResponseTime that warns (seconds); `critical` is twice that.",
    )
    error_warning_percent: float = Field(
        1,
        gt=0,
        le=100,
        description="Share of 5XX answers that warns (percent); `critical` is five times that.",
    )
    monthly_budget_usd: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="AWS Budgets limit for this environment (USD a month); 0 is none.",
    )
    anomaly_detection: bool = Field(
        False,
        description="An alarm on the request rate's learned band; off because it needs two weeks "
        "of data to be quiet.",
    )
