"""What the service's archive holds: its own modules, and what they import, from this environment.

    run, prepare      how it is started, and what it needs first
    service/          generator/service
    lib/              the distributions below, as they are installed here: constraints.txt pins them

Pure Python only, so one archive serves arm64 and x86_64. Of botocore's 400 services it takes the
two that the service calls. Licences travel along.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

from generator.errors import WiringError

DISTRIBUTIONS = (
    *("botocore", "click", "h11", "jmespath", "python-dateutil"),
    *("redis", "six", "urllib3", "uvicorn"),
)
"""What the service imports, and what that imports: a test compares it with their metadata."""

AWS_SERVICES = ("dynamodb", "secretsmanager")
SERVICE = Path(__file__).parents[1] / "service"
TOP = ("run", "prepare")
PACKING = (Path(__file__), Path(__file__).with_name("archive.py"))
"""What decides what the archive holds, and how."""

_BYTECODE = "__pycache__"
_SERVICE_DATA = ("botocore", "data")
_KEPT_METADATA = ("METADATA", "LICENSE", "LICENCE", "NOTICE", "COPYING")


def fingerprint() -> str:
    """Changes when the archive may: the modules' bytes, the distributions' metadata, how it is
    packed, Python, zlib.
    """
    facts = hashlib.sha256(f"{sys.version} {zlib.ZLIB_RUNTIME_VERSION}\n".encode())
    for name in DISTRIBUTIONS:
        facts.update(f"{name}\n{distribution(name).read_text('METADATA')}\n".encode())
    for name, path in (*_own(), *((path.name, path) for path in PACKING)):
        facts.update(f"{name}\n".encode() + path.read_bytes())
    return facts.hexdigest()[:32]


def files() -> dict[str, bytes]:
    """Name in the archive to content."""
    found = {name: path.read_bytes() for name, path in _own()}
    for name in DISTRIBUTIONS:
        found |= {f"lib/{at}": path.read_bytes() for at, path in _installed(distribution(name))}
    return found


def _own() -> Iterator[tuple[str, Path]]:
    for path in sorted(SERVICE.rglob("*")):
        inner = path.relative_to(SERVICE)
        if path.is_file() and _BYTECODE not in inner.parts:
            yield (inner.name if str(inner) in TOP else f"service/{inner.as_posix()}"), path


def _installed(found: Distribution) -> Iterator[tuple[PurePosixPath, Path]]:
    """The files of a distribution that running it, or its licence, takes."""
    if not found.files:
        raise WiringError(f"{found.name}: what it installed is not recorded; install it with pip")
    for file in found.files:
        if file.suffix in (".so", ".pyd"):
            raise WiringError(f"{found.name} has compiled parts ({file}): no archive for all CPUs")
        if _is_wanted(file):
            yield PurePosixPath(file), Path(str(found.locate_file(file)))


def _is_wanted(file: PurePosixPath) -> bool:
    if ".." in file.parts or _BYTECODE in file.parts or file.suffix == ".pyi":
        return False
    if file.parts[0].endswith(".dist-info"):
        return file.name.startswith(_KEPT_METADATA)
    if file.parts[:2] == _SERVICE_DATA and len(file.parts) > 3:
        return file.parts[2] in AWS_SERVICES
    return True
