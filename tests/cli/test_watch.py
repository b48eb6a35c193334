"""`build --watch`: a saved file is built again, and only that one; Ctrl-C ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CHECKOUT

PATIENCE_SECONDS = 30


@pytest.fixture
def watcher(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    (checkout / "generator").mkdir()
    with (checkout / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "generator", "build", "--all", "--no-lint", "--watch"],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            # A test run that a shell started in the background ignores Ctrl-C, and so would this.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    yield process
    process.kill()
    process.wait()


def wait_for(checkout: Path, text: str, times: int = 1) -> str:
    """The log, once it has `text` that often."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        log = (checkout / "log").read_text()
        if log.count(text) >= times:
            return log
        time.sleep(0.1)
    pytest.fail(f"no {text!r} in {log}")


def test_a_change_is_built_again_a_fault_is_shown_and_ctrl_c_ends(
    checkout: Path, watcher: subprocess.Popen[str]
) -> None:
    wait_for(checkout, "watching")
    settings = checkout / "parameters/dev.yaml"
    good = settings.read_text()
    settings.write_text(good.replace("zones: 2", "zones: 3"))
    log = wait_for(checkout, "written to build/dev/", times=2)
    assert log.count("written to build/prod/") == 1

    settings.write_text(good.replace("zones: 2", "zones: 99"))
    wait_for(checkout, "1 fault; nothing was written")
    settings.write_text(good)
    wait_for(checkout, "written to build/dev/", times=3)

    watcher.send_signal(signal.SIGINT)
    assert watcher.wait(PATIENCE_SECONDS) == 130
