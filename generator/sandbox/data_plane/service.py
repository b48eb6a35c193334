"""One process of the service on loopback, where the platform has an EC2 instance."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.sandbox.data_plane.guarded import (
    LOOPBACK,
    Guarded,
    ReservedPort,
    import_path,
    wait_until,
)

COMMAND = (sys.executable, "-P", "-m", "generator.service")
_READY_WITHIN = 30.0
_CHECK_SECONDS = 2.0


class Instance:
    """A service process: its id, its port, and the log that it writes."""

    def __init__(
        self,
        name: str,
        folder: Path,
        environment: Mapping[str, str],
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Start it. `environment` is all that it gets, but for where it is to listen."""
        self.name = name
        self.health_path = environment["HEALTH_PATH"]
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        place = {"HOST": LOOPBACK, "PORT": str(self.port), "PYTHONPATH": import_path()}
        self._process = Guarded(command, folder / f"{name}.log", {**environment, **place})

    def wait_until_healthy(self) -> None:
        """Raises SandboxError with the end of its log when it ends, or takes too long."""
        wait_until(self._is_healthy, self._process, self.name, _READY_WITHIN)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; a signal's number, negative, when one ended it."""
        return self._process.exit_code

    def terminate(self) -> None:
        """SIGTERM, as systemd stops a unit: it ends what it has begun."""
        self._process.terminate()

    def wait(self, seconds: float) -> bool:
        """Whether it ends within `seconds`."""
        return self._process.wait(seconds)

    def kill(self) -> None:
        """As when an instance is lost: at once. Its port stays its own."""
        self._process.kill()

    def close(self) -> None:
        """End it at once, and give the port back."""
        self._process.kill()
        self._reserved.release()

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=_CHECK_SECONDS)
        try:
            connection.request("GET", self.health_path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
