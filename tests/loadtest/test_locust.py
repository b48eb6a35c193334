"""Real, short runs of Locust against a server that counts: what was sent is what is told.

Locust is never imported here: it replaces the standard library's sockets of the whole process.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from generator.errors import Exit, GtmError, Refused, UsageError
from loadtest.recording import Progress
from loadtest.results import ABOUT, EVERYTHING, Run, read_run
from loadtest.running import LOG, Workers, progress_line, run
from loadtest.target import Load
from tests.loadtest.counting import Counted, counting
from tests.loadtest.profiles import FAST, profile

CHECKOUT = Path(__file__).resolve().parents[2]
WITHIN_SECONDS = 30.0
THINKS = {"reader": FAST, "player": FAST, "heavy": FAST}
SECRET = "s3cret-of-the-origin"


@pytest.fixture
def server() -> Iterator[Counted]:
    with counting() as counted:
        yield counted


PLAIN = ("-m", "locust")
BUSY = (
    "-c",
    "import sys, psutil, locust.runners as runners, locust.main;"
    "psutil.Process.cpu_percent = lambda self: 99.0; runners.CPU_MONITOR_INTERVAL = 0.1;"
    "sys.argv[0] = 'locust'; sys.exit(locust.main.main())",
)
"""The same in a process that uses all of its CPU, as the system tells."""


def locust(
    load: Mapping[str, str], *words: str, python: Sequence[str] = PLAIN
) -> subprocess.Popen[str]:
    """Plain Locust, as a person or a load generator starts it."""
    return subprocess.Popen(
        [sys.executable, *python, "-f", "loadtest/locustfile.py", *words],
        cwd=CHECKOUT,
        env={**os.environ, **load},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said_by(process: subprocess.Popen[str]) -> str:
    """All that it said, once it has ended."""
    return process.communicate(timeout=WITHIN_SECONDS)[0]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def routes(result: Run) -> dict[str, int]:
    """Requests by `METHOD route`."""
    return {
        f"{row.method} {row.name}": row.requests for row in result.totals if row.name != EVERYTHING
    }


def test_a_run_has_the_users_of_its_shape_and_tells_what_the_server_counted(
    server: Counted, tmp_path: Path
) -> None:
    """Of the users, as many as the shape says at each second; every request in a row a route."""
    shape = {
        "kind": "spike",
        "users": 2,
        "peak_users": 10,
        "before_seconds": 1,
        "rise_seconds": 1,
        "hold_seconds": 1,
        "fall_seconds": 0,
        "after_seconds": 1,
    }
    mine = profile(
        tmp_path, shape=shape, think_seconds=THINKS, users={"reader": 3, "player": 3, "heavy": 1}
    )
    load = Load(
        profile=mine,
        target="origin",
        host=server.host,
        origin_secret=SECRET,
        environment="dev",
        out=tmp_path / "out",
    )
    seen: list[Progress] = []
    result = read_run(run(load, on_progress=seen.append))

    curve = mine.curve("origin")
    for progress in seen:
        lately = [curve.at(progress.seconds - back / 10) for back in range(14)]
        promised = [users for users in lately if users is not None]
        assert not promised or min(promised) <= progress.users <= max(promised)
    assert {2, 10} <= {progress.users for progress in seen}
    assert result.total is not None
    assert result.total.users == 10

    assert routes(result) == dict(server.routes)
    assert result.total.requests == server.total
    assert result.total.failures == 0
    assert sum(row.requests for row in result.overall) == server.total
    assert result.about.ended == "completed"
    assert 3.9 < result.about.seconds < 5
    assert (result.about.profile_sha256, result.about.target) == (mine.sha256, "origin")
    assert (result.about.environment, result.about.workers) == ("dev", 1)

    assert all(f"X-Origin-Secret: {SECRET}".encode() in head for head in server.heads)
    kept = [path for path in (tmp_path / "out").iterdir() if SECRET in path.read_text()]
    assert not kept
    ours = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"locust_stats.csv", "locust_stats_history.csv", "locust_failures.csv"} <= ours


def test_answers_that_must_not_pass_are_failures(server: Counted, tmp_path: Path) -> None:
    """503 and redirects fail, which leads nowhere else; so does a session lost before its time."""
    server.over_at_once = True
    server.statuses |= {"GET /api/work": 503, "GET /static/{name}": 301}
    server.statuses |= {"GET /api/sessions/{id}": 404, "PUT /api/sessions/{id}": 404}
    mine = profile(
        tmp_path,
        users={"reader": 2, "player": 1, "heavy": 1},
        think_seconds=THINKS,
        shape={"kind": "steady", "users": 8, "ramp_seconds": 0, "seconds": 1.5},
    )
    result = read_run(run(Load(profile=mine, host=server.host, out=tmp_path / "out")))
    rows = {f"{row.method} {row.name}": row for row in result.totals}
    for route in ("GET /api/work", "GET /static/{name}"):
        assert rows[route].failures == rows[route].requests > 0
    asked = [rows["GET /api/sessions/{id}"], rows["PUT /api/sessions/{id}"]]
    lost, gone = sum(row.failures for row in asked), sum(row.requests for row in asked)
    assert 0 < lost < gone
    assert rows["POST /api/sessions"].requests >= gone  # each was made anew
    assert rows["POST /api/sessions"].failures == 0


def test_a_master_and_two_workers_give_one_result_below_one_ceiling(
    server: Counted, tmp_path: Path
) -> None:
    """Processes of their own, one of them short of CPU time; users would send without a pause."""
    ceiling = {"requests_per_second": 60, "seconds": 60}
    mine = profile(
        tmp_path,
        ceiling=ceiling,
        users={"reader": 1, "player": 0},
        think_seconds={"reader": [0, 0]},
        shape={"kind": "steady", "users": 6, "ramp_seconds": 0, "seconds": 2},
    )
    load = Load(profile=mine, host=server.host, out=tmp_path / "out")
    port = free_port()
    words = ("--worker", "--master-port", str(port))
    workers = [locust(load.variables(), *words, python=python) for python in (PLAIN, BUSY)]
    result = read_run(run(load, Workers(expected=2, port=port)))
    said = [said_by(worker) for worker in workers]

    assert [worker.returncode for worker in workers] == [0, 0], said
    assert result.total is not None
    assert result.total.requests == server.total
    assert routes(result) == dict(server.routes)
    assert result.total.users == 6
    assert (result.about.workers, result.about.saturated) == (2, True)
    span = server.ended[-1] - server.ended[0]
    assert 0.7 * 60 * span < server.total <= 60 * span + 4


def free_port() -> int:
    with counting() as counted:
        return counted.port


@pytest.mark.parametrize("processes", [1, 2])
def test_ctrl_c_keeps_what_was_measured(server: Counted, tmp_path: Path, processes: int) -> None:
    shape = {"kind": "steady", "users": 4, "ramp_seconds": 0, "seconds": 500}
    mine = profile(tmp_path, think_seconds=THINKS, shape=shape)
    load = Load(profile=mine, host=server.host, out=tmp_path / "out")

    def press(progress: Progress) -> None:
        if not pressed and progress.seconds > 1 and server.total > 20:
            pressed.append(progress.seconds)
            os.kill(os.getpid(), signal.SIGINT)

    pressed: list[float] = []
    before = signal.getsignal(signal.SIGINT)
    result = read_run(run(load, Workers(processes), press))
    assert signal.getsignal(signal.SIGINT) is before
    assert result.about.ended == "interrupted"
    assert result.total is not None
    assert result.total.requests == server.total > 20
    assert result.about.seconds < 20


@pytest.mark.parametrize("moment", ["it is imported", "it waits for workers", "it has forked"])
def test_ctrl_c_before_anything_is_sent_leaves_nothing_behind(tmp_path: Path, moment: str) -> None:
    """Neither results nor processes, though those that Locust forks would wait for it a minute."""
    out, port, before = tmp_path / "out", free_port(), signal.getsignal(signal.SIGINT)
    moments: dict[str, tuple[Workers, Callable[[], bool]]] = {
        "it is imported": (Workers(), lambda: True),
        "it waits for workers": (Workers(expected=1, port=port), lambda: listens(port)),
        "it has forked": (Workers(2), lambda: processes_of(out) == 3),
    }
    workers, has_come = moments[moment]

    def press() -> None:
        until(lambda: signal.getsignal(signal.SIGINT) is not before and has_come())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        run(Load(profile=profile(tmp_path), host="http://127.0.0.1:9", out=out), workers)
    assert not (out / ABOUT).exists()
    until(lambda: processes_of(out) == 0)


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def processes_of(out: Path) -> int:
    """How many there are of the load that writes there."""
    lines = subprocess.run(
        ["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True
    )
    return lines.stdout.count(f"--csv {out}")


def test_the_users_of_a_lost_worker_go_to_the_others_and_its_loss_is_told(
    server: Counted, tmp_path: Path
) -> None:
    """One is killed; the other, once it has all users, is told to go, and the run is over."""
    shape = {"kind": "steady", "users": 8, "ramp_seconds": 0, "seconds": 500}
    load = Load(
        profile=profile(tmp_path, think_seconds=THINKS, shape=shape),
        host=server.host,
        out=tmp_path / "out",
    )
    port = free_port()
    words = ("--worker", "--master-port", str(port))
    workers = [locust(load.variables(), *words) for _ in range(2)]
    missed: list[Progress] = []

    def lose(now: Progress) -> None:
        """What is told when the log is first read may be from just before."""
        assert now.seconds < WITHIN_SECONDS
        if server.total > 20:
            workers[0].kill()
        if "to missing" in (tmp_path / "out" / LOG).read_text():
            missed.append(now)
        if len(missed) > 1 and now.users == 8:
            workers[1].terminate()

    try:
        result = read_run(run(load, Workers(expected=2, port=port), lose))
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert result.about.ended == "lost 2 of 2 workers"


def test_a_load_ends_when_whoever_started_it_is_gone(server: Counted, tmp_path: Path) -> None:
    mine = profile(
        tmp_path,
        think_seconds=THINKS,
        shape={"kind": "steady", "users": 4, "ramp_seconds": 0, "seconds": 500},
    )
    load = Load(profile=mine, host=server.host, out=tmp_path / "out")
    starter = (
        "import sys; from pathlib import Path; from loadtest.running import run;"
        "from loadtest.target import load_from; import os; run(load_from(os.environ))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", starter], cwd=CHECKOUT, env={**os.environ, **load.variables()}
    )
    until(lambda: server.total > 20)
    process.kill()
    process.wait()
    until((tmp_path / "out" / ABOUT).is_file)
    assert read_run(tmp_path / "out").about.ended == "whoever started it is gone"


@pytest.mark.parametrize(
    ("environment", "words", "code", "said"),
    [
        ({"LOADTEST_TARGET": "table"}, (), Exit.BAD_INPUT, "LOADTEST_PREFIX: missing"),
        ({"LOADTEST_HOST": "https://example.com"}, ("--worker",), Exit.REFUSED, "is named neither"),
        ({}, ("--host", "https://example.com"), Exit.REFUSED, "example.com is named neither"),
    ],
)
def test_plain_locust_refuses_before_it_does_anything(
    tmp_path: Path, environment: dict[str, str], words: tuple[str, ...], code: int, said: str
) -> None:
    ours = Load(profile=profile(tmp_path), host="http://127.0.0.1:9").variables()
    process = locust(ours | environment, "--headless", *words)
    assert said in said_by(process)
    assert process.returncode == code


def test_the_web_page_is_on_loopback_and_refuses_other_hosts_too(
    server: Counted, tmp_path: Path
) -> None:
    """A person may type any host into it: nothing is sent there."""
    load = Load(profile=profile(tmp_path, think_seconds=THINKS), host=server.host)
    port = free_port()
    process = locust(load.variables(), "--web-port", str(port))
    page = f"http://127.0.0.1:{port}"
    try:
        until(lambda: opens(page))
        assert not opens(page.replace("127.0.0.1", "127.0.0.2"))
        start(page, server.host.replace("127.0.0.1", "localhost"))
        assert server.total == 0
        start(page, server.host)
        until(lambda: server.total > 10)
    finally:
        process.terminate()
    said = said_by(process)
    assert "localhost is named neither" in said
    assert server.total > 10


def test_a_page_that_is_left_without_a_run_leaves_no_results(tmp_path: Path) -> None:
    load = Load(profile=profile(tmp_path), host="http://127.0.0.1:9", out=tmp_path / "out")
    port = free_port()
    process = locust(load.variables(), "--web-port", str(port))
    until(lambda: opens(f"http://127.0.0.1:{port}"))
    process.terminate()
    said = said_by(process)
    assert process.returncode == 0, said
    assert not (tmp_path / "out" / ABOUT).exists()


def opens(page: str) -> bool:
    try:
        urllib.request.urlopen(page, timeout=5).close()
    except OSError:
        return False
    return True


def start(page: str, host: str) -> None:
    form = urllib.parse.urlencode({"host": host}).encode()
    urllib.request.urlopen(f"{page}/swarm", form, timeout=10).close()
    until(lambda: state(page) in ("running", "stopped"))


def state(page: str) -> str:
    with urllib.request.urlopen(f"{page}/stats/requests", timeout=5) as answer:
        return str(json.load(answer)["state"])


def test_nothing_starts_where_the_load_may_not_go(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        run(Load(profile=profile(tmp_path), host="https://example.com", out=tmp_path))
    with pytest.raises(UsageError, match="needs a folder"):
        run(Load(profile=profile(tmp_path), host="http://127.0.0.1"))


def test_a_locust_that_fails_is_quoted(tmp_path: Path) -> None:
    """A port that is taken; what an earlier run left there does not pass for this one's."""
    out = tmp_path / "out"
    out.mkdir()
    (out / ABOUT).write_text("{}")
    load = Load(profile=profile(tmp_path), host="http://127.0.0.1:9", out=out)
    with counting() as taken, pytest.raises(GtmError, match="exit code 1") as caught:
        run(load, Workers(expected=1, port=taken.port))
    assert caught.value.exit_code == Exit.FAILED
    assert "Address already in use" in str(caught.value)
    assert not (out / ABOUT).exists()


def test_progress_is_told_in_a_line() -> None:
    first, second = Progress(5, 10, 100, 0, 20.4), Progress(7, 12, 240, 3, 31)
    assert progress_line(None, first) == "    5 s  10 users  20 requests/s  p99 so far 20 ms"
    assert progress_line(first, second) == (
        "    7 s  12 users  70 requests/s  p99 so far 31 ms, 3 failed"
    )
