"""What identifies the code that makes a load: runs by other code measure another thing."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
MAKERS = (
    *("buckets.py", "cells.py", "harness.py", "locustfile.py", "mounting.py", "pacing.py"),
    *("profile.py", "recording.py", "roles.py", "shape_settings.py", "shapes.py"),
    *("sharing.py", "traces.py"),
    "users/*.py",
)
"""What sends and measures; not what draws, judges or starts it."""


def code_sha256() -> str:
    """Of our own code that sends and measures, and of Locust's release."""
    digest = hashlib.sha256(version("locust").encode())
    for path in sorted(path for pattern in MAKERS for path in HERE.glob(pattern)):
        digest.update(f"\n{path.relative_to(HERE).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()
