"""A baseline, before anything is sent: the load would be in vain where it can't be held against it.

What is known of a run beforehand has the names of `About`; what is not may yet be as in the
baseline, and is looked at afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from generator.deploy.built_files import read_release
from generator.errors import UsageError
from loadtest.baseline import check_alike
from loadtest.identity import code_sha256
from loadtest.profile import Profile
from loadtest.results import About, read_run
from loadtest.running import Workers, check_installed
from loadtest.sections import Target

Known = Mapping[str, Any]


def check(baseline: Path | None, folder: Path, known: Known) -> None:
    """Raises UsageError where it is no measure for a run of which so much is known."""
    if baseline is None:
        return
    if baseline.resolve() == folder.resolve():
        raise UsageError(
            f"--baseline {baseline}: the run's own folder, and no run is worse than itself\n"
            "    name the folder of an earlier one"
        )
    earlier = read_run(baseline)
    check_alike(replace(earlier.about, **known), earlier)


def of_run(about: About) -> Known:
    """One that there is: all."""
    return asdict(about)


def sent_by_us(profile: Profile, target: Target, workers: Workers) -> Known:
    """A run of Locust's on this machine, or led from here. Raises UsageError without Locust."""
    check_installed()
    count = workers.expected or workers.processes
    ours = {"tool": "locust", "workers": count, "generators": "", "code_sha256": code_sha256()}
    return {**_asked(profile, target), **ours}


def sent_from_aws(profile: Profile, target: Target, built: Path) -> Known:
    """A run of load generators: how many processes and which code they have, they tell later."""
    found = read_release(built).load_generators
    regions = {"generators": ", ".join(sorted(found.regions))} if found else {}
    return {**_asked(profile, target), "tool": "locust", **regions}


def sent_by_jmeter(profile: Profile, target: Target) -> Known:
    """A run that is imported: which plan it was made by is told then."""
    return {**_asked(profile, target), "tool": "jmeter", "workers": 1, "generators": ""}


def _asked(profile: Profile, target: Target) -> Known:
    return {"profile_sha256": profile.sha256, "target": target}
