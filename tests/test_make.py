"""`make build` as a newcomer types it: a clean clone, no environment, an empty pip cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that git knows, as they are in the working tree."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listing.stdout.split("\0")):
        if (CHECKOUT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, tmp_path / name)
    return tmp_path


def test_make_build_sets_up_everything_and_builds_every_environment(
    clone: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("pip-cache")
    outer = ("MAKEFLAGS", "MAKELEVEL", "VIRTUAL_ENV", "PYTHONPATH")
    env = {key: value for key, value in os.environ.items() if key not in outer}
    env["PIP_COMPILE"] = "0"  # byte code is a cache
    done = subprocess.run(
        ["make", "build"],
        cwd=clone,
        env={**env, "PIP_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for environment in ("dev", "staging", "prod", "reference", "quickstart", "worldwide"):
        assert (clone / "build" / environment / "manifest.json").is_file()
        assert f"written to build/{environment}/" in done.stdout
    assert unchanged(clone, "templates")


def unchanged(clone: Path, folder: str) -> bool:
    files = [path for path in (CHECKOUT / folder).rglob("*") if path.is_file()]
    return all(
        (clone / path.relative_to(CHECKOUT)).read_bytes() == path.read_bytes() for path in files
    )
