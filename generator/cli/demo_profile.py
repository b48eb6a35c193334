"""The demonstration's profile, as long as somebody has time for."""

from __future__ import annotations

import math
from pathlib import Path

import yaml

from loadtest.profile import Profile, find_profile, load_profile

DEMO = "demo"
_STEP = 0.25


def at_length(seconds: float | None, folder: Path) -> Profile:
    """The profile; with `seconds` as a file in `folder`, its phases stretched or pressed together.

    It asks for as many requests as its length allows.
    """
    profile = load_profile(find_profile(DEMO))
    if seconds is None:
        return profile
    factor = seconds / profile.curve("origin").seconds
    values = profile.model_dump(mode="json", exclude_none=True)
    shape, slo = values["shape"], values["slo"]
    values["shape"] = {
        name: value * factor if name.endswith("seconds") else value for name, value in shape.items()
    }
    slo["minimum_requests"] = math.ceil(slo["minimum_requests"] * factor)
    path = folder / f"{DEMO}.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return load_profile(path)


def peak_seconds(profile: Profile) -> float:
    """Seconds from the start until most users are there."""
    users = profile.curve("origin").samples(_STEP)
    return users.index(max(users)) * _STEP
