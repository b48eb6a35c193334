"""04, 10, 11: the instances, how spikes are met, how nights are spent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generator.settings.kinds import Cron, InstanceType, ParameterName, Section, ServiceArchive

PLATFORM = "platform"
IMAGE = "image"
"""The two words that compute.service knows beside a path."""


class Compute(Section):
    """04: the launch template and the Auto Scaling group."""

    architecture: Literal["arm64", "x86_64"] = Field(
        "arm64",
        description="CPU of the AMI and of all instance types; arm64 costs about 20 % less.",
    )
    instance_types: list[InstanceType] = Field(
        ["m7g.large"],
        min_length=1,
        max_length=8,
        description="EC2 instance types, preferred first. More than one makes a mixed-instances "
        "group.",
    )
    minimum_instances: int = Field(
        2, ge=1, le=1000, description="Smallest group by day (instances); one a zone is sensible."
    )
    maximum_instances: int = Field(
        12, ge=1, le=1000, description="Largest group (instances): the ceiling of the bill."
    )
    spot_percent: int = Field(
        0,
        ge=0,
        le=100,
        description="Percent of the instances above the minimum that are Spot. Needs two instance "
        "types or more, so that one pool's loss is not the group's.",
    )
    root_volume_gib: int = Field(
        20, ge=8, le=1024, description="Size of the encrypted gp3 root volume (GiB)."
    )
    application_port: int = Field(
        8080,
        ge=1024,
        le=65535,
        description="TCP port of the service; above 1023 so that it need not run as root. A change "
        "replaces the target group: users get 503 until instances have registered with it.",
    )
    health_check_grace_seconds: int = Field(
        120,
        ge=0,
        le=7200,
        description="Seconds after InService in which a failed ELB check does not replace an "
        "instance: boot takes about 30 s, the service's start the rest.",
    )
    warm_up_seconds: int = Field(
        120,
        ge=0,
        le=3600,
        description="DefaultInstanceWarmup: seconds until a new instance counts in the group's "
        "metrics.",
    )
    warm_pool: bool = Field(
        False,
        description="Keep stopped, prepared instances up to the maximum; they cost only their "
        "volumes. Not together with Spot, which EC2 Auto Scaling forbids.",
    )
    service: ServiceArchive = Field(
        PLATFORM,
        description="What the instances run. `platform`: the service of this project. A path from "
        "the checkout to a .tar.gz: your own, with an executable `run` at its top. `image`: what "
        "the image brings in /opt/gtm/current; an image without it answers with a small page.",
    )
    image: ParameterName = Field(
        "",
        description="Name of a Systems Manager parameter that holds the id of your own image, one "
        "made from Amazon Linux 2023. Empty: Amazon's newest.",
    )


class Step(Section):
    """One rung of the CPU ladder."""

    above_percent: int = Field(
        ge=0, le=60, description="CPU percentage points above the threshold where the rung begins."
    )
    add_percent: int = Field(
        ge=1, le=200, description="Percent of the current capacity that is added."
    )


class Scaling(Section):
    """10: how spikes are met."""

    requests_per_target_per_minute: int = Field(
        1200,
        ge=1,
        le=1_000_000,
        description="Target tracking: requests a target serves in a minute at half its strength, "
        "so that a doubling is survived while new instances start.",
    )
    cpu_threshold_percent: int = Field(
        70,
        ge=20,
        le=95,
        description="Average CPU at which the step policy starts: above what target tracking "
        "settles at, so that the two do not fight.",
    )
    steps: list[Step] = Field(
        default_factory=lambda: [
            Step(above_percent=0, add_percent=20),
            Step(above_percent=10, add_percent=50),
            Step(above_percent=20, add_percent=100),
        ],
        min_length=1,
        max_length=20,
        description="The ladder, rising, the first at 0; CloudFormation allows 20.",
    )
    minimum_step_instances: int = Field(
        2, ge=1, le=100, description="Fewest instances a step adds (MinAdjustmentMagnitude)."
    )
    predictive: bool = Field(
        False,
        description="Predictive scaling from 14 days of history; off until there is a history.",
    )


class Schedule(Section):
    """11: cheap nights. Times are local to each Region's time zone."""

    night_start: Cron = Field("0 1 * * *", description="NightlyScaleDown: five-field cron.")
    day_start: Cron = Field(
        "0 7 * * *",
        description="DaytimeScaleUp: five-field cron; before the morning's users, not with them.",
    )
    weekend_day_start: Cron | None = Field(
        None,
        description="A later morning on weekends. Left out: every day is alike. Give day_start its "
        "weekdays (… * * 1-5) then.",
    )
    night_minimum_instances: int = Field(
        1, ge=1, le=1000, description="Smallest group by night (instances); never above the day's."
    )
    night_maximum_instances: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Largest group by night (instances). Left out: the day's, so that a night's "
        "spike is still met.",
    )
