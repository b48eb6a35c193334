"""The settings of one environment: the typed, strict model of `parameters/<env>.yaml`.

Settings decide structure. What an operator may tune without a rebuild becomes a CloudFormation
Parameter of the same meaning, whose default is the value given here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from generator.settings.kinds import NamePart, RegionName
from generator.settings.regions import EDGE_REGION, REGIONS
from generator.settings.sections import (
    Aurora,
    Cache,
    Chaos,
    Compute,
    Database,
    Edge,
    GithubActions,
    LoadBalancer,
    LoadGenerator,
    LogRetentionDays,
    Monitoring,
    Network,
    Organization,
    Pipeline,
    RegionSwitch,
    Rollout,
    Scaling,
    Schedule,
    Section,
    Text,
    WholeNumber,
)

DomainName = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=200
    ),
    Field(examples=["example.com"]),
]
Label = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"),
    Field(examples=["www"]),
]
Cidr = Annotated[
    str, StringConstraints(pattern=r"^(\d{1,3}\.){3}0/16$"), Field(examples=["10.33.0.0/16"])
]
HostedZoneId = Annotated[
    str, StringConstraints(pattern=r"^Z[A-Z0-9]{1,31}$"), Field(examples=["Z0123456789ABCDEFGHIJ"])
]


class Region(Section):
    """One AWS Region of the platform. Its name alone is enough."""

    name: RegionName = Field(description="The Region's code, as in ap-northeast-2.")
    time_zone: Text | None = Field(
        None,
        description="IANA time zone of the night schedule. Left out: that of the Region's city.",
    )
    vpc_cidr: Cidr | None = Field(
        None,
        description="CIDR block of the VPC, a /16. Left out: 10.x.0.0/16 with an x of the Region's "
        "own, so that no two Regions overlap.",
    )
    minimum_instances: int | None = Field(
        None, ge=1, le=1000, description="This Region's compute.minimum_instances (instances)."
    )
    maximum_instances: int | None = Field(
        None, ge=1, le=1000, description="This Region's compute.maximum_instances (instances)."
    )
    weight: int = Field(
        100, ge=0, le=255, description="Share of this Region where domain.routing is weighted."
    )
    continents: list[Literal["AF", "AN", "AS", "EU", "NA", "OC", "SA"]] = Field(
        [],
        max_length=7,
        description="Continents sent here where domain.routing is geolocation; the home Region "
        "takes the rest of the world.",
    )

    @property
    def local_time_zone(self) -> str:
        """The IANA name its scheduled actions use."""
        return self.time_zone or REGIONS[self.name].time_zone

    @property
    def cidr(self) -> str:
        """The /16 of its VPC."""
        return self.vpc_cidr or f"10.{REGIONS[self.name].octet}.0.0/16"


class Domain(Section):
    """The platform's own name in DNS. Left out: CloudFront's, for a try with just an account."""

    name: DomainName = Field(description="The apex, as in example.com.")
    hosted_zone_id: HostedZoneId | None = Field(
        None,
        description="An existing public hosted zone's id. Left out: the foundation creates one, "
        "and the registrar must delegate to its name servers before certificates validate.",
    )
    alternate_names: list[Label] = Field(
        ["www"], max_length=8, description="Further labels that answer like the apex."
    )
    routing: Literal["latency", "geolocation", "weighted", "failover"] = Field(
        "latency",
        description="How Route 53 chooses a Region. `failover` uses the home Region while it is "
        "healthy and needs exactly two Regions.",
    )
    check_interval_seconds: Annotated[Literal[10, 30], WholeNumber] = Field(
        10, description="Seconds between endpoint checks; 10 finds a lost Region in 30 s."
    )
    check_failures: int = Field(
        3,
        ge=1,
        le=10,
        description="Failed checks in a row that make an endpoint unhealthy (count).",
    )


class Settings(Section):
    """One environment of the platform, whole."""

    project: NamePart = Field(
        "gtm", description="First half of every name; 2 to 10 lower-case letters and digits."
    )
    environment: NamePart = Field(
        description="Second half of every name; 2 to 10 lower-case letters and digits."
    )
    home_region: RegionName = Field(
        description="Where the global tables are made and where a rollout starts (canary)."
    )
    regions: list[Region] = Field(
        min_length=1, max_length=10, description="The Regions that serve users, in rollout order."
    )
    zones: int = Field(
        3,
        ge=2,
        le=4,
        description="Availability Zones a Region (count): two survive one's loss, three do it with "
        "half the spare capacity.",
    )
    log_retention_days: LogRetentionDays = Field(
        30, description="Days that logs are kept, in CloudWatch and in S3; a step CloudWatch has."
    )
    tags: dict[Text, Text] = Field(
        {}, max_length=20, description="Tags of every stack, and so of every resource in it."
    )
    domain: Domain | None = Field(None, description="Own domain, DNS routing, TLS to the origin.")
    network: Network = Field(default_factory=Network)
    load_balancer: LoadBalancer = Field(default_factory=LoadBalancer)
    compute: Compute = Field(default_factory=Compute)
    cache: Cache = Field(default_factory=Cache)
    database: Database = Field(default_factory=Database)
    edge: Edge = Field(default_factory=Edge)
    monitoring: Monitoring = Field(default_factory=Monitoring)
    scaling: Scaling = Field(default_factory=Scaling)
    schedule: Schedule | None = Field(
        None, description="Night and day sizes. Left out: the group keeps its size at night."
    )
    rollout: Rollout = Field(default_factory=Rollout)
    aurora: Aurora | None = Field(None, description="A relational database beside the tables.")
    load_generator: LoadGenerator | None = Field(
        None, description="Locust in AWS, for load that one machine can't make."
    )
    region_switch: RegionSwitch | None = Field(
        None, description="A rehearsed way to leave a Region and to come back."
    )
    chaos: Chaos | None = Field(None, description="Fault injection experiments.")
    pipeline: Pipeline | None = Field(None, description="Roll out by AWS CodePipeline.")
    github_actions: GithubActions | None = Field(None, description="Roll out by GitHub Actions.")
    organization: Organization | None = Field(
        None, description="Stack sets by AWS Organizations. Left out: within this account."
    )

    @property
    def prefix(self) -> str:
        """`project-environment`: how every name of this environment starts."""
        return f"{self.project}-{self.environment}"

    @property
    def region_names(self) -> tuple[str, ...]:
        """All workload Regions, home first, then as listed."""
        others = tuple(r.name for r in self.regions if r.name != self.home_region)
        return (self.home_region, *others)

    @property
    def replica_regions(self) -> tuple[str, ...]:
        """All workload Regions but home."""
        return self.region_names[1:]

    @property
    def all_regions(self) -> tuple[str, ...]:
        """Every Region that gets a stack: the workload's, the edge's, the load generators'."""
        return tuple(dict.fromkeys((*self.region_names, EDGE_REGION, *self.generator_regions)))

    @property
    def generator_regions(self) -> tuple[str, ...]:
        """The Regions that load comes from."""
        if self.load_generator is None:
            return ()
        return tuple(self.load_generator.regions or self.region_names)

    def region(self, name: str) -> Region:
        """The settings of one workload Region; KeyError if it is none."""
        return {region.name: region for region in self.regions}[name]
