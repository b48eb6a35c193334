"""The shapes that a profile can ask for, as it writes them; `shapes` has what they mean."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from generator.settings.parts import broken
from loadtest import shapes
from loadtest.sections import Section
from loadtest.shapes import Curve

WEEK = 604_800
Seconds = Annotated[float, Field(ge=0, le=WEEK)]
Duration = Annotated[float, Field(gt=0, le=WEEK)]
Users = Annotated[float, Field(ge=1, le=1_000_000)]
CsvFile = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*\.csv$", max_length=200),
    Field(examples=["traces/evening.csv"]),
]


class Steady(Section):
    """The same load throughout."""

    kind: Literal["steady"]
    users: Users = Field(description="Users.")
    ramp_seconds: Seconds = Field(10, description="From one user to all of them, seconds.")
    seconds: Duration = Field(description="With all users, seconds.")

    def curve(self) -> Curve:
        """What it asks for."""
        return shapes.steady(self.users, self.ramp_seconds, self.seconds)


class Soak(Section):
    """The same load for hours, then a rest."""

    kind: Literal["soak"]
    users: Users = Field(description="Users.")
    ramp_seconds: Seconds = Field(description="Up, and down again, seconds.")
    hold_seconds: Duration = Field(description="With all users, seconds.")
    rest_users: Users = Field(1, description="Users of the rest at the end.")
    rest_seconds: Seconds = Field(description="Length of the rest, seconds.")

    def curve(self) -> Curve:
        """What it asks for."""
        return shapes.soak(
            self.users, self.ramp_seconds, self.hold_seconds, self.rest_users, self.rest_seconds
        )


class Peaked(Section):
    """What all shapes with a peak have."""

    users: Users = Field(description="Users away from the peak.")
    peak_users: Users = Field(description="Users at the peak.")

    @model_validator(mode="after")
    def _peak_is_above(self) -> Self:
        if self.peak_users < self.users:
            problem = f"found {self.peak_users:g}, below the {self.users:g} users around the peak"
            raise broken("peak_users", problem, "Raise peak_users or lower users.")
        return self


class Day(Peaked):
    """Nights and days; the peak is at noon."""

    kind: Literal["day"]
    day_seconds: Duration = Field(description="What a day takes here, seconds.")
    days: float = Field(1, gt=0, le=366, description="How many days.")

    def curve(self) -> Curve:
        """What it asks for."""
        return shapes.day(self.users, self.peak_users, self.day_seconds, self.days)


class Spike(Peaked):
    """To a peak and back, in straight lines."""

    kind: Literal["spike"]
    before_seconds: Seconds = Field(description="Before the rise, seconds.")
    rise_seconds: Seconds = Field(description="From users to the peak, seconds.")
    hold_seconds: Duration = Field(description="At the peak, seconds.")
    fall_seconds: Seconds = Field(description="Back to users, seconds.")
    after_seconds: Seconds = Field(description="After the fall, seconds.")

    def curve(self) -> Curve:
        """What it asks for."""
        return shapes.spike(
            self.users,
            self.peak_users,
            self.before_seconds,
            self.rise_seconds,
            self.hold_seconds,
            self.fall_seconds,
            self.after_seconds,
        )


class FlashCrowd(Peaked):
    """Users multiply until the peak, stay, and half of them leave within each half-life."""

    kind: Literal["flash_crowd"]
    before_seconds: Seconds = Field(description="Before the rise, seconds.")
    rise_seconds: Duration = Field(description="From users to the peak, seconds.")
    hold_seconds: Seconds = Field(description="At the peak, seconds.")
    half_life_seconds: Duration = Field(description="Within which half of them leave, seconds.")
    after_seconds: Seconds = Field(description="For how long they leave, seconds.")

    def curve(self) -> Curve:
        """What it asks for."""
        return shapes.flash_crowd(
            self.users,
            self.peak_users,
            self.before_seconds,
            self.rise_seconds,
            self.hold_seconds,
            self.half_life_seconds,
            self.after_seconds,
        )


class Trace(Section):
    """What a CSV file says."""

    kind: Literal["trace"]
    file: CsvFile = Field(description="Beside the profile; its header is said in `traces`.")
    speed: float = Field(
        1, gt=0, le=10_000, description="How many times as fast; 60 makes a minute of an hour."
    )
    scale: float = Field(1, gt=0, le=10_000, description="How many times as many users.")


Shape = Annotated[
    Steady | Day | Spike | FlashCrowd | Soak | Trace,
    Field(discriminator="kind", description="How many users there are at a time."),
]
