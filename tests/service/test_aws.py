"""What AWS does not answer holds up nobody else, and no more than it has to."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from generator import names
from generator.service import aws, credentials
from generator.service.metrics import Metrics
from generator.service.problems import Unavailable
from generator.service.table import Table
from tests.sandbox.data_plane.standing import HOME, SETTINGS
from tests.service.faulty_table import HANGS, THROTTLED, FaultyTable, faulty_table
from tests.service.local import WITHIN, Place

KEYS = {
    "Code": "Success",
    "AccessKeyId": "an id",
    "SecretAccessKey": "a secret",
    "Token": "a token",
    "Expiration": "2099-01-01T00:00:00Z",
}


@contextmanager
def service_that_hangs() -> Iterator[tuple[aws.Aws, Event]]:
    calls, answer = aws.Aws("eu-west-1"), Event()
    try:
        yield calls, answer
    finally:
        answer.set()
        calls.close()


def test_a_call_without_an_answer_ends_and_its_thread_counts_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws, "DEADLINE_SECONDS", 0.05)
    monkeypatch.setattr(aws, "MOST_CALLS", 2)

    async def ask(calls: aws.Aws, answer: Event) -> None:
        for _ in range(2):
            with pytest.raises(Unavailable, match="does not answer in time"):
                await calls.call(answer.wait)
        with pytest.raises(Unavailable, match="too many"):
            await calls.call(dict)
        answer.set()
        while calls.waiting:
            await asyncio.sleep(0.01)
        assert await calls.call(dict, a=1) == {"a": 1}

    with service_that_hangs() as (calls, answer):
        asyncio.run(ask(calls, answer))


def test_what_was_refused_for_its_time_is_not_carried_out_later(
    stores: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a call that waits for a thread nor one's next attempt: an old write undoes others."""
    monkeypatch.setattr(aws, "DEADLINE_SECONDS", 0.3)
    monkeypatch.setattr(aws, "LAST_SEND_SECONDS", 0.2)
    monkeypatch.setattr(aws, "THREADS", 1)
    for name, value in stores.account.environment(HOME).items():
        monkeypatch.setenv(name, value)

    async def ask(table: Table, calls: aws.Aws, server: FaultyTable) -> None:
        server.fault = HANGS
        writes = [table.put({"session_id": each, "version": 1}) for each in ("sent", "waiting")]
        refused = await asyncio.gather(*writes, return_exceptions=True)
        assert [each.cause for each in refused if isinstance(each, Unavailable)] == ["deadline"] * 2
        server.fault = ""
        server.goes_on.set()
        while calls.waiting:
            await asyncio.sleep(0.01)
        assert server.calls == 1
        assert await table.get({"session_id": "waiting"}) is None

    with faulty_table(stores.account.sandbox.endpoint) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
        calls = aws.Aws(HOME)
        table = Table(calls, names.table(SETTINGS, "sessions"), Metrics("n", "p", "r"))
        asyncio.run(ask(table, calls, server))
        calls.close()


def test_what_waited_too_long_for_a_connection_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name may resolve late, which no timeout of a connection bounds."""
    monkeypatch.setattr(aws, "DEADLINE_SECONDS", 0.3)
    monkeypatch.setattr(aws, "LAST_SEND_SECONDS", 0.2)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    resolve, asked, answers = socket.getaddrinfo, Event(), Event()

    def resolve_late(*name: Any, **hints: Any) -> Any:
        asked.set()
        answers.wait(WITHIN)
        return resolve(*name, **hints)

    async def ask(calls: aws.Aws) -> None:
        table = Table(calls, "any", Metrics("n", "p", "r"))
        with pytest.raises(Unavailable, match="does not answer in time"):
            await table.put({"session_id": "late"})
        answers.set()
        while calls.waiting:
            await asyncio.sleep(0.01)

    with faulty_table("") as server:
        server.fault = THROTTLED
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
        monkeypatch.setattr(socket, "getaddrinfo", resolve_late)
        calls = aws.Aws(HOME)
        asyncio.run(ask(calls))
        calls.close()
    assert asked.is_set()
    assert server.calls == 0


def test_what_could_not_end_in_time_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or it might still be under way when its 503 is answered."""
    monkeypatch.setattr(aws, "THREADS", 1)
    begun = []

    async def ask(calls: aws.Aws, answer: Event) -> None:
        has_thread = Event()

        def hold() -> bool:
            has_thread.set()
            return answer.wait()

        first = asyncio.create_task(calls.call(hold))
        assert await asyncio.to_thread(has_thread.wait, WITHIN)
        monkeypatch.setattr(aws, "LAST_SEND_SECONDS", 0.05)
        late = asyncio.create_task(calls.call(lambda: begun.append("late")))
        await asyncio.sleep(0.1)
        answer.set()
        with pytest.raises(Unavailable, match="does not answer in time"):
            await late
        await first

    with service_that_hangs() as (calls, answer):
        asyncio.run(ask(calls, answer))
    assert not begun


def test_what_a_call_raises_is_raised() -> None:
    async def ask(calls: aws.Aws) -> None:
        with pytest.raises(ZeroDivisionError):
            await calls.call(lambda: 1 / 0)

    with service_that_hangs() as (calls, _):
        asyncio.run(ask(calls))


class Imds(BaseHTTPRequestHandler):
    """The instance metadata service; it knows of a role once there is one."""

    role = ""

    def do_PUT(self) -> None:
        self._answer(200, "a token")

    def do_GET(self) -> None:
        if not self.role:
            self._answer(404, "")
        elif self.path.endswith("/"):
            self._answer(200, self.role)
        else:
            self._answer(200, json.dumps(KEYS))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def imds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[type[Imds]]:
    """All that this process may ask for credentials."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setattr(Imds, "role", "")
    with ThreadingHTTPServer(("127.0.0.1", 0), Imds) as server:
        endpoint = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Imds
        server.shutdown()
        thread.join()


def test_credentials_that_come_later_than_the_process_are_found(
    imds: type[Imds], stores: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them a call is refused, and none is ever without them for having come too early."""
    monkeypatch.setattr(credentials, "PAUSE_SECONDS", 0.0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", stores.account.sandbox.endpoint)
    monkeypatch.setitem(KEYS, "AccessKeyId", stores.account.id)

    async def ask(calls: aws.Aws) -> None:
        table = Table(calls, names.table(SETTINGS, "sessions"), Metrics("n", "p", "r"))
        for _ in range(2):
            with pytest.raises(Unavailable) as refused:
                await table.get({"session_id": "none"})
            assert refused.value.cause == "NoCredentialsError"
        imds.role = "service"
        assert await table.get({"session_id": "none"}) is None

    calls = aws.Aws(HOME)
    asyncio.run(ask(calls))
    calls.close()
