"""What an instance was told at boot, by its environment: who it is, and where its Region meets.

GENERATOR_ROLE        master or worker
GENERATOR_REGION      its Region
GENERATOR_BUCKET      the Region's meeting place
GENERATOR_MASTERS     the Auto Scaling group of the master
GENERATOR_WORKERS     the one of the workers
GENERATOR_INSTANCE    its id
GENERATOR_ADDRESS     its private address, which the master listens on
GENERATOR_PORT        the port that it listens on
GENERATOR_PROCESSES   processes of Locust on a worker; left out: one a CPU
GENERATOR_FOLDER      where it may write
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from generator.errors import UsageError


class Place(NamedTuple):
    """An instance and its Region."""

    role: str
    region: str
    bucket: str
    masters: str
    workers: str
    instance: str
    address: str
    port: int
    processes: int
    folder: Path


def place_from(environment: Mapping[str, str]) -> Place:
    """The place that an environment describes. Raises UsageError for what is missing."""
    names = [name.upper() for name in Place._fields]
    found = {name: environment.get(f"GENERATOR_{name}", "") for name in names}
    missing = [f"GENERATOR_{name}" for name, value in found.items() if not value]
    if set(missing) - {"GENERATOR_PROCESSES"}:
        raise UsageError(f"{', '.join(missing)}: missing\n    the user data writes them")
    return Place(
        role=found["ROLE"],
        region=found["REGION"],
        bucket=found["BUCKET"],
        masters=found["MASTERS"],
        workers=found["WORKERS"],
        instance=found["INSTANCE"],
        address=found["ADDRESS"],
        port=int(found["PORT"]),
        processes=int(found["PROCESSES"] or os.cpu_count() or 1),
        folder=Path(found["FOLDER"]),
    )
