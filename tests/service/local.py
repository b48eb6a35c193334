"""The real service as a process, and what it needs on loopback.

Stores are made as the platform's stacks say, in two Regions of the sandbox; caches are real Valkey
servers with the user of the cache layer, and no more rights than hers.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from generator import names
from generator.layers.cache.users import APP_RIGHTS, USER
from generator.sandbox.data_plane.service import Instance
from generator.sandbox.data_plane.valkey import User, Valkey
from tests.local_aws import Account
from tests.sandbox.data_plane.standing import ORIGIN_SECRET, PASSWORD, SETTINGS

DRAIN_SECONDS, NOTICE_SECONDS = 60, 1
WITHIN = 20.0
CACHE_USER = User(USER, PASSWORD, APP_RIGHTS)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class Service:
    """A process of the service, and a way to ask it things."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.instance = Instance(name, folder, environment)
        self._log = folder / f"{name}.log"

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        secret: str = ORIGIN_SECRET,
    ) -> Answer:
        """One request on a connection of its own; a body that is not bytes becomes JSON."""
        given = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.instance.port, timeout=WITHIN)
        try:
            sent = {"X-Origin-Secret": secret, **(headers or {})}
            connection.request(method, path, given, sent)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The JSON at a path; fails when there is none."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.json

    def new_session(self, **data: object) -> Any:
        """A session that has just been made."""
        answer = self.ask("POST", "/api/sessions", {"player": "kim", "data": data})
        assert answer.status == 201, answer
        return answer.json

    def write_session(self, session_id: str, **data: object) -> Any:
        """Its next version."""
        answer = self.ask("PUT", f"/api/sessions/{session_id}", {"data": data})
        assert answer.status == 200, answer
        return answer.json

    def record(self, board: str, player: str, score: int) -> int:
        """A score; the best so far comes back."""
        path, body = f"/api/boards/{board}/scores", {"player": player, "score": score}
        answer = self.ask("POST", path, body)
        assert answer.status == 200, answer
        best: int = answer.json["score"]
        return best

    def cache_is(self, state: str) -> bool:
        """Whether /readyz says so of the cache."""
        return bool(self.get("/readyz")["cache"] == state)

    def log(self) -> str:
        """All that it wrote by now."""
        return self._log.read_text()

    def log_lines(self) -> list[dict[str, Any]]:
        """Its log's lines: all of them are JSON."""
        return [json.loads(line) for line in self.log().splitlines()]


class Place(NamedTuple):
    """An account in which the stores stand."""

    account: Account

    def environment(self, region: str, cache_port: int, **more: str) -> dict[str, str]:
        """What an instance's user data writes."""
        return {
            **self.account.environment(region),
            "PLATFORM": SETTINGS.prefix,
            "HEALTH_PATH": "/healthz",
            "STATIC_PATH": "/static/",
            "KEEP_ALIVE_SECONDS": "70",
            "NOTICE_SECONDS": str(NOTICE_SECONDS),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
            "CACHE_HOST": "127.0.0.1",
            "CACHE_PORT": str(cache_port),
            "CACHE_TLS": "false",
            "CACHE_CLUSTER": "false",
            "CACHE_SECRET": names.cache_secret(SETTINGS),
            "ORIGIN_SECRET": names.origin_secret(SETTINGS),
            "SESSIONS_TABLE": names.table(SETTINGS, "sessions"),
            "RANKING_TABLE": names.table(SETTINGS, "ranking"),
            "LOG_GROUP": names.service_log_group(SETTINGS),
            "METRIC_NAMESPACE": names.service_namespace(SETTINGS),
            "WORKERS": "1",
            **more,
        }


def new_valkey(folder: Path) -> Valkey:
    """A server that lets the service in, and nobody else."""
    folder.mkdir(exist_ok=True)
    return Valkey(folder, CACHE_USER)


def until(holds: Callable[[], object], within: float = WITHIN) -> None:
    """Wait for something to become true; fails when it does not."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
