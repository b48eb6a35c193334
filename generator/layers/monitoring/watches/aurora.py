"""What the Region's Aurora cluster reports: of all its instances, the worst counts.

Only the lag of the copy is of another kind: a secondary cluster alone reports it, and AWS's own
dashboards find it by the dimension SourceRegion, which changes in a switchover. Whether the cluster
is a dimension beside it is not documented, and a filter by one that is missing would read nothing,
for ever. So a query without a filter reads it wherever the writer is, of every global database of
the account in this Region: as it may be somebody else's, it warns and does not page.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
"""

from __future__ import annotations

from generator import names
from generator.layers.alarms import Level, Metric, Silence, Watch
from generator.layers.draft import Draft
from generator.settings.model import Settings
from generator.settings.sections_options import Aurora

NAMESPACE = "AWS/RDS"
CONNECTIONS_PER_UNIT = 190
MOST_CONNECTIONS, MOST_FROM_HALF_A_UNIT = 5000, 2000
"""What `max_connections` comes to by the maximum capacity, about; and where it is cut off.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
"""

NO_INSTANCE = Silence("missing", "No instance reports: it is being replaced; nothing is known.")
NO_COPY = Silence("notBreaching", "Only a copy reports a lag; where the writer is, there is none.")


def watches(draft: Draft) -> tuple[Watch, ...]:
    """Capacity, CPU, connections, deadlocks and lag; nothing where there is no Aurora."""
    settings = draft.settings
    if settings.aurora is None:
        return ()
    lag = (_lag(),) if len(settings.regions) > 1 else ()
    usual = (_capacity, _cpu, _deadlocks)
    return (*(watch(settings) for watch in usual), _connections(settings, settings.aurora), *lag)


def _worst(settings: Settings, name: str) -> dict[str, Metric]:
    cluster = (("DBClusterIdentifier", names.aurora(settings)),)
    return {"worst": Metric(NAMESPACE, name, "Maximum", cluster)}


def _capacity(settings: Settings) -> Watch:
    return Watch(
        "AuroraCapacity",
        measure="Aurora capacity in use",
        unit="Percent",
        meaning="An Aurora instance has nearly grown to its maximum capacity; then it is slow.",
        remedy="Look at the top queries in Database Insights; else raise maximum_capacity.",
        silence=NO_INSTANCE,
        metrics=_worst(settings, "ACUUtilization"),
        warning=Level(80, 15, "Of the maximum capacity; leaves time to raise it."),
        critical=Level(95, 10, "Of the maximum capacity: there is nowhere to grow."),
    )


def _cpu(settings: Settings) -> Watch:
    return Watch(
        "AuroraCpu",
        measure="Aurora CPU",
        unit="Percent",
        meaning="An Aurora instance is short of CPU, and queries wait.",
        remedy="Look at the top queries in Database Insights for one that lacks an index.",
        silence=NO_INSTANCE,
        metrics=_worst(settings, "CPUUtilization"),
        warning=Level(80, 10, "Busiest instance."),
        critical=Level(95, 10, "Busiest instance: queries queue."),
    )


def _connections(settings: Settings, options: Aurora) -> Watch:
    end = MOST_FROM_HALF_A_UNIT if options.minimum_capacity <= 0.5 else MOST_CONNECTIONS
    limit = min(end, CONNECTIONS_PER_UNIT * options.maximum_capacity)
    return Watch(
        "AuroraConnections",
        measure="Aurora connections",
        unit="Count",
        meaning="An Aurora instance nears max_connections; beyond them it refuses clients.",
        remedy="Look for clients that do not reuse connections; then pool them, or raise "
        "maximum_capacity, which the limit follows after a reboot.",
        silence=NO_INSTANCE,
        metrics=_worst(settings, "DatabaseConnections"),
        warning=Level(int(limit * 0.7), 5, "Seven tenths of what the maximum capacity allows."),
        critical=Level(int(limit * 0.9), 5, "Nine tenths of what the maximum capacity allows."),
    )


def _deadlocks(settings: Settings) -> Watch:
    return Watch(
        "AuroraDeadlocks",
        measure="Aurora deadlocks",
        unit="PerSecond",
        meaning="Transactions in Aurora block each other, and PostgreSQL aborts one of them.",
        remedy="The PostgreSQL log names both statements: let all code lock in the same order.",
        silence=NO_INSTANCE,
        metrics=_worst(settings, "Deadlocks"),
        warning=Level(0.05, 5, "Three a minute: more than an accident."),
    )


def _lag() -> Watch:
    return Watch(
        "AuroraLag",
        measure="Aurora replication lag",
        unit="Milliseconds",
        meaning="A copy of Aurora in this Region (any of the account's) is behind its writer: a "
        "failover to it loses that much, and readers see the past.",
        remedy="Compare write load and capacity of both Regions; do not fail over while it grows.",
        silence=NO_COPY,
        expression=f'SELECT MAX(AuroraGlobalDBReplicationLag) FROM "{NAMESPACE}"',
        warning=Level(5000, 5, "Usually it is under a second."),
    )
