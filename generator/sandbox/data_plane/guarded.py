"""Processes that end with the one that started them, and ports that are kept for them.

Linux only, as HAProxy's package is.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from generator.errors import SandboxError

LOOPBACK = "127.0.0.1"
REMEDY = "    pip install -c constraints.txt -e '.[data-plane]'  (Linux on x86-64 only)"
"""For who lacks the packages of what runs here."""
_GUARD = Path(__file__).with_name("guard.py")
_TAIL = 20
_POLL_SECONDS = 0.01


class Guarded:
    """A running program and all that it starts: gone when this process is, whatever ends it."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        configuration: str = "",
        listener: socket.socket | None = None,
        folder: Path | None = None,
    ) -> None:
        """Start it in `folder`. It reads `configuration` from a pipe, and inherits `listener`."""
        self.log = log
        lifeline, held = os.pipe()
        self._held: int | None = held
        self._killing = threading.Lock()
        passed = [lifeline] if listener is None else [lifeline, listener.fileno()]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD), str(lifeline), *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=environment,
                pass_fds=passed,
                cwd=folder,
                start_new_session=True,
            )
        os.close(lifeline)
        self._tell(configuration)

    def _tell(self, configuration: str) -> None:
        assert self._process.stdin is not None
        # A program that is gone already is found out by who waits for it, with its log.
        with contextlib.suppress(BrokenPipeError), self._process.stdin as standard_input:
            standard_input.write(configuration.encode())

    @property
    def pid(self) -> int:
        """The program's own process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; a signal's number, negative, when one ended it."""
        return self._process.poll()

    def terminate(self) -> None:
        """SIGTERM to the program: it ends as it sees fit."""
        self._process.terminate()

    def wait(self, seconds: float) -> bool:
        """Whether it ends within `seconds`."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the program and all that it started. Nothing happens the second time."""
        with self._killing:
            if self._held is None:
                return
            # Its watcher is in the group until now, so the number is nobody else's.
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
            os.close(self._held)
            self._held = None


class ReservedPort:
    """A free port of loopback that nothing else is given, for a server that is told its number.

    A socket stays bound to it, without listening. Linux lets another one bind and listen there when
    both set SO_REUSEADDR, as servers do, and hands the number to nobody who asks for a free one:
    so the server may also be killed and come back on the same port.
    """

    def __init__(self) -> None:
        self._socket = bound()
        self.number = port_of(self._socket)

    def release(self) -> None:
        """Give it back."""
        self._socket.close()


def bound() -> socket.socket:
    """A socket on a free port of loopback."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((LOOPBACK, 0))
    return found


def port_of(listener: socket.socket) -> int:
    """The port that a socket is bound to."""
    return int(listener.getsockname()[1])


def import_path() -> str:
    """PYTHONPATH of our own modules as processes: this package first, wherever one stands."""
    here = str(Path(__file__).resolve().parents[3])
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))


def wait_until(holds: Callable[[], bool], process: Guarded, name: str, seconds: float) -> None:
    """Wait for a server. SandboxError with the end of its log when it ends, or takes too long."""
    deadline = time.monotonic() + seconds
    while not holds():
        if not process.is_running:
            raise SandboxError(f"{name} ended with {process.exit_code}\n{_tail(process.log)}")
        if time.monotonic() > deadline:
            raise SandboxError(f"{name} was not ready in {seconds:g} s\n{_tail(process.log)}")
        time.sleep(_POLL_SECONDS)


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-_TAIL:]
    return "\n".join(f"    {line}" for line in lines)
