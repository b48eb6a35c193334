"""profiles/*.yaml → Profile, or every fault of the file at once.

A profile says who the users are, how many there are at a time, where it may be aimed, what a run
never exceeds and what is asked of it. It is called as its file is.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field, PrivateAttr, ValidationError, field_validator

from generator.errors import SettingsError, UsageError
from generator.settings.parts import broken
from generator.settings.source import Source, parse
from generator.settings.text import read
from loadtest import shape_settings
from loadtest.sections import (
    Ceiling,
    Host,
    Section,
    Slo,
    Target,
    ThinkSeconds,
    Tolerances,
    Weights,
)
from loadtest.shape_settings import Shape
from loadtest.shapes import Curve
from loadtest.traces import Trace, read_trace, requests_need_thinking

PROFILES = Path(__file__).with_name("profiles")
DEFAULT = "steady"
_UNMEASURED = {"description", "hosts", "slo", "tolerances"}
"""What does not change what is sent, so that runs before and after can be compared."""


class Kind(NamedTuple):
    """One kind of user."""

    name: str
    weight: float
    think: tuple[float, float]
    """Seconds, least and most."""


class Profile(Section):
    """A profile, whole."""

    description: Annotated[str, Field(min_length=1, max_length=500)] = Field(
        description="What the profile is for."
    )
    users: Weights = Field(default_factory=Weights, description="Of which kinds the users are.")
    think_seconds: ThinkSeconds = Field(
        default_factory=ThinkSeconds, description="How long users wait between requests."
    )
    work_cost: int = Field(
        20, ge=1, le=1000, description="Units (about 1 ms of CPU time) that heavy users ask for."
    )
    shape: Shape
    hosts: list[Host] = Field(
        [],
        max_length=20,
        description="Where it may be aimed, besides the stacks' outputs: host names, addresses, "
        "or the prefix of tables.",
    )
    ceiling: Ceiling = Field(description="What a run never exceeds.")
    slo: Slo = Field(description="What is asked of a run.")
    tolerances: Tolerances = Field(
        default_factory=Tolerances, description="How much worse than its baseline it may be."
    )
    _path: Path = PrivateAttr(default=Path())
    _trace: Trace | None = PrivateAttr(default=None)

    @field_validator("users")
    @classmethod
    def _somebody(cls, users: Weights) -> Weights:
        if not users.reader + users.player + users.heavy:
            raise broken("", "nobody: all weights are 0", "Give one of them a weight above 0.")
        return users

    @property
    def name(self) -> str:
        """What its file is called."""
        return self._path.stem

    @property
    def path(self) -> Path:
        """Its file."""
        return self._path

    @property
    def sha256(self) -> str:
        """Of what it sends: not of its texts, of where it may go or of what is asked of a run."""
        sent = self.model_dump(exclude=_UNMEASURED)
        text = json.dumps([sent, self._trace], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def kinds(self, target: Target) -> tuple[Kind, ...]:
        """The users against this kind of target, without those who have no weight."""
        weights: Mapping[str, float] = (
            {target: 1.0} if target in ("table", "cache") else self.users.model_dump()
        )
        think: Mapping[str, list[float]] = self.think_seconds.model_dump()
        return tuple(
            Kind(name, weight, (think[name][0], think[name][1]))
            for name, weight in weights.items()
            if weight
        )

    def rate_of_a_user(self, target: Target) -> float:
        """Requests a second of an average user whose answers take no time; may be infinite."""
        return _rate([(kind.weight, sum(kind.think) / 2) for kind in self.kinds(target)])

    def greatest_rate_of_a_user(self, target: Target) -> float:
        """Requests a second that no user exceeds; may be infinite."""
        least = min(kind.think[0] for kind in self.kinds(target))
        return 1.0 / least if least else math.inf

    def curve(self, target: Target) -> Curve:
        """Users over time, for no longer than the ceiling."""
        if not isinstance(self.shape, shape_settings.Trace):
            return self.shape.curve().capped(self.ceiling.seconds)
        assert self._trace is not None, "load_profile has read it"
        rate = self.rate_of_a_user(target)
        curve = self._trace.curve(self.shape.speed, self.shape.scale, rate)
        return curve.capped(self.ceiling.seconds)

    def read_from(self, path: Path) -> Profile:
        """The same, called as its file, and with the trace that it names."""
        known = self.model_copy()
        known._path = path
        if isinstance(self.shape, shape_settings.Trace):
            file = path.parent / self.shape.file
            known._trace = read_trace(file)
            for target in ("edge", "table", "cache"):
                requests_need_thinking(file, known._trace, self.rate_of_a_user(target))
        return known


def find_profile(name_or_file: str) -> Path:
    """The file of one of our profiles, or the file that is named. UsageError if there is none."""
    ours = PROFILES / f"{name_or_file}.yaml"
    if ours.is_file():
        return ours
    if Path(name_or_file).is_file():
        return Path(name_or_file)
    names = ", ".join(sorted(path.stem for path in PROFILES.glob("*.yaml")))
    raise UsageError(f"there is no profile {name_or_file}\n    profiles: {names}; or name a file")


def load_profile(path: Path) -> Profile:
    """The profile in a file; SettingsError with all its faults, or those of its trace."""
    source = parse(read(path), path.as_posix())
    profile = _structure(source)
    if source.faults or profile is None:
        raise SettingsError(source.faults)
    return profile.read_from(path)


def _structure(source: Source) -> Profile | None:
    try:
        return Profile.model_validate(source.data)
    except ValidationError as error:
        # Only a faulty file pays for the machinery that explains faults.
        from generator.settings.faults import explain

        explain(error, source, Profile)
        return None


def _rate(kinds: list[tuple[float, float]]) -> float:
    """Requests a second of one user, given weights and seconds between requests."""
    if any(seconds == 0 for _, seconds in kinds):
        return math.inf
    return sum(weight / seconds for weight, seconds in kinds) / sum(weight for weight, _ in kinds)
