"""Write load_generator.lock anew: what an instance installs, at our versions, by hash.

    python -m generator.build.generator_lock        after constraints.txt changed; fetches 20 MB

Load generators are all of one kind, Python 3.11 on Graviton, so one wheel of each distribution is
enough. pip resolves what the load test imports within constraints.txt and fetches that kind's
wheels from the package index, whichever machine this is; their digests are what is committed.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from generator.build.generator_files import LOCK

IMPORTED = ("boto3", "locust", "pydantic", "pyyaml")
"""What modules of the archive import; pip finds what these need."""
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")
"""Amazon Linux 2023 has glibc 2.34."""
_CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"


def main() -> None:
    """Fetch, and write."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(_download(folder), check=True)
        LOCK.write_text("".join(_lines(Path(folder))), encoding="utf-8")


def _download(folder: str) -> list[str]:
    kind = [word for name in PLATFORMS for word in ("--platform", name)]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
    python = ["--implementation", "cp", "--python-version", "3.11"]
    return [*pip, *kind, *python, "-c", str(_CONSTRAINTS), "-d", folder, *IMPORTED]


def _lines(folder: Path) -> Iterator[str]:
    """A wheel's name begins with those of its distribution and its version."""
    for wheel in sorted(folder.glob("*.whl"), key=lambda path: path.name.lower()):
        name, version, *_ = wheel.name.split("-")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        yield f"{name.lower().replace('_', '-')}=={version} --hash=sha256:{digest}\n"


if __name__ == "__main__":
    main()
