"""What runs ends with the one that started it, however that ends; ports are nobody else's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from generator.errors import SandboxError
from generator.sandbox.data_plane.guarded import Guarded, ReservedPort, wait_until
from tests.sandbox.data_plane import stand_in
from tests.sandbox.test_process import eventually, is_listening

SLEEP = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]
WITH_A_CHILD = [
    *(sys.executable, "-I", "-S", "-c"),
    "import os, time; print(os.fork(), flush=True); time.sleep(60)",
]
PARENT = """
import sys, time
from pathlib import Path
from generator.sandbox.data_plane.plane import Plan, running
folder = Path(sys.argv[1])
environment = {"PATH": "/usr/bin", "HEALTH_PATH": "/healthz"}
with running(Plan("eu-west-1", environment, command=sys.argv[2:]), folder) as plane:
    ports = [plane.valkey.port, plane.balancer.port]
    print(*ports, *(each.port for each in plane.instances.values()), flush=True)
    time.sleep(60)
"""


@contextmanager
def started(command: list[str], log: Path) -> Iterator[Guarded]:
    process = Guarded(command, log)
    try:
        yield process
    finally:
        process.kill()


def is_there(pid: int) -> bool:
    """A process that has ended and is not collected yet is not there."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_data_plane_goes_with_who_started_it(number: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path), *stand_in.COMMAND]
    with subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # a killed one leaves its folder behind
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        ports = [int(word) for word in parent.stdout.readline().split()]
        assert len(ports) == 4
        assert all(map(is_listening, ports))
        parent.send_signal(number)
    assert eventually(lambda: not any(map(is_listening, ports)))


def test_signals_and_exit_codes_are_the_programs_own(tmp_path: Path) -> None:
    script = "import signal, sys; signal.signal(15, lambda *_: sys.exit(7)); print(1, flush=True)"
    log = tmp_path / "log"
    with started([*SLEEP[:-1], f"{script}; signal.pause()"], log) as process:
        assert eventually(lambda: log.read_text() == "1\n")
        process.terminate()
        assert process.wait(20)
        assert process.exit_code == 7


def test_a_kill_takes_along_what_the_program_has_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with started(WITH_A_CHILD, log) as process:
        assert eventually(lambda: len(log.read_text().split()) == 2)
        child = max(map(int, log.read_text().split()))
        assert is_there(child)
        process.kill()
        assert eventually(lambda: not is_there(child))
        assert process.exit_code == -signal.SIGKILL


def test_killing_twice_is_no_error(tmp_path: Path) -> None:
    """Not at the same time either."""
    with started(SLEEP, tmp_path / "log") as process, ThreadPoolExecutor(8) as threads:
        for killed in [threads.submit(process.kill) for _ in range(8)]:
            killed.result()
        assert not process.is_running


def test_nothing_stays_open(tmp_path: Path) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    with started(SLEEP, tmp_path / "log"):
        pass
    assert set(Path("/proc/self/fd").iterdir()) == before


def test_why_it_did_not_start_is_told(tmp_path: Path) -> None:
    failing = [*SLEEP[:-1], "import sys; sys.exit('not today')"]
    with (
        started(failing, tmp_path / "log") as process,
        pytest.raises(SandboxError, match=r"(?s)^Valkey ended with 1\n.*not today"),
    ):
        wait_until(lambda: False, process, "Valkey", 20)


def test_how_long_it_took_is_told(tmp_path: Path) -> None:
    with (
        started(SLEEP, tmp_path / "log") as process,
        pytest.raises(SandboxError, match=r"Valkey was not ready in 0.05 s"),
    ):
        wait_until(lambda: False, process, "Valkey", 0.05)


def test_a_reserved_port_is_taken_by_a_server_again_and_again() -> None:
    reserved = ReservedPort()
    for _ in range(2):
        with socket.create_server(("127.0.0.1", reserved.number)) as server:
            assert is_listening(reserved.number)
            server.close()
        assert not is_listening(reserved.number)
    reserved.release()


def test_a_reserved_port_is_given_to_nobody_else() -> None:
    reserved = ReservedPort()
    with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
        other.bind(("127.0.0.1", reserved.number))
    reserved.release()
