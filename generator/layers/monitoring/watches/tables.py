"""What the tables' replica in this Region costs a request: its latency.

Throttles, errors and replication are watched where the tables are made (database and its replicas).
"""

from __future__ import annotations

from generator import names
from generator.layers.alarms import Level, Silence, Watch
from generator.layers.draft import Draft


def watches(draft: Draft) -> tuple[Watch, ...]:
    """One watch a table."""
    return tuple(_latency(draft, purpose) for purpose in names.TABLES)


def _latency(draft: Draft, purpose: str) -> Watch:
    table = names.table(draft.settings, purpose)
    return Watch(
        f"{purpose.capitalize()}TableLatency",
        measure="Table latency",
        unit="Milliseconds",
        tuned_as="TableLatency",
        meaning=f"DynamoDB answers slowly for the table {table} in this Region.",
        remedy="Check the AWS Health dashboard, then item sizes and hot keys. If only this Region "
        "is slow, evacuate it.",
        silence=Silence("notBreaching", "DynamoDB reports only what was asked: no calls, no wait."),
        # A query, because the metric is kept per operation and any of them counts.
        expression="SELECT AVG(SuccessfulRequestLatency) "
        'FROM SCHEMA("AWS/DynamoDB", Operation, TableName) '
        f"WHERE TableName = '{table}'",
        warning=Level(25, 5, "Mean over all operations; single-digit is normal."),
        critical=Level(100, 5, "Mean over all operations; ten times the normal."),
    )
