"""A little load that keeps count: clients in threads, each with a connection that it keeps.

What a client was told is done, it remembers, so that it can be looked for afterwards.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

CLIENTS = 4
SECRET_HEADER = "X-Origin-Secret"
_PATIENCE = 20.0
_WAIT = 20.0


class Request(NamedTuple):
    """One request as its client saw it; the status is 0 where the connection was closed."""

    sent: float
    done: float
    what: str
    status: int

    @property
    def failed(self) -> bool:
        return not 200 <= self.status < 300


class Client:
    """A player: sessions of its own, and scores on a board that it shares with the others."""

    def __init__(self, port: int, secret: str, player: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._headers = {SECRET_HEADER: secret, "Content-Type": "application/json"}
        self.player, self.turn = player, 0
        self.requests: list[Request] = []
        self.sessions: dict[str, int] = {}
        """The newest version of each session that was acknowledged."""
        self.best = 0
        """The best score that was acknowledged."""

    def play(self) -> None:
        """One request; of five, two write a session, one a score, and two read."""
        self.turn += 1
        step = self.turn % 5
        if step == 1 or not self.sessions:
            self._create()
        elif step == 2:
            self._score()
        elif step == 3:
            self._update()
        else:
            self._read(step)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON that it is answered; None when the request failed."""
        sent = time.time()
        status, answer = self._exchange(method, path, body)
        what = f"{method} /{path.split('/')[2]}"
        self.requests.append(Request(sent, time.time(), what, status))
        return None if self.requests[-1].failed else json.loads(answer)

    def close(self) -> None:
        self._connection.close()

    def _exchange(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> tuple[int, bytes]:
        text = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, text, self._headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0, b""

    def _create(self) -> None:
        made = self.ask("POST", "/api/sessions", {"player": self.player, "data": {"turn": 0}})
        if made:
            self.sessions[made["id"]] = made["version"]

    def _update(self) -> None:
        newest = next(reversed(self.sessions))
        body = {"player": self.player, "data": {"turn": self.turn}}
        updated = self.ask("PUT", f"/api/sessions/{newest}", body)
        if updated:
            self.sessions[newest] = updated["version"]

    def _score(self) -> None:
        body = {"player": self.player, "score": self.turn}
        if self.ask("POST", "/api/boards/main/scores", body):
            self.best = self.turn

    def _read(self, step: int) -> None:
        newest = next(reversed(self.sessions))
        self.ask("GET", f"/api/sessions/{newest}" if step else "/api/boards/main?top=10")


class Load:
    """Clients that play, together so many requests a second."""

    def __init__(self, port: int, secret: str, rate: float) -> None:
        self.rate = rate
        self.clients = [Client(port, secret, f"player-{n}") for n in range(CLIENTS)]
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(c,)) for c in self.clients]

    @property
    def requests(self) -> list[Request]:
        """All requests that are done, in the order in which they were sent."""
        return sorted(request for client in self.clients for request in client.requests)

    @property
    def failed(self) -> list[Request]:
        return [request for request in self.requests if request.failed]

    def wait_for(self, requests: int) -> None:
        """Until so many more have been answered well."""
        target = self._answered() + requests
        deadline = time.monotonic() + _WAIT
        while self._answered() < target:
            assert time.monotonic() < deadline, f"no {requests} answers in {_WAIT:g} s"
            time.sleep(0.01)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()
        for client in self.clients:
            client.close()

    def _answered(self) -> int:
        return sum(not request.failed for request in self.requests)

    def _run(self, client: Client) -> None:
        pause = len(self.clients) / self.rate
        due = time.monotonic()
        while not self._done.is_set():
            client.play()
            # What could not be sent in time is not made up for: the rate is a ceiling.
            due = max(due + pause, time.monotonic())
            self._done.wait(due - time.monotonic())


@contextmanager
def load(port: int, secret: str, rate: float = 100.0) -> Iterator[Load]:
    """Load for the length of a block; its counts stay afterwards."""
    running = Load(port, secret, rate)
    running.start()
    try:
        yield running
    finally:
        running.stop()
