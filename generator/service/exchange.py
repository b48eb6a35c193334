"""A request and its response: as much of ASGI as the service needs.

No framework: on the path of a cached session one cost a fifth of all requests a second, and the
service has ten paths.
https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

NO_STORE: Headers = ((b"cache-control", b"no-store"),)
_JSON: Headers = ((b"content-type", b"application/json"), *NO_STORE)
_CLOSE = (b"connection", b"close")


class Disconnected(Exception):
    """The client is gone before its body has come."""


class Request:
    """What was asked."""

    __slots__ = ("_receive", "handler", "headers", "method", "path", "query")

    def __init__(self, scope: Message, receive: Receive) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.handler = ""
        """What logs call it, once it is known."""
        self._receive = receive

    def header(self, wanted: bytes) -> bytes:
        """The header with this name, in small letters; empty where there is none."""
        for name, value in self.headers:
            if name == wanted:
                return value
        return b""

    def parameter(self, wanted: str) -> str | None:
        """The first value of this name in the query."""
        pairs = parse_qsl(self.query.decode("latin-1"), keep_blank_values=True)
        return next((value for name, value in pairs if name == wanted), None)

    async def read(self, most: int) -> bytes:
        """The body; a byte more than `most` of one that is longer. Raises Disconnected."""
        body, is_more = bytearray(), True
        while is_more and len(body) <= most:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body += message.get("body", b"")
            is_more = message.get("more_body", False)
        return bytes(body[: most + 1])


class Response(NamedTuple):
    """What is answered."""

    status: int
    body: bytes = b""
    headers: Headers = NO_STORE
    cause: str = ""
    """Where a failure comes from, for the log."""

    async def send(self, send: Send, is_last: bool) -> None:
        """Answer; the last answer of a connection says so."""
        headers = list(self.headers)
        if self.body:
            headers.append((b"content-length", b"%d" % len(self.body)))
        if is_last:
            headers.append(_CLOSE)
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def json_response(body: bytes | dict[str, Any], status: int = 200) -> Response:
    """JSON that nobody may keep."""
    encoded = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    return Response(status, encoded, _JSON)
