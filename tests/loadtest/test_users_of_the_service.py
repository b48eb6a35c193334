"""Users of the service, against one that fails and then hangs: plain Locust, real and short."""

from __future__ import annotations

import os
import re
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
from tests.loadtest.own_process import lines_of
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
SORRY = b"<html><h1>Sorry</h1></html>"
FAULTY = """
from loadtest.locustfile import *
def fail(user):
    raise LookupError("no such thing")
Reader.tasks.append(fail)
"""
ONE_USER = """
import os, resource
from locust.env import Environment
from loadtest.locustfile import Player, harness, reason

resource.setrlimit(resource.RLIMIT_NOFILE, (1500, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
harness.pacer.share_among(1)
Player.host = harness.load.host
environment = Environment(host=Player.host)
environment.events.request.add_listener(
    lambda request_type, exception, **_: print(request_type, exception and reason(exception))
)
user = Player(environment)
user.create_session()
print(user.session)
user.session = "s1"
user.write_session()
print(user.session)
user.read_board()
"""


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


@pytest.fixture(scope="module")
def one_user(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], int]:
    """What a player does and hears in a process with a thousand open files, and how many
    connections that took. A firewall's page and another's body come instead of its sessions."""
    with counting() as server:
        server.bodies |= {"POST /api/sessions": SORRY, "PUT /api/sessions/{id}": b'{"id": "s2"}'}
        load = Load(profile=profile(tmp_path_factory.mktemp("one")), host=server.host)
        return lines_of(ONE_USER, load), len(server.connections)


def test_an_answer_without_the_session_that_was_written_is_a_failure(
    one_user: tuple[list[str], int],
) -> None:
    """Whatever its status; the user goes on with the session that it has."""
    heard, _ = one_user
    no_session = "no session in the answer"
    assert heard == [f"POST {no_session}", "None", f"PUT {no_session}", "s1", "GET None"]


def test_a_connection_is_kept_where_a_process_has_many(one_user: tuple[list[str], int]) -> None:
    """select() can't be asked about the descriptors from 1024 on."""
    _, connections = one_user
    assert connections == 1


def test_a_run_whose_users_are_faulty_is_not_completed(tmp_path: Path) -> None:
    """What they raise is no failed request."""
    (tmp_path / "faulty.py").write_text(FAULTY)
    mine = profile(
        tmp_path,
        users={"reader": 1, "player": 0},
        think_seconds={"reader": FAST},
        shape={"kind": "steady", "users": 2, "ramp_seconds": 0, "seconds": 1},
    )
    with counting() as server:
        load = Load(profile=mine, host=server.host, out=tmp_path / "out")
        process = locust(load, tmp_path / "faulty.py")
        said = process.communicate(timeout=WITHIN_SECONDS)[0]
    told = read_run(tmp_path / "out")
    assert re.fullmatch(r"broken by \d+ errors of users: .*", told.about.ended), said
    assert told.total is not None
    assert (told.total.requests, told.total.failures) == (server.total, 0)
