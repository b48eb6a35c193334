"""A script with a load as its environment, in a process of its own, which Locust may change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from loadtest.target import Load

CHECKOUT = Path(__file__).resolve().parents[2]
WITHIN_SECONDS = 60.0


def lines_of(script: str, load: Load, **environment: str) -> list[str]:
    """The lines that it prints; an error of its own is one of the test."""
    ours = {**load.variables(), "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **ours, **environment},
        stdout=subprocess.PIPE,
        text=True,
        timeout=WITHIN_SECONDS,
        check=True,
    )
    return done.stdout.splitlines()
