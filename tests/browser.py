"""A real browser for tests: headless Chromium, one process a visit, skipped where there is none.

    def test_…(chromium: Chromium, tmp_path: Path) -> None:
        visit = chromium.visit("file:///…", tmp_path)
        assert not visit.requests

Import the fixture into the conftest.py of the folder that needs it. No name resolves for the
browser, so a page reaches nothing but this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60.0
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--enable-logging=stderr", "--dump-dom"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_CONSOLE = re.compile(r":CONSOLE[:(]\d+\)?\] (.*)")
_OWN = "not an origin"
"""Initiator of what the browser itself asks for: the time, accounts."""


class Visit(NamedTuple):
    """A page as it stood when its scripts had run."""

    dom: str
    console: tuple[str, ...]
    """Everything that the page or the browser wrote there, refusals of a policy included."""
    requests: tuple[str, ...]
    """Addresses that the page asked the network for, itself excepted."""
    screenshot: Path


class Chromium(NamedTuple):
    """The browser that is installed."""

    binary: str

    def visit(
        self, url: str, folder: Path, *, dark: bool = False, size: tuple[int, int] = (1280, 900)
    ) -> Visit:
        """Open a page in a new profile; the screenshot (PNG) is left in the folder."""
        shot = folder / f"screenshot-{'dark' if dark else 'light'}-{size[0]}x{size[1]}.png"
        with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
            log = Path(profile) / "network.json"
            told = self._run(
                f"--user-data-dir={profile}",
                f"--log-net-log={log}",
                f"--screenshot={shot}",
                f"--window-size={size[0]},{size[1]}",
                f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                url,
            )
            asked = _requests(json.loads(log.read_text(encoding="utf-8")))
        return Visit(told[0], tuple(_CONSOLE.findall(told[1])), asked, shot)

    def _run(self, *arguments: str) -> tuple[str, str]:
        """What it wrote to its two outputs. Its processes end with it, even when it hangs."""
        process = subprocess.Popen(
            [self.binary, *_FLAGS, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        try:
            return process.communicate(timeout=SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()


def _requests(log: dict[str, Any]) -> tuple[str, ...]:
    """https://www.chromium.org/developers/design-documents/network-stack/netlog/"""
    started = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    jobs = [event.get("params", {}) for event in log["events"] if event["type"] == started]
    return tuple(job["url"] for job in jobs if job.get("initiator", _OWN) != _OWN)


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """The browser; a test that needs it is skipped where none is installed."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser is installed: one of {', '.join(NAMES)}")
    return Chromium(found)
