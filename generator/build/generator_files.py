"""What load generators run: our load test, in an archive, and a list of what it imports.

    loadtest/                    but for what draws, judges and imports from JMeter
    generator/                   errors and settings, by which profiles are read
    packages/requirements.txt    load_generator.lock: exact versions, and the hashes of their wheels

Locust stands on compiled packages, which differ by CPU: so an instance installs them itself, from
the package index, as wheels and of those hashes only. `generator_lock` writes the lock; a build
reads it, and needs neither Locust nor an index.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PURPOSE = "load-generator"
REQUIREMENTS = "packages/requirements.txt"
LOCK = Path(__file__).with_name("load_generator.lock")

_ROOT = Path(__file__).parents[2]
_LEFT = ("__pycache__", "jmeter", "report")
_GENERATOR = ("__init__.py", "errors.py", "settings/*.py")


def files() -> dict[str, bytes]:
    """Name in the archive to content."""
    found = {path.relative_to(_ROOT).as_posix(): path.read_bytes() for path in _modules()}
    return found | {REQUIREMENTS: LOCK.read_bytes()}


def _modules() -> Iterator[Path]:
    for pattern in _GENERATOR:
        yield from (_ROOT / "generator").glob(pattern)
    for path in (_ROOT / "loadtest").rglob("*"):
        inner = path.relative_to(_ROOT / "loadtest")
        if path.is_file() and not set(inner.parts) & set(_LEFT):
            yield path
