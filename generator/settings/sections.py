"""The sections of a settings file, one class a layer, in step order.

Every field says its unit, why its default is what it is, and (by its bounds) what is allowed. The
texts are shown by editors through the JSON schema and by the error messages, so they are written
once, here. A section that is left out takes its defaults, which are the careful ones.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Cron = Annotated[str, StringConstraints(pattern=r"^\S+ \S+ \S+ \S+ \S+$")]
HttpPath = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~/-]*$", max_length=128)]
LogRetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827]


class Section(BaseModel):
    """What all sections share: unknown keys and loose types are faults, values never change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Network(Section):
    """01: the VPC of each Region."""

    nat: Literal["per_zone", "single"] = Field(
        "per_zone",
        description="NAT gateways a Region: `per_zone` survives the loss of a zone, `single` costs "
        "a half or a third and loses egress with its zone.",
    )
    interface_endpoints: bool = Field(
        False,
        description="Private endpoints for SSM, Secrets Manager, CloudWatch Logs and KMS. About "
        "7 USD a month per endpoint and zone, so they are asked for; S3 and DynamoDB are free and "
        "always there.",
    )


class LoadBalancer(Section):
    """03: the Application Load Balancer and its target group."""

    algorithm: Literal["least_outstanding_requests", "round_robin"] = Field(
        "least_outstanding_requests",
        description="How a target is chosen. `least_outstanding_requests` keeps slow instances "
        "from piling up work; only `round_robin` may ramp up with slow_start_seconds.",
    )
    slow_start_seconds: int = Field(
        0,
        ge=0,
        le=900,
        description="Seconds over which a new target's share grows; 0 is off, else at least 30 "
        "(the load balancer's own bound).",
    )
    idle_timeout_seconds: int = Field(
        60,
        ge=1,
        le=4000,
        description="Seconds a connection may be silent. Keep it below the service's keep-alive, "
        "or the load balancer answers 502.",
    )
    deregistration_delay_seconds: int = Field(
        60,
        ge=0,
        le=3600,
        description="Seconds a leaving instance may finish its requests. AWS's 300 makes scale-in "
        "slow; requests here end within seconds.",
    )
    health_check_path: HttpPath = Field(
        "/healthz",
        description="The shallow check of the service. Free of the origin secret, because Route "
        "53's checkers cannot send it.",
    )
    health_check_interval_seconds: int = Field(
        10,
        ge=5,
        le=300,
        description="Seconds between two health checks of a target; 10 takes a dead one out "
        "within 20 s.",
    )
    healthy_threshold_count: int = Field(
        2, ge=2, le=10, description="Checks in a row that make a target healthy (count)."
    )
    unhealthy_threshold_count: int = Field(
        2, ge=2, le=10, description="Checks in a row that make a target unhealthy (count)."
    )
    deletion_protection: bool = Field(
        True, description="Refuse to delete the load balancer. Turn off where stacks come and go."
    )


class Compute(Section):
    """04: the launch template and the Auto Scaling group."""

    architecture: Literal["arm64", "x86_64"] = Field(
        "arm64", description="CPU of the AMI and of every instance type; arm64 costs about 20 % less."
    )
    instance_types: list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")]] = (
        Field(
            ["m7g.large"],
            min_length=1,
            max_length=8,
            description="EC2 instance types, preferred first. More than one makes a mixed-instances "
            "group.",
        )
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
        description="TCP port of the service; above 1023 so that it need not run as root.",
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
    artifact_key: Annotated[str, StringConstraints(max_length=512)] = Field(
        "",
        description="Key of the service's archive (.tar.gz) in each Region's artifact bucket. Empty: "
        "instances answer with a small built-in page.",
    )
    artifact_sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = Field(
        "", description="SHA-256 of that archive in hex; an instance refuses to start another."
    )


class Cache(Section):
    """05: the ElastiCache replication group."""

    engine: Literal["valkey", "redis"] = Field(
        "valkey", description="Engine; Valkey is Redis-compatible and about 20 % cheaper."
    )
    node_type: Annotated[str, StringConstraints(pattern=r"^cache\.[a-z0-9-]+\.[a-z0-9-]+$")] = Field(
        "cache.t4g.small", description="ElastiCache node type."
    )
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


class WebAcl(Section):
    """The AWS WAF web ACL in front of CloudFront."""

    requests_per_five_minutes: int = Field(
        2000,
        ge=10,
        le=2_000_000_000,
        description="Requests from one IP address in five minutes (count) above which it is "
        "blocked; a person behind a shared address stays well below 2,000.",
    )
    bot_control: bool = Field(
        False, description="AWS managed bot control (common level); priced per request."
    )
    blocked_countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] = Field(
        [], max_length=50, description="ISO 3166-1 alpha-2 codes that get 403."
    )


class Edge(Section):
    """07: CloudFront and AWS WAF."""

    enabled: bool = Field(
        True, description="Put CloudFront in front. Off: users reach the load balancers directly."
    )
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        "PriceClass_All",
        description="Edge locations in use. `PriceClass_100` leaves Asia out; 200 holds Korea.",
    )
    origin_shield: bool = Field(
        True, description="One more cache layer in the home Region; fewer requests at the origin."
    )
    static_path: HttpPath = Field(
        "/static/", description="Path prefix of cacheable content; everything else is dynamic."
    )
    web_acl: WebAcl | None = Field(None, description="AWS WAF. Left out: none.")


class Monitoring(Section):
    """09: dashboards, topics, alarms, budget."""

    emails: list[Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]] = Field(
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
        [
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
