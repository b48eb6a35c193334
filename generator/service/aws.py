"""Clients of the Region's AWS services, whose calls may not hold up anything else.

botocore waits; so its calls run in threads, and there are only so many of them, and only so many
calls may wait for one: what is out must not pile up requests until the process dies of them.

Retries are botocore's standard mode: exponential with full jitter, and a quota, so that a service
that is out is not asked ever more.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html

What was answered 503 is not carried out later: who was told so may have written something else in
the meantime, which an old write would undo. So nothing is sent that can't end before the deadline,
be it a call that waited for a thread, a call's next attempt, or one whose connection took long to
make: a name that resolves late is bound by no timeout. What was sent in time and is not answered
in time may still be carried out: nothing calls it back.
"""

from __future__ import annotations

import asyncio
import io
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import botocore.session
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

from .credentials import look_later
from .problems import Unavailable

ATTEMPTS = 3
CONNECT_SECONDS = 0.5
READ_SECONDS = 1.5
DEADLINE_SECONDS = 6.0
"""Of a call with all its retries: the answer then is 503. Pauses between them take up to 3 s."""
LAST_SEND_SECONDS = DEADLINE_SECONDS - CONNECT_SECONDS - READ_SECONDS
"""Into a call. What is sent later might end after the deadline."""
THREADS = 32
MOST_CALLS = 256


class _Thread(threading.local):
    """What a thread knows of the call that it makes."""

    sends_until = math.inf
    """In the time of time.monotonic()."""


class _Body(io.BytesIO):
    """A request's body, read once there is a connection; a request without its body is none."""

    def __init__(self, content: bytes, refuse_late: Callable[[], None]) -> None:
        super().__init__(content)
        self._refuse_late = refuse_late

    def read(self, size: int | None = -1, /) -> bytes:
        """Raises Unavailable."""
        self._refuse_late()
        return super().read(size)


class Aws:
    """Makes clients, and calls."""

    def __init__(self, region: str) -> None:
        self._session = botocore.session.get_session()
        self._session.set_config_variable("region", region)
        look_later(self._session)
        self._thread = _Thread()
        self._session.register("before-send", self._send_in_time)
        self._config = Config(
            region_name=region,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=THREADS,
            tcp_keepalive=True,
            # Parameters are made here, never by users: DynamoDB checks what is left to check.
            parameter_validation=False,
        )
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aws")
        self.waiting = 0
        """Calls under way and waiting for a thread."""

    def client(self, service: str) -> Any:
        """A client of the Region's endpoint; it asks nothing yet, nor for credentials."""
        return self._session.create_client(service, config=self._config)

    async def call(self, operation: Callable[..., Any], /, **parameters: Any) -> dict[str, Any]:
        """The operation's answer. Raises what botocore raises, and Unavailable when it can't wait.

        The thread of a call that took too long counts until it comes back.
        """
        if self.waiting >= MOST_CALLS:
            raise Unavailable("too many requests wait for AWS", "calls queue up")
        self.waiting += 1
        sends_until = time.monotonic() + LAST_SEND_SECONDS
        under_way = asyncio.get_running_loop().run_in_executor(
            self._threads, self._begin, sends_until, partial(operation, **parameters)
        )
        under_way.add_done_callback(self._returned)
        done, _ = await asyncio.wait([under_way], timeout=DEADLINE_SECONDS)
        if not done:
            raise _too_late()
        answer: dict[str, Any] = under_way.result()
        return answer

    def close(self) -> None:
        """Let go of the threads; those that still wait end when their call does."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _begin(self, sends_until: float, operation: Callable[[], Any]) -> Any:
        """In the call's thread, when there is one for it."""
        self._thread.sends_until = sends_until
        self._refuse_late()
        return operation()

    def _send_in_time(self, request: AWSPreparedRequest, **_: object) -> None:
        """botocore emits before-send for each attempt, and takes what it raises for the answer."""
        self._refuse_late()
        request.body = _Body(request.body, self._refuse_late)

    def _refuse_late(self) -> None:
        if time.monotonic() > self._thread.sends_until:
            raise _too_late()

    def _returned(self, call: asyncio.Future[Any]) -> None:
        self.waiting -= 1
        if not call.cancelled():
            call.exception()  # known, whether or not somebody still waits for it


def _too_late() -> Unavailable:
    return Unavailable("AWS does not answer in time", "deadline")
