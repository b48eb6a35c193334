"""The example: a profile, and its plan as it is meant to be.

python -m tests.loadtest.jmeter.example      writes the plan anew, after a change that is meant
"""

from __future__ import annotations

from pathlib import Path

from loadtest.jmeter.plan import export_plan
from loadtest.profile import Profile, load_profile

PROFILE = Path(__file__).with_name("example.yaml")
PLAN = Path(__file__).with_name("example.jmx")


def example() -> Profile:
    """The profile."""
    return load_profile(PROFILE)


if __name__ == "__main__":
    export_plan(example(), PLAN, "origin")
