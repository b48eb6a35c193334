"""A server that answers any load at once and counts: raw asyncio, several times Locust's speed.

In a thread of the tests, which look at what it counted; for a benchmark as a process of its own:

    python -m tests.loadtest.counting      prints its port; GET /_count answers with the count
"""

from __future__ import annotations

import asyncio
import json
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
    lifetime: float = 3600.0
    """Seconds that a new session is said to live."""
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
        made = method == b"POST" and path == b"/api/sessions"
        status = 201 if made else 200
        if self.keeps:
            status = self._note(head, f"{method.decode()} {_route(path.decode())}", status)
        body = b"ok"
        if made:
            session = {"id": f"s{self.total}", "expires_at": time.time() + self.lifetime}
            body = json.dumps(session).encode()
        if path == b"/_count":
            body = b"%d" % self.total
        return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)

    def _note(self, head: bytes, route: str, status: int) -> int:
        self.heads.append(head)
        self.ended.append(time.monotonic())
        self.routes[route] += 1
        return self.statuses.get(route, status)


def _route(path: str) -> str:
    path = path.partition("?")[0]
    return next((route for pattern, route in _ROUTES if pattern.match(path)), path)


class _Connection(asyncio.Protocol):
    def __init__(self, counted: Counted) -> None:
        self._counted, self._unread = counted, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = self._unread[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._unread) < whole:
                return
            self._unread = self._unread[whole:]
            self._transport.write(self._counted.answer(head))


async def _serve(counted: Counted, ready: threading.Event, over: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(counted), "127.0.0.1", 0)
    counted.port = server.sockets[0].getsockname()[1]
    ready.set()
    await over.wait()
    server.close()


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
