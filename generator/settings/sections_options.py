"""What is off unless asked for: a relational database, load generators, drills.

Each is one section; `aurora: {}` is enough to switch it on with its defaults.
"""

from __future__ import annotations

from pydantic import Field

from generator.settings.kinds import InstanceType, RegionName, Section


class Aurora(Section):
    """Aurora PostgreSQL Serverless v2: one global database, its writer in the home Region."""

    minimum_capacity: float = Field(
        0.5,
        ge=0.5,
        le=256,
        multiple_of=0.5,
        description="Aurora capacity units (ACU, about 2 GiB each) of an idle instance.",
    )
    maximum_capacity: float = Field(
        8,
        ge=1,
        le=256,
        multiple_of=0.5,
        description="Aurora capacity units (ACU) of a busy instance: the ceiling of the bill.",
    )
    instances: int = Field(
        2,
        ge=1,
        le=15,
        description="Instances a Region (count): the second takes over when the first is lost.",
    )
    backup_retention_days: int = Field(
        14, ge=1, le=35, description="Days that a point in time can be restored."
    )
    password_rotation_days: int = Field(
        30,
        ge=1,
        le=365,
        description="Days between rotations of the administrator's password; applications use IAM.",
    )
    deletion_protection: bool = Field(True, description="Refuse to delete the clusters.")


class LoadGenerator(Section):
    """Locust masters and workers in AWS, which load the edge and the tables from outside.

    No instance runs until a load test starts them, and they switch themselves off after it.
    """

    regions: list[RegionName] | None = Field(
        None,
        min_length=1,
        max_length=10,
        description="Regions that load comes from. Left out: those of the platform.",
    )
    workers: int = Field(
        2,
        ge=1,
        le=50,
        description="Worker instances a Region during a load test (count); each runs a Locust "
        "worker a CPU.",
    )
    instance_type: InstanceType = Field(
        "c7g.large", description="EC2 instance type of master and workers, of Graviton (arm64)."
    )
    longest_minutes: int = Field(
        60,
        ge=1,
        le=480,
        description="Minutes after which a load test is switched off, whatever it does.",
    )
    results_retention_days: int = Field(
        90, ge=1, le=3650, description="Days that results are kept in S3."
    )
    monthly_budget_usd: int = Field(
        50, ge=1, le=1_000_000, description="US dollars a month at which the budget's alarm sounds."
    )


class RegionSwitch(Section):
    """A plan of ARC Region switch that takes a Region out of service and back, by one click."""

    recovery_minutes: int = Field(
        15,
        ge=1,
        le=1440,
        description="Recovery time objective that AWS measures against (minutes).",
    )


class Chaos(Section):
    """Experiments of AWS Fault Injection Service; nothing runs until somebody starts one."""

    minutes: int = Field(
        10, ge=1, le=60, description="Minutes that a fault lasts, unless an alarm ends it before."
    )
