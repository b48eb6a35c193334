"""What the nodes of the replication group report.

ElastiCache publishes these metrics per node (CacheClusterId), not for the replication group, and a
Metrics Insights query cannot match ids by their start. Node ids derive from the group's id, so one
alarm reads all nodes through a metric math expression: the worst node counts. It may read ten
metrics; a larger cluster gets an alarm for each batch of its nodes. Of a very large one, a node of
each shard is watched: replicas are alike, and a template has an end.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from generator.layers import cache
from generator.layers.alarms import MATH_METRICS, Level, Metric, Silence, Watch
from generator.layers.draft import Draft, Expression, sub
from generator.settings.model import Settings

NAMESPACE = "AWS/ElastiCache"
MOST_NODES = 80
"""The largest cluster of which every node is watched: its alarms nearly fill a template (1 MB)."""

NODE_DOWN = Silence("missing", "A node that reports nothing is being replaced; nothing is known.")
IDLE = Silence("notBreaching", "No data, no lookups: nothing is missed.")


class Batch(NamedTuple):
    """Some nodes that one alarm reads; `mark` ends the logical ids of all batches but the first."""

    mark: str
    nodes: tuple[Expression, ...]

    def metrics(self, statistic: str, **names: str) -> dict[str, Metric]:
        """The metrics of each node: `cpu="CPUUtilization"` gives cpu1, cpu2 …"""
        return {
            f"{key}{number}": Metric(NAMESPACE, name, statistic, (("CacheClusterId", node),))
            for key, name in names.items()
            for number, node in enumerate(self.nodes, 1)
        }


def is_vast(settings: Settings) -> bool:
    """Whether there are more nodes than can be watched one by one."""
    return settings.cache.shards * (settings.cache.replicas_per_shard + 1) > MOST_NODES


def node_suffixes(settings: Settings) -> tuple[str, ...]:
    """What the ids of the watched nodes add to the replication group's, with and without shards."""
    last = settings.cache.replicas_per_shard + 1
    if settings.cache.shards == 1:
        return tuple(f"-{member:03}" for member in range(1, last + 1))
    shards = range(1, settings.cache.shards + 1)
    # The last member is a replica until a failover, so that the lag is seen too.
    members = range(last if is_vast(settings) else 1, last + 1)
    return tuple(f"-{shard:04}-{member:03}" for shard in shards for member in members)


def watches(draft: Draft) -> tuple[Watch, ...]:
    """Load, memory and use of the nodes, batch by batch."""
    settings = draft.settings
    draft.need(cache.REPLICATION_GROUP_ID)
    group = f"${{{cache.REPLICATION_GROUP_ID.name}}}"
    nodes = [sub(group + suffix) for suffix in node_suffixes(settings)]
    found = [_misses(batch) for batch in _batches(nodes, 2)]
    # Nobody makes so many nodes of the small ones that need to be asked for the host too.
    loads = {"engine": "EngineCPUUtilization"}
    loads |= {} if is_vast(settings) else {"host": "CPUUtilization"}
    found += [_cpu(batch, loads) for batch in _batches(nodes, len(loads))]
    single = [_memory, _evictions, _connections]
    if settings.cache.replicas_per_shard:
        single.append(_lag)
    found += [make(batch) for batch in _batches(nodes, 1) for make in single]
    return tuple(found)


def _batches(nodes: Sequence[Expression], metrics_a_node: int) -> list[Batch]:
    size = MATH_METRICS // metrics_a_node
    starts = range(0, len(nodes), size)
    return [
        Batch(str(number) if number > 1 else "", tuple(nodes[start : start + size]))
        for number, start in enumerate(starts, 1)
    ]


def _all(metrics: dict[str, Metric], start: str = "") -> str:
    return "[" + ", ".join(name for name in metrics if name.startswith(start)) + "]"


def _cpu(batch: Batch, loads: dict[str, str]) -> Watch:
    metrics = batch.metrics("Average", **loads)
    return Watch(
        f"CacheCpu{batch.mark}",
        measure="Cache CPU",
        unit="Percent",
        tuned_as="CacheCpu",
        meaning="The engine's thread, or on small nodes the host, of a cache node is busy.",
        remedy="Look in the slow log for expensive commands; then a larger node type, or more "
        "shards for writes and replicas for reads.",
        silence=NODE_DOWN,
        metrics=metrics,
        expression=f"MAX({_all(metrics)})",
        warning=Level(70, 5, "Busiest node, the greater of engine and host."),
        critical=Level(90, 5, "AWS's own limit for the engine's core."),
    )


def _misses(batch: Batch) -> Watch:
    metrics = batch.metrics("Sum", hits="CacheHits", misses="CacheMisses")
    hits, misses = (f"SUM({_all(metrics, kind)})" for kind in ("hits", "misses"))
    return Watch(
        f"CacheMisses{batch.mark}",
        measure="Cache misses",
        unit="Percent",
        tuned_as="CacheMisses",
        meaning="Most lookups miss the cache, so DynamoDB carries the load and latency rises.",
        remedy="After a failover or flush it warms up again by itself. Else look for evictions, "
        "shortened lifetimes or changed keys in the last release.",
        silence=IDLE,
        metrics=metrics,
        # A thousand lookups in five minutes: the share of fewer says nothing.
        expression=f"IF({hits} + {misses} >= 1000, 100 * {misses} / ({hits} + {misses}), 0)",
        warning=Level(50, 3, "Share of lookups; a warm cache misses a tenth."),
        critical=Level(90, 3, "Share of lookups: as good as no cache."),
        period=300,
    )


def _memory(batch: Batch) -> Watch:
    metrics = batch.metrics("Maximum", memory="DatabaseMemoryUsagePercentage")
    return Watch(
        f"CacheMemory{batch.mark}",
        measure="Cache memory",
        unit="Percent",
        tuned_as="CacheMemory",
        meaning="A cache node runs out of memory; then it evicts what users still need.",
        remedy="Find what grows (keys without a lifetime?), or take larger nodes or more shards.",
        silence=NODE_DOWN,
        metrics=metrics,
        expression=f"MAX({_all(metrics)})",
        warning=Level(75, 5, "Fullest node; leaves time to grow in office hours."),
        critical=Level(90, 5, "Fullest node; replication and snapshots need the rest."),
    )


def _evictions(batch: Batch) -> Watch:
    metrics = batch.metrics("Sum", evicted="Evictions")
    return Watch(
        f"CacheEvictions{batch.mark}",
        measure="Cache evictions",
        unit="Count",
        tuned_as="CacheEvictions",
        meaning="Cache nodes evict living keys for want of memory: sessions are read back slowly.",
        remedy="As for cache memory: find what grows, take a larger node type or more shards.",
        silence=IDLE,
        metrics=metrics,
        expression=f"SUM({_all(metrics)})",
        warning=Level(100, 3, "In five minutes; a few at a peak are harmless."),
        period=300,
    )


def _connections(batch: Batch) -> Watch:
    metrics = batch.metrics("Maximum", connections="CurrConnections")
    return Watch(
        f"CacheConnections{batch.mark}",
        measure="Cache connections",
        unit="Count",
        tuned_as="CacheConnections",
        meaning="A cache node nears its 65,000 connections; beyond them it refuses clients.",
        remedy="Look for instances that do not reuse connections: NewConnections on the dashboard "
        "stays high. Restart them, then mend the pool.",
        silence=NODE_DOWN,
        metrics=metrics,
        expression=f"MAX({_all(metrics)})",
        warning=Level(40000, 5, "Busiest node; 65,000 is the end."),
        critical=Level(58000, 5, "Nine tenths of the 65,000."),
    )


def _lag(batch: Batch) -> Watch:
    metrics = batch.metrics("Maximum", lag="ReplicationLag")
    return Watch(
        f"CacheLag{batch.mark}",
        measure="Cache replication lag",
        unit="Seconds",
        tuned_as="CacheLag",
        meaning="A cache replica is behind: a failover now loses that much.",
        remedy="Look for a burst of writes or a busy replica; a larger node type if it lasts.",
        silence=Silence("notBreaching", "Only replicas report, and none while one is replaced."),
        metrics=metrics,
        expression=f"MAX({_all(metrics)})",
        warning=Level(5, 5, "Slowest replica; normal is well under one."),
    )
