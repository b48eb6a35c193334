"""Calls of this server to itself, without a connection.

A client of ours signs its request and reads the answer as ever; what lies between, a socket and
HTTP on both of its ends, is left out. Half of a rollout's requests are such calls.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
"""As ASGI has it: https://asgi.readthedocs.io/en/latest/specs/www.html"""


def answering(
    application: Application, loop: asyncio.AbstractEventLoop
) -> Callable[..., AWSResponse]:
    """What answers botocore's `before-send` in place of the network, on any thread but the loop's.

    A call inherits nothing from the thread that makes it, as if it came from outside.
    """

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        asking = _ask(application, request)
        called = contextvars.Context().run(asyncio.run_coroutine_threadsafe, asking, loop)
        return called.result()

    return answer


async def _ask(application: Application, request: AWSPreparedRequest) -> AWSResponse:
    head: Message = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": _bytes(request.body or b"")}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            head.update(message)
        else:
            parts.append(message.get("body", b""))

    await application(_scope(request), receive, send)
    headers = {name.decode(): value.decode() for name, value in head["headers"]}
    raw = urllib3.HTTPResponse(io.BytesIO(b"".join(parts)), preload_content=False)
    return AWSResponse(request.url, head["status"], headers, raw)


def _scope(request: AWSPreparedRequest) -> Message:
    url = urlsplit(request.url)
    given = {"host": url.netloc, **{name.lower(): v for name, v in request.headers.items()}}
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path),
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "headers": [(name.encode(), _bytes(value)) for name, value in given.items()],
        "client": (url.hostname, 0),
        "server": (url.hostname, url.port),
    }


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
