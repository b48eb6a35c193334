"""Profiles for tests: a short one, with what a test changes."""

from __future__ import annotations

from pathlib import Path

import yaml

from loadtest.profile import Profile, load_profile

SHORT: dict[str, object] = {
    "description": "For a test.",
    "shape": {"kind": "steady", "users": 4, "ramp_seconds": 0, "seconds": 2},
    "hosts": ["127.0.0.1"],
    "ceiling": {"requests_per_second": 1000, "seconds": 600},
    "slo": {"p99_milliseconds": 1000},
}
FAST = [0.02, 0.04]
"""Seconds to think."""


def profile(folder: Path, **changes: object) -> Profile:
    """SHORT with these keys instead."""
    return load_profile(written(folder, yaml.safe_dump(SHORT | changes)))


def written(folder: Path, text: str, name: str = "short") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path
