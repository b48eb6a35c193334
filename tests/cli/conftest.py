"""A scratch checkout to type commands in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of parameters/ and what marks a checkout; the generator is the installed one."""
    shutil.copytree(CHECKOUT / "parameters", tmp_path / "parameters")
    shutil.copy(CHECKOUT / "setup.cfg", tmp_path)
    return tmp_path


@pytest.fixture
def gtm(checkout: Path) -> Run:
    """Run `python -m generator …` in the scratch checkout."""

    def run(*words: str, cwd: Path = checkout, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "generator", *words],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), **env},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
