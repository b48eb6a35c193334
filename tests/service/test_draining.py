"""SIGTERM: whoever leaves, no request fails for it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from math import ceil
from pathlib import Path
from threading import Event

import pytest

from generator.sandbox.data_plane.valkey import Valkey
from generator.service.draining import QUIET_SECONDS
from tests.sandbox.data_plane.standing import ORIGIN_SECRET
from tests.service.conftest import Launch
from tests.service.local import WITHIN, Service, until

CHECKS = 2
"""That have to fail for a target to be unhealthy."""


class Balancer:
    """Sends to the first of two until its health checks fail, as a load balancer does."""

    def __init__(self, first: Service, second: Service, interval: float) -> None:
        self._first, self._second, self._interval = first, second, interval
        self._is_healthy = True
        self.has_checked, self.done = Event(), Event()

    def check(self) -> None:
        """Two in a row have to fail; that takes the longest when SIGTERM comes after a good one."""
        failed = 0
        while failed < CHECKS and not self.done.wait(self._interval):
            is_good = self._first.ask("GET", "/healthz").status == 200
            failed = 0 if is_good else failed + 1
            self.has_checked.set()
        self._is_healthy = False

    def load(self, pause: float) -> list[tuple[Service, int, bool]]:
        """One client's requests: who answered, how, and whether the connection was to close.

        The last one is answered by who stays.
        """
        answers: list[tuple[Service, int, bool]] = []
        connections: dict[Service, http.client.HTTPConnection] = {}
        target = self._first
        while not (self.done.wait(pause) and target is self._second):
            target = self._first if self._is_healthy else self._second
            connection = connections.setdefault(
                target,
                http.client.HTTPConnection("127.0.0.1", target.instance.port, timeout=10),
            )
            connection.request("GET", "/api/time", headers={"X-Origin-Secret": ORIGIN_SECRET})
            response = connection.getresponse()
            response.read()
            answers.append((target, response.status, response.will_close))
        for connection in connections.values():
            connection.close()
        return answers


@pytest.mark.parametrize(
    ("clients", "pause", "interval"),
    [
        pytest.param(4, 0.0, 0.3, id="busy"),
        pytest.param(1, 1.4 * QUIET_SECONDS, 0.95, id="a request now and then"),
    ],
)
def test_no_request_fails_when_an_instance_leaves(
    launch: Launch, valkey: Valkey, service: Service, clients: int, pause: float, interval: float
) -> None:
    """Nobody told the load balancer, and its last check before was a good one."""
    leaving = launch(valkey.port, NOTICE_SECONDS=str(ceil(CHECKS * interval)))
    balancer = Balancer(leaving, service, interval)
    with ThreadPoolExecutor(6) as threads, ExitStack() as stack:
        stack.callback(balancer.done.set)
        checks = threads.submit(balancer.check)
        assert balancer.has_checked.wait(WITHIN)
        loads = [threads.submit(balancer.load, pause) for _ in range(clients)]
        slow = threads.submit(leaving.ask, "GET", "/api/work?cost=900")
        until(lambda: leaving.ask("GET", "/healthz").status == 200)
        leaving.instance.terminate()
        assert leaving.instance.wait(WITHIN), "it leaves when nothing comes, not when time is up"
    checks.result()
    answers = [each for load in loads for each in load.result()]
    assert {status for _, status, _ in answers} == {200}
    asked_to_close = [who for who, _, closes in answers if closes]
    assert set(asked_to_close) == {leaving}, "it served on, and let its connections go"
    assert answers[-1][0] is service
    assert slow.result().status == 200
    assert leaving.instance.exit_code == 0


def test_it_leaves_in_time_from_clients_that_do_not_stop(launch: Launch, valkey: Valkey) -> None:
    """And SIGTERM again, as systemd and a supervisor may send it, changes nothing."""
    seconds = 3
    service = launch(valkey.port, DRAIN_SECONDS=str(seconds))
    began = time.monotonic()
    answers = []
    while service.instance.exit_code is None:
        service.instance.terminate()
        with suppress(OSError):  # in the end the listener is closed
            answers.append((service.ask("GET", "/healthz").status, service.ask("GET", "/").status))
    assert time.monotonic() - began < seconds
    assert set(answers[1:]) == {(503, 307)}
    assert service.instance.exit_code == 0


def test_several_workers_leave_together_and_one_that_is_lost_is_replaced(
    launch: Launch, valkey: Valkey
) -> None:
    service = launch(valkey.port, WORKERS="2", NOTICE_SECONDS="0")
    until(lambda: len(workers(service)) == 2)
    lost, kept = workers(service)
    os.kill(lost, signal.SIGKILL)
    until(lambda: len(workers(service)) == 3)
    assert service.ask("GET", "/api/time").status == 200
    service.instance.terminate()
    assert service.instance.wait(WITHIN)
    assert service.instance.exit_code == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers(service))
    assert kept in [line["pid"] for line in service.log_lines() if line.get("message") == "stopped"]


SIGTERM_AS_A_WORKER_ENDS = """
import os, signal
from generator.service.workers import run_workers

reap = os.wait

def interrupted():
    ended = reap()
    os.kill(os.getpid(), signal.SIGTERM)
    return ended

os.wait = interrupted
raise SystemExit(run_workers(1, lambda: None))
"""


def test_a_signal_that_comes_as_a_worker_ends_is_no_fault() -> None:
    """The system knows no such process any more, and the watcher still does."""
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-P", "-c", SIGTERM_AS_A_WORKER_ENDS]
    environment = {"PYTHONPATH": root}
    ended = subprocess.run(command, env=environment, stderr=subprocess.PIPE, timeout=WITHIN)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections")
def test_a_burst_of_connections_is_spread_over_the_workers(launch: Launch, valkey: Valkey) -> None:
    count, burst = 4, 64
    service = launch(valkey.port, WORKERS=str(count), DRAIN_SECONDS="2")
    until(lambda: len(of_port(service.instance.port, LISTEN)) == count)
    with ExitStack() as stack:
        for _ in range(burst):
            connection = stack.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", service.instance.port))
        held: list[int] = []

        def are_accepted() -> bool:
            connected = of_port(service.instance.port, ESTABLISHED)
            held[:] = [len(connected & sockets(pid)) for pid in workers(service)]
            return sum(held) == burst

        until(are_accepted)
    assert max(held) <= 40, held


LISTEN, ESTABLISHED = "0A", "01"


def of_port(port: int, state: str) -> set[str]:
    """The server's sockets of a port that are in a state (proc_pid_net(5): address, st, inode)."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    wanted = (f"{port:04X}", state)
    return {f"socket:[{line[9]}]" for line in lines if (line[1][-4:], line[3]) == wanted}


def sockets(pid: int) -> set[str]:
    """Those that a process holds."""
    held = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            held.add(str(each.readlink()))
    return held


def workers(service: Service) -> list[int]:
    """The processes that have begun to serve."""
    return [line["pid"] for line in service.log_lines() if line.get("message") == "started"]
