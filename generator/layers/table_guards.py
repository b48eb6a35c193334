"""What watches over the tables of one Region: alarms, and daily backups.

The home Region and each replica Region have the same; a replica is read, throttled and restored in
its own Region. Names are derived, so this may stand before the replica does.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

from troposphere import GetAtt, Ref
from troposphere.backup import (
    BackupPlan,
    BackupPlanResourceType,
    BackupRuleResourceType,
    BackupSelection,
    BackupSelectionResourceType,
    BackupVault,
    LifecycleResourceType,
)

from generator import names
from generator.layers.alarms import Level, Metric, Silence, Watch, add_all, regional_actions
from generator.layers.draft import Draft, Expression, Tunable, sub
from generator.policies.backup import backup_role

NAMESPACE = "AWS/DynamoDB"
OPERATIONS = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
"""What the service calls: SystemErrors exists by operation only."""

EVERY_NIGHT = "cron(0 3 * * ? *)"
"""In UTC: a backup takes no capacity of the table, so no Region's daytime matters."""

QUIET = Silence(
    "notBreaching", "A table that nobody calls, or that is not there yet, sends nothing."
)


def add(draft: Draft, key_arn: Expression) -> None:
    """Alarms always, backups where the settings want them."""
    watches = [watch for table in names.TABLES for watch in _watches(draft, table)]
    add_all(draft, watches, regional_actions(draft.settings))
    if draft.settings.database.backup_retention_days:
        _backups(draft, key_arn)


# --- alarms ---------------------------------------------------------------------------------------


def _watches(draft: Draft, purpose: str) -> list[Watch]:
    table = names.table(draft.settings, purpose)
    # Strong consistency writes to all Regions at once: there is no lag, and no metric of it.
    lags = draft.settings.replica_regions and draft.settings.database.consistency == "eventual"
    return [
        *(_throttles(purpose, table, direction) for direction in ("Read", "Write")),
        _errors(purpose, table),
        *([_lag(draft, purpose, table)] if lags else []),
    ]


def _throttles(purpose: str, table: str, direction: str) -> Watch:
    """Two of the last five minutes: on demand, the first doubling of a peak throttles for one.

    Of the table and its indexes. DynamoDB reports throttles only where there are some, and an alarm
    on its metrics ignores missing data whatever TreatMissingData says: without FILL, one that rang
    would ring for ever.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    name = f"{direction}ThrottleEvents"
    events = {"events": _metric(table, name, "Sum")}
    for index in names.INDEXES[purpose]:
        events[index] = _metric(table, name, "Sum", ("GlobalSecondaryIndexName", index))
    return Watch(
        title=f"{purpose.capitalize()}{direction}Throttles",
        measure=f"DynamoDB {direction.lower()} throttles a minute",
        unit="Count",
        meaning=f"{direction}s of {table} are throttled in this Region.",
        remedy="One hot key: look at Contributor Insights. Many keys: raise the table's maximum.",
        silence=QUIET,
        metrics=events,
        expression=" + ".join(f"FILL({event}, 0)" for event in events),
        warning=Level(10, 2, "The SDK's retries hide a few a minute from users.", window=5),
        critical=Level(600, 3, "Ten a second: retries run out and users see errors.", window=5),
        tuned_as=f"Table{direction}Throttles",
    )


def _errors(purpose: str, table: str) -> Watch:
    """HTTP 500 of DynamoDB itself, summed over the operations."""
    metrics = {
        operation.lower(): _metric(table, "SystemErrors", "Sum", ("Operation", operation))
        for operation in OPERATIONS
    }
    return Watch(
        title=f"{purpose.capitalize()}SystemErrors",
        measure="DynamoDB system errors a minute",
        unit="Count",
        meaning=f"DynamoDB answers 500 for {table} in this Region.",
        remedy="See the AWS Health Dashboard; if it lasts, evacuate the Region.",
        silence=QUIET,
        metrics=metrics,
        expression="SUM(FILL(METRICS(), 0))",
        critical=Level(10, 3, "The SDK's retries hide single ones from users.", window=5),
        tuned_as="TableSystemErrors",
    )


def _lag(draft: Draft, purpose: str, table: str) -> Watch:
    """The slowest way from this Region to another; to itself there is none, so no data."""
    metrics = {
        "to_" + region.replace("-", "_"): _metric(
            table, "ReplicationLatency", "Average", ("ReceivingRegion", region)
        )
        for region in draft.settings.region_names
    }
    return Watch(
        title=f"{purpose.capitalize()}ReplicationLatency",
        measure="DynamoDB replication latency",
        unit="Milliseconds",
        meaning=f"Writes to {table} here reach another Region late: it shows old data.",
        remedy="See the AWS Health Dashboard of both Regions; evacuate the one that is ill.",
        silence=QUIET,
        metrics=metrics,
        expression="MAX(FILL(METRICS(), 0))",
        warning=Level(
            5_000, 5, "Usually below a second, over half the globe about two and a half."
        ),
        critical=Level(60_000, 5, "A minute behind: a user who is moved loses work."),
        tuned_as="TableReplicationLatency",
    )


def _metric(table: str, name: str, statistic: str, *more: tuple[str, Expression]) -> Metric:
    return Metric(NAMESPACE, name, statistic, (("TableName", table), *more))


# --- backups --------------------------------------------------------------------------------------


def _backups(draft: Draft, key_arn: Expression) -> None:
    """A daily backup in a vault of the Region's own: the Region can be restored without another."""
    tables = [sub(names.table_arn(draft.settings, purpose)) for purpose in names.TABLES]
    vault = _vault(draft, key_arn)
    plan = _plan(draft, vault)
    made_by = backup_role(
        "BackupRole",
        sub(names.regional_role(draft.settings, "backup")),
        tables,
        GetAtt(vault, "BackupVaultArn"),
        key_arn,
    )
    draft.add(
        BackupSelection(
            "BackupSelection",
            BackupPlanId=Ref(plan),
            BackupSelection=BackupSelectionResourceType(
                SelectionName="tables",
                IamRoleArn=GetAtt(draft.add(made_by), "Arn"),
                Resources=tables,
            ),
        )
    )


def _vault(draft: Draft, key_arn: Expression) -> BackupVault:
    return draft.add(
        BackupVault(
            "BackupVault",
            BackupVaultName=names.group(draft.settings, "tables"),
            EncryptionKeyArn=key_arn,
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def _plan(draft: Draft, vault: BackupVault) -> BackupPlan:
    days = draft.tune(
        Tunable(
            "BackupRetentionDays",
            "Backups kept (days)",
            "Days that AWS Backup keeps a daily backup of each table.",
            default=draft.settings.database.backup_retention_days,
            type="Number",
            minimum=1,
            maximum=365,
            cost="Per GB and month, in each Region: each daily backup is a full one.",
        )
    )
    rule = BackupRuleResourceType(
        RuleName="daily",
        TargetBackupVault=Ref(vault),
        ScheduleExpression=EVERY_NIGHT,
        Lifecycle=LifecycleResourceType(DeleteAfterDays=days),
    )
    plan = BackupPlanResourceType(
        BackupPlanName=names.group(draft.settings, "tables"), BackupPlanRule=[rule]
    )
    return draft.add(BackupPlan("BackupPlan", BackupPlan=plan))
