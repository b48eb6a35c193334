"""Archives of the service: reproducible, and named by their content.

An archive is a .tar.gz with an executable `run` at its top, and if need be a `prepare` beside it;
`layers/compute/user_data.py` says how an instance uses them. Equal files give equal bytes wherever
zlib is the same, on every Python: names are sorted, and no time, owner or umask gets in.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from generator.build import generator_files, service_files
from generator.build.render import HASH_CHARACTERS
from generator.errors import UsageError
from generator.settings.model import Settings
from generator.settings.sections_fleet import IMAGE, PLATFORM
from generator.workspace import Workspace

SUFFIX = ".tar.gz"
START = "run"
"""What has to be at the top of every archive."""
LEVEL = 6
"""Of gzip: the last percent of size would take five times as long."""
LARGEST = 256 * 1024 * 1024
"""Bytes of an archive: every instance fetches it while users wait for capacity."""


@dataclass(frozen=True)
class Archive:
    """What instances run."""

    content: bytes
    purpose: str = "service"

    @cached_property
    def sha256(self) -> str:
        """Hex digest, which an instance compares before it unpacks."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def name(self) -> str:
        """`service-0123456789ab.tar.gz`, as uploaded."""
        return f"{self.purpose}-{self.sha256[:HASH_CHARACTERS]}{SUFFIX}"


def archive_for(settings: Settings, workspace: Workspace) -> Archive | None:
    """The archive that the settings ask for; None where the image brings the service.

    Raises UsageError where it is the user's own and is none.
    """
    wanted = settings.compute.service
    if wanted == IMAGE:
        return None
    if wanted == PLATFORM:
        return Archive(_platform_archive(workspace.service_cache))
    return _own_archive(workspace.root / wanted, f"compute.service: {wanted}")


def generators_archive(settings: Settings) -> Archive | None:
    """The one of load generators; None where there are none."""
    if settings.load_generator is None:
        return None
    return Archive(packed(generator_files.files()), generator_files.PURPOSE)


def _platform_archive(cache: Path) -> bytes:
    """The one of this project: packed when something in it changed, else remembered."""
    remembered = cache / f"{service_files.fingerprint()}{SUFFIX}"
    if remembered.is_file():
        return remembered.read_bytes()
    content = packed(service_files.files())
    cache.mkdir(parents=True, exist_ok=True)
    for stale in cache.glob(f"*{SUFFIX}"):
        stale.unlink(missing_ok=True)
    fresh = remembered.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(remembered)
    return content


def packed(files: Mapping[str, bytes]) -> bytes:
    """A .tar.gz of these files; those at its top are executable."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            archive.addfile(_member(name, files[name]), io.BytesIO(files[name]))
    return _compressed(tar.getvalue())


def _compressed(content: bytes) -> bytes:
    """Not by gzip.compress: whose header it writes, zlib's or its own, depends on Python's version.

    https://docs.python.org/3/library/gzip.html#gzip.compress
    """
    zipped = io.BytesIO()
    with gzip.GzipFile("", "wb", LEVEL, zipped, mtime=0) as file:
        file.write(content)
    return zipped.getvalue()


def _member(name: str, content: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o644 if "/" in name else 0o755
    return member


def _own_archive(path: Path, asked: str) -> Archive:
    """A user's own, looked at as far as an instance would stumble over it."""
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{asked}: larger than {LARGEST // 1024**2} MiB\n    {_CONTRACT}")
        content = path.read_bytes()
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            starts = [m for m in archive if m.name.removeprefix("./") == START and m.isfile()]
    except OSError as error:
        raise UsageError(f"{asked}: {error.strerror or error}\n    {_CONTRACT}") from None
    except (tarfile.TarError, EOFError) as error:
        raise UsageError(f"{asked}: no .tar.gz: {error}\n    {_CONTRACT}") from None
    if not starts or not starts[-1].mode & 0o100:
        raise UsageError(f"{asked}: no executable `{START}` at its top\n    {_CONTRACT}")
    return Archive(content)


_CONTRACT = (
    "It is a .tar.gz, named from the checkout, whose top holds an executable `run`;"
    " or `platform`, or `image`."
)
