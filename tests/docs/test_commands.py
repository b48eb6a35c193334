"""What the pages of docs/ tell a reader to type works as it is written.

Each page's ```sh fences run in order, in a checkout of its own in which `build --env dev` was done,
against an account of its own. A fence is left out where the line above it says
`<!-- not run: REASON -->`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.typed import type_in
from tests.docs.pages import PAGES, fences
from tests.local_aws import Account
from tests.test_docs import CHECKOUT

COMMITTED = ("parameters", "templates", "docs", "loadtest/profiles", "setup.cfg", "Makefile")
"""What a reader's checkout holds beside the packages, which are the installed ones."""
OURS = "python -m generator "
SHELLS_OWN = re.compile(r"[|&;<>$`*\\()]")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `python -m generator build --env dev` was typed."""
    folder = tmp_path_factory.mktemp("docs") / "checkout"
    for name in COMMITTED:
        _copy(CHECKOUT / name, folder / name)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        built = type_in("build", "--env", "dev", "--no-lint")
    assert built.code == 0, built.err
    return folder


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copy)(source, target)


Shell = Callable[[str], None]


@pytest.fixture
def shell(
    checkout: Path, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """A reader at a prompt: runs what a fence shows, and wants it to end well."""
    here = tmp_path / "checkout"
    shutil.copytree(checkout, here)
    environment = account.environment()
    for name in set(os.environ) - set(environment):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(here)
    return lambda script: _ours(script) if _is_ours(script) else _in_bash(script, environment)


def _is_ours(script: str) -> bool:
    """Whether every line is a command of this project's and needs no shell."""
    return all(line.startswith(OURS) and not SHELLS_OWN.search(line) for line in _lines(script))


def _lines(script: str) -> list[str]:
    return [line for line in script.splitlines() if line.strip() and not line.startswith("#")]


def _ours(script: str) -> None:
    """In this process: Python's start would be most of the time."""
    for line in _lines(script):
        done = type_in(*shlex.split(line.removeprefix(OURS), comments=True))
        assert done.code == 0, f"{line}\n{done.out}\n{done.err}"


def _in_bash(script: str, environment: Mapping[str, str]) -> None:
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={
            **environment,
            "PATH": f"{programs}{os.pathsep}{environment['PATH']}",
            "PYTHONPATH": str(CHECKOUT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work(page: str, shell: Shell) -> None:
    for fence in fences(page):
        if fence.reason is None:
            shell(fence.script)
