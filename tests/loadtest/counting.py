"""A server that answers any load at once and counts: raw asyncio, several times Locust's speed.

In a thread of the tests, which look at what it counted; for a benchmark as a process of its own:

    python -m tests.loadtest.counting      prints its port; GET /_count answers with the count
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ROUTES = (
    (re.compile(r"^/api/sessions/[^/]+$"), "/api/sessions/{id}"),
    (re.compile(r"^/api/boards/[^/]+/players/[^/]+$"), "/api/boards/{board}/players/{player}"),
    (re.compile(r"^/api/boards/[^/]+/scores$"), "/api/boards/{board}/scores"),
    (re.compile(r"^/api/boards/[^/]+$"), "/api/boards/{board}"),
    (re.compile(r"^/static/[^/]+$"), "/static/{name}"),
)


@dataclass
class Counted:
    """What came, and how the server is to answer."""

    port: int = 0
    total: int = 0
    routes: Counter[str] = field(default_factory=Counter)
    ended: list[float] = field(default_factory=list)
    """When each answer was sent, by the monotonic clock."""
    heads: list[bytes] = field(default_factory=list)
    """The head of each request."""
    statuses: dict[str, int] = field(default_factory=dict)
    """Status by `METHOD route`, where it is not the usual one."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    """Body by `METHOD route`, likewise."""
    delay: float = 0.0
    """Seconds that every answer takes."""
    over_at_once: bool = False
    """Whether every other new session is said to be over already."""
    connections: list[asyncio.Transport] = field(default_factory=list)
    keeps: bool = False
    """Whether to keep heads and times, and to tell routes apart."""

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, head: bytes) -> bytes:
        """The answer to a request with this head."""
        self.total += 1
        method, path = head.split(b" ", 2)[:2]
        status, body = 200, b"ok"
        if method == b"POST" and path == b"/api/sessions":
            status, body = 201, self._session(b"s%d" % self.total)
        elif method == b"PUT":
            body = self._session(path.rpartition(b"/")[2])
        elif path == b"/_count":
            body = b"%d" % self.total
        if self.keeps:
            route = f"{method.decode()} {_route(path.decode())}"
            self._note(head, route)
            status, body = self.statuses.get(route, status), self.bodies.get(route, body)
        text = b"HTTP/1.1 %d X\r\nLocation: http://192.0.2.1/\r\nContent-Length: %d\r\n\r\n%s"
        return text % (status, len(body), body)

    def _session(self, name: bytes) -> bytes:
        over = self.over_at_once and self.total % 2
        return b'{"id": "%s", "expires_at": %d}' % (name, 0 if over else 2**40)

    def _note(self, head: bytes, route: str) -> None:
        self.heads.append(head)
        self.ended.append(time.monotonic())
        self.routes[route] += 1


def _route(path: str) -> str:
    path = path.partition("?")[0]
    return next((route for pattern, route in _ROUTES if pattern.match(path)), path)


class _Connection(asyncio.Protocol):
    def __init__(self, counted: Counted) -> None:
        self._counted, self._unread = counted, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._counted.connections.append(transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = self._unread[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._unread) < whole:
                return
            self._unread = self._unread[whole:]
            answer = self._counted.answer(head)
            if self._counted.delay:
                loop = asyncio.get_running_loop()
                loop.call_later(self._counted.delay, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def _serve(counted: Counted, ready: threading.Event, over: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(counted), "127.0.0.1", 0)
    counted.port = server.sockets[0].getsockname()[1]
    ready.set()
    await over.wait()
    server.close()
    for connection in counted.connections:
        connection.abort()


@contextmanager
def counting() -> Iterator[Counted]:
    """A server in a thread, for the length of a block."""
    counted, ready, over = Counted(keeps=True), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(counted, ready, over),))
    thread.start()
    assert ready.wait(10)
    try:
        yield counted
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


def _main() -> None:
    counted, ready = Counted(), threading.Event()

    async def serve() -> None:
        serving = asyncio.create_task(_serve(counted, ready, asyncio.Event()))
        await asyncio.to_thread(ready.wait)
        print(counted.port, flush=True)
        await serving

    asyncio.run(serve())


if __name__ == "__main__":
    _main()
