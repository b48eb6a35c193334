"""The sections of a profile, but for its shape: who the users are, and what is asked of the target.

Their texts are what a message says to whoever wrote a value that is not allowed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from generator.settings.parts import broken

Target = Literal["edge", "origin", "table", "cache"]
"""What a load is aimed at: CloudFront, the load balancers behind it, DynamoDB, or the cache."""

Milliseconds = Annotated[float, Field(gt=0, le=600_000)]
Percent = Annotated[float, Field(ge=0, le=100)]
Change = Annotated[float, Field(ge=0, le=10_000)]
Weight = Annotated[float, Field(ge=0, le=1000)]
ThinkTime = Annotated[
    list[Annotated[float, Field(ge=0, le=3600)]],
    Field(min_length=2, max_length=2),
]
Host = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9:]([A-Za-z0-9._:-]{0,252}[A-Za-z0-9:])?$"),
    Field(examples=["www.example.com"]),
]


class Section(BaseModel):
    """Unknown keys and loose types are faults, values never change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Weights(Section):
    """Of how many users one is of which kind, where the target speaks HTTP."""

    reader: Weight = Field(8, description="Readers' share: static pages, rankings, sessions read.")
    player: Weight = Field(2, description="Players' share: sessions written, scores.")
    heavy: Weight = Field(0, description="Share of those who only ask for CPU time: /api/work.")


class ThinkSeconds(Section):
    """Seconds that a user waits after an answer: any time from the least to the most."""

    reader: ThinkTime = Field([1.0, 5.0], description="Seconds of a reader, [least, most].")
    player: ThinkTime = Field([1.0, 3.0], description="Seconds of a player, [least, most].")
    heavy: ThinkTime = Field([2.0, 10.0], description="Seconds of a heavy user, [least, most].")
    table: ThinkTime = Field([0.1, 0.3], description="Seconds of a table's user, [least, most].")
    cache: ThinkTime = Field([0.05, 0.15], description="Seconds of a cache's user, [least, most].")

    @field_validator("reader", "player", "heavy", "table", "cache")
    @classmethod
    def _least_first(cls, value: list[float]) -> list[float]:
        if value[0] > value[1]:
            problem = f"found [{value[0]:g}, {value[1]:g}], the least above the most"
            raise broken("", problem, "Write the least first: [least, most].")
        return value


class Ceiling(Section):
    """What a run never exceeds, whatever its shape asks for."""

    requests_per_second: float = Field(
        gt=0, le=1_000_000, description="Of all users and load generators together."
    )
    seconds: int = Field(ge=1, le=604_800, description="Length of a run; a longer shape is cut.")


class NameSlo(Section):
    """What is asked of one request name. Left out: not asked."""

    p50_milliseconds: Milliseconds | None = Field(None, description="Median latency at most.")
    p95_milliseconds: Milliseconds | None = Field(None, description="95th percentile at most.")
    p99_milliseconds: Milliseconds | None = Field(None, description="99th percentile at most.")
    p999_milliseconds: Milliseconds | None = Field(None, description="99.9th percentile at most.")
    error_percent: Percent | None = Field(None, description="Failed requests of all, at most.")
    minimum_requests: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = Field(
        None, description="A run with fewer requests tells nothing, and fails."
    )


class Slo(NameSlo):
    """What is asked of the whole run."""

    by_name: dict[str, NameSlo] = Field(
        {},
        description="What is asked of single requests besides, by their name in the results.",
    )


class Tolerances(Section):
    """How much worse than its baseline a run may be. null: not judged."""

    p50_percent: Change | None = Field(15.0, description="Rise of the median, percent.")
    p95_percent: Change | None = Field(20.0, description="Rise of the 95th percentile, percent.")
    p99_percent: Change | None = Field(30.0, description="Rise of the 99th percentile, percent.")
    p999_percent: Change | None = Field(
        None, description="Rise of the 99.9th percentile, percent; it swings most."
    )
    milliseconds: Annotated[float, Field(ge=0, le=60_000)] = Field(
        2.0, description="A smaller rise is noise, whatever its percentage."
    )
    error_points: Percent | None = Field(
        0.5, description="Rise of the failed requests, percentage points."
    )
    rate_percent: Percent | None = Field(10.0, description="Fewer requests a second, percent.")
    minimum_requests: int = Field(
        200, ge=1, le=1_000_000_000, description="Of fewer, percentiles are not judged."
    )
