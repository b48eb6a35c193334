"""The global database, this Region's cluster in it, and the instances that compute."""

from __future__ import annotations

from troposphere import If, NoValue, Ref, Tags
from troposphere.logs import LogGroup
from troposphere.rds import (
    DBCluster,
    DBClusterParameterGroup,
    DBInstance,
    DBSubnetGroup,
    GlobalCluster,
    ServerlessV2ScalingConfiguration,
)
from troposphere.secretsmanager import Secret

from generator import names
from generator.layers import network, security
from generator.layers.draft import Draft, Expression, Tunable, sub
from generator.layers.security.groups import DATABASE_PORT
from generator.settings.model import Settings
from generator.settings.sections_options import Aurora

IS_HOME = "IsHome"
"""Condition: this is the Region that makes the global database and its first cluster."""

ENGINE = "aurora-postgresql"
FAMILY, VERSION = "aurora-postgresql17", "17.7"
DATABASE = "app"
ADMINISTRATOR = "administrator"
INSIGHTS_DAYS = 7
"""Database Insights in its standard mode: seven days are free of charge."""


def cluster(draft: Draft, key: Expression, secret: Secret) -> DBCluster:
    """This Region's cluster, and in the home Region the global database before it.

    A cluster that joins takes user, password and database from the primary one, and may say none.
    A deleted cluster leaves a snapshot; CloudFormation takes it out of the global database first.
    """
    settings = draft.settings
    version = draft.tune(ENGINE_VERSION)
    logs = _postgresql_log(draft)
    return draft.add(
        DBCluster(
            "Cluster",
            DBClusterIdentifier=names.aurora(settings),
            GlobalClusterIdentifier=_global_database(draft, version),
            Engine=ENGINE,
            EngineVersion=version,
            DBClusterParameterGroupName=Ref(_parameters(draft)),
            ServerlessV2ScalingConfiguration=_capacity(draft),
            EnableGlobalWriteForwarding=True,
            **_first_cluster_only(settings, secret),
            **_network(draft),
            **_protection(draft, key),
            **_observation(key),
            Tags=Tags(Name=draft.name("aurora")),
            DependsOn=[logs.title],
            DeletionPolicy="Snapshot",
            UpdateReplacePolicy="Snapshot",
        )
    )


def instances(draft: Draft, member_of: DBCluster) -> list[DBInstance]:
    """As many as asked for; the second is as large as the writer at any time, and takes over.

    Instances of tiers 0 and 1 scale with the writer, later ones by themselves.
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.how-it-works.html
    """
    return [
        _instance(draft, member_of, number)
        for number in range(1, _options(draft.settings).instances + 1)
    ]


def _instance(draft: Draft, member_of: DBCluster, number: int) -> DBInstance:
    instance = draft.add(
        DBInstance(
            f"Instance{number}",
            DBClusterIdentifier=Ref(member_of),
            DBInstanceClass="db.serverless",
            Engine=ENGINE,
            PromotionTier=number - 1,
            PubliclyAccessible=False,
            # Aurora upgrades no global database by itself: see ENGINE_VERSION.
            AutoMinorVersionUpgrade=False,
            Tags=Tags(Name=draft.name(f"aurora-{number}")),
        )
    )
    for check, reason in INSTANCE_EXCUSES.items():
        draft.excuse(instance, check, reason)
    return instance


INSTANCE_EXCUSES = {
    "CKV_AWS_118": "Enhanced Monitoring writes into RDSOSMetrics, a log group of the account that "
    "is under no key of ours; Database Insights has the operating system's counters.",
    "CKV_AWS_157": "The cluster spans the zones: its other instances are the standby.",
    "CKV_AWS_161": "It is the cluster's to turn on, and is on there.",
}


# --- what is global -------------------------------------------------------------------------------


def _global_database(draft: Draft, version: Ref) -> If:
    """Its name; in the home Region a reference, so that it is made first.

    It holds no row itself, and RDS refuses to delete it while a cluster is in it.
    """
    name = names.aurora(draft.settings)
    database = draft.add(
        GlobalCluster(
            "GlobalDatabase",
            Condition=IS_HOME,
            GlobalClusterIdentifier=name,
            Engine=ENGINE,
            EngineVersion=version,
            StorageEncrypted=True,
            DeletionProtection=_options(draft.settings).deletion_protection,
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )
    reason = "It holds clusters, no rows; RDS refuses to delete it with any, and kept it would "
    draft.excuse(database, "E9001", reason + "hold the name that the next one needs.")
    return If(IS_HOME, Ref(database), name)


def _first_cluster_only(settings: Settings, secret: Secret) -> dict[str, object]:
    """What a joining cluster may not say; and what it alone must, as the storage is encrypted."""
    password = sub("{{resolve:secretsmanager:${Secret}:SecretString:password}}", Secret=Ref(secret))
    said = {
        "MasterUsername": ADMINISTRATOR,
        "MasterUserPassword": password,
        "DatabaseName": DATABASE,
    }
    at_home: dict[str, object] = {name: If(IS_HOME, value, NoValue) for name, value in said.items()}
    return at_home | {"SourceRegion": If(IS_HOME, NoValue, settings.home_region)}


# --- how it behaves -------------------------------------------------------------------------------

ENGINE_VERSION = Tunable(
    "AuroraEngineVersion",
    "Aurora PostgreSQL version",
    "Upgrade by the RDS API, the primary cluster last; then enter here what runs.",
    default=VERSION,
    pattern=r"^17\.\d+$",
    cost="Free.",
)


def _parameters(draft: Draft) -> DBClusterParameterGroup:
    """TLS or no connection. A group of ours has to be there before anything can be tuned."""
    return draft.add(
        DBClusterParameterGroup(
            "Parameters",
            Family=FAMILY,
            Description=f"{draft.settings.prefix}: TLS required",
            Parameters={"rds.force_ssl": "1"},
        )
    )


def _capacity(draft: Draft) -> ServerlessV2ScalingConfiguration:
    options = _options(draft.settings)
    least = _units("Minimum", "An idle instance keeps this much.", options.minimum_capacity)
    most = _units("Maximum", "A busy instance grows to this.", options.maximum_capacity)
    return ServerlessV2ScalingConfiguration(
        MinCapacity=draft.tune(least), MaxCapacity=draft.tune(most)
    )


def _units(which: str, meaning: str, default: float) -> Tunable:
    """A pattern, since no Number has steps. None is 0: a global database can't pause."""
    return Tunable(
        f"Aurora{which}Capacity",
        f"Aurora: {which.lower()} capacity (ACU)",
        f"Aurora capacity units, of about 2 GiB, from 0.5 to 256 by 0.5. {meaning}",
        default=f"{default:g}",
        pattern=r"^(0\.5|[1-9][0-9]{0,2}(\.[05])?)$",
        cost="Per ACU, hour and instance; an instance never uses fewer than the minimum.",
    )


# --- where it stands, what protects it, what it tells ---------------------------------------------


def _network(draft: Draft) -> dict[str, object]:
    subnets = draft.add(
        DBSubnetGroup(
            "SubnetGroup",
            DBSubnetGroupDescription=f"{draft.settings.prefix}: data subnets",
            SubnetIds=draft.need(network.DATA_SUBNETS),
        )
    )
    return {
        "DBSubnetGroupName": Ref(subnets),
        "VpcSecurityGroupIds": [draft.need(security.DATABASE_GROUP)],
        "Port": DATABASE_PORT,
    }


def _protection(draft: Draft, key: Expression) -> dict[str, object]:
    options = _options(draft.settings)
    days = Tunable(
        "AuroraBackupRetentionDays",
        "Aurora: backups kept (days)",
        "Days back to which a point in time can be restored.",
        default=options.backup_retention_days,
        type="Number",
        minimum=1,
        maximum=35,
        cost="Per GiB and month beyond the size of the database; the first day is free.",
    )
    return {
        "StorageEncrypted": True,
        "KmsKeyId": key,
        "EnableIAMDatabaseAuthentication": True,
        "BackupRetentionPeriod": draft.tune(days),
        "CopyTagsToSnapshot": True,
        "DeletionProtection": options.deletion_protection,
    }


def _observation(key: Expression) -> dict[str, object]:
    return {
        "EnableCloudwatchLogsExports": ["postgresql"],
        "DatabaseInsightsMode": "standard",
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsKmsKeyId": key,
        "PerformanceInsightsRetentionPeriod": INSIGHTS_DAYS,
    }


def _postgresql_log(draft: Draft) -> LogGroup:
    """Made before the cluster: RDS would make it under no key of ours, and keep it for ever."""
    return draft.add(
        LogGroup(
            "PostgresqlLog",
            LogGroupName=f"/aws/rds/cluster/{names.aurora(draft.settings)}/postgresql",
            RetentionInDays=draft.settings.log_retention_days,
            KmsKeyId=draft.need(security.LOGS_KEY_ARN),
        )
    )


def _options(settings: Settings) -> Aurora:
    assert settings.aurora is not None
    return settings.aurora
