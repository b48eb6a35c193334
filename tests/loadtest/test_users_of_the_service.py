"""Users of the service, against one that fails and then hangs: plain Locust, real and short."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from loadtest.gate import Slo, judge
from loadtest.results import Run, read_run
from loadtest.target import Load
from tests.loadtest.counting import Counted, counting
from tests.loadtest.profiles import FAST, profile

CHECKOUT = Path(__file__).resolve().parents[2]
WITHIN_SECONDS = 60.0
IMPATIENT = """
from loadtest.users import base
base.ANSWER_WITHIN_SECONDS = 0.5
from loadtest.locustfile import *
"""
SESSION = "/api/sessions/{id}"
OVER = b'{"id": "s1", "expires_at": 0}'


@pytest.fixture(scope="module")
def received() -> Counted:
    """What came to the service whose run is `told`."""
    return Counted()


@pytest.fixture(scope="module")
def told(received: Counted, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose rankings fail, and whose service answers nothing from somewhere on to its end.

    A new session is over at once until it is written, and none is ever found again. Somebody asks
    for users not to be waited for.
    """
    folder = tmp_path_factory.mktemp("hanging")
    (folder / "impatient.py").write_text(IMPATIENT)
    mine = profile(
        folder,
        users={"reader": 0, "player": 1},
        think_seconds={"player": FAST},
        shape={"kind": "steady", "users": 6, "ramp_seconds": 0, "seconds": 2},
    )
    with counting() as server:
        server.statuses |= {"GET /api/boards/{board}": 503, "GET /api/sessions/{id}": 404}
        server.bodies["POST /api/sessions"] = OVER
        load = Load(profile=mine, host=server.host, out=folder / "out")
        process = locust(load, folder / "impatient.py", "--stop-timeout", "0")
        threading.Thread(target=hang_after, args=(server, 80, process), daemon=True).start()
        said = process.communicate(timeout=WITHIN_SECONDS)[0]
        received.total, received.routes = server.total, server.routes
    assert (folder / "out" / "run.json").is_file(), said
    return read_run(folder / "out")


def locust(load: Load, locustfile: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "locust", "-f", str(locustfile), "--headless", *words],
        env={**os.environ, **load.variables(), "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def hang_after(server: Counted, requests: int, process: subprocess.Popen[str]) -> None:
    while server.total < requests and process.poll() is None:
        time.sleep(0.01)
    server.delay = 1000.0


def reasons(told: Run, name: str) -> set[str]:
    return {failure.reason for failure in told.failures if failure.name == name}


def test_every_request_that_hangs_is_told_as_failed(told: Run, received: Counted) -> None:
    """Those under way at the end, too: whatever Locust was told, users are waited for."""
    assert told.total is not None
    assert told.total.requests == received.total
    late = sum(failure.requests for failure in told.failures if failure.reason == "TimeoutError")
    assert late >= 6
    assert 500 <= told.total.longest < 5000
    assert told.about.ended == "completed"


def test_a_run_whose_service_hung_does_not_pass_the_gate(told: Run) -> None:
    assert not judge(told, Slo(p99_milliseconds=400)).kept


def test_failures_tell_the_status_that_was_answered(told: Run) -> None:
    """No address and no id among the words."""
    assert "503 Service Unavailable" in reasons(told, "/api/boards/{board}")


def test_a_session_lives_on_from_each_time_it_is_written(told: Run) -> None:
    """None was found again: one that had been written was lost, the others were over."""
    [asked] = [row for row in told.totals if (row.method, row.name) == ("GET", SESSION)]
    lost = sum(
        failure.requests
        for failure in told.failures
        if (failure.method, failure.name, failure.reason) == ("GET", SESSION, "404 Not Found")
    )
    assert 0 < lost <= asked.failures < asked.requests
