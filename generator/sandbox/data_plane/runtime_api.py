"""HAProxy's Runtime API over a unix socket: servers come and go without a reload.

https://docs.haproxy.org/2.8/management.html#9.3
"""

from __future__ import annotations

import csv
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from generator.errors import SandboxError

BACKEND = "targets"
_SERVERS_ONLY = 4
_PATIENCE = 5.0


class Server(NamedTuple):
    """A target as HAProxy sees it."""

    name: str
    status: str
    """`UP`, `DOWN`, `DRAIN`, `MAINT`; on the way from one to the other with a count: `UP 1/2`."""
    requests_in_flight: int
    requests: int
    """Since it was added."""
    failures: int
    """Connections refused, answers that never came, and answers of 500 and above."""

    @property
    def is_in_service(self) -> bool:
        """Whether it is given requests."""
        return self.status.startswith("UP")


class RuntimeApi:
    """What an operator types into HAProxy's socket. SandboxError when it is refused, or HAProxy
    is gone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, name: str, port: int, checked: str) -> None:
        """A server that is given requests from now on, and checked as `checked` says."""
        server = f"{BACKEND}/{name}"
        self._order(f"add server {server} 127.0.0.1:{port} {checked}", "New server registered")
        self._order(f"enable health {server}")
        self._order(f"enable server {server}")

    def drain(self, name: str) -> None:
        """No new requests for it; what it has begun it ends."""
        self._order(f"set server {BACKEND}/{name} state drain")

    def leave(self, name: str) -> None:
        """No requests and no checks; its idle connections are closed."""
        self._order(f"set server {BACKEND}/{name} state maint")

    def forget(self, name: str) -> bool:
        """Whether a server that was left could be deleted: not while a connection is open."""
        return "Server deleted" in self._ask(f"del server {BACKEND}/{name}")

    def servers(self) -> tuple[Server, ...]:
        """All servers, in the order in which they were added."""
        table = self._ask(f"show stat {BACKEND} {_SERVERS_ONLY} -1").removeprefix("# ")
        return tuple(map(_server, csv.DictReader(table.splitlines())))

    def _order(self, command: str, expected: str = "") -> None:
        """HAProxy has no exit codes: done is silence, or one known sentence."""
        answer = self._ask(command).strip()
        if answer.rstrip(".") != expected:
            raise SandboxError(f"HAProxy refused `{command}`: {answer or 'no answer'}")

    def _ask(self, command: str) -> str:
        try:
            return self._exchange(command)
        except OSError as error:
            raise SandboxError(f"HAProxy does not answer `{command}`: {error}") from error

    def _exchange(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(str(self._path))
            connection.sendall(f"{command}\n".encode())
            with connection.makefile("rb") as file:
                answer = file.read().decode()
        # An empty line ends each answer, so one without it is of a HAProxy that has just ended.
        if not f"\n{answer}".endswith("\n\n"):
            raise ConnectionError("the answer is cut off")
        return answer


def _server(row: Mapping[str, str]) -> Server:
    return Server(
        name=row["svname"],
        status=row["status"],
        requests_in_flight=int(row["scur"]),
        requests=int(row["stot"]),
        failures=sum(int(row[column] or 0) for column in ("econ", "eresp", "hrsp_5xx")),
    )
