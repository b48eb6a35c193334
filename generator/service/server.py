"""uvicorn, with its limits, and with what a signal means here.

It is the pure Python one, h11 on asyncio: the same archive runs on arm64 and x86.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from .app import running
from .draining import Draining
from .gate import Gate
from .logs import log
from .settings import Settings

BACKLOG = 1024
MOST_HEADER_BYTES = 32 * 1024
"""CloudFront's own limit of a request, without its body."""


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until a signal, in this process."""
    asyncio.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    draining = Draining(settings.drain_seconds, settings.notice_seconds)
    async with running(settings, draining) as gate:
        config = _config(settings, draining, gate)
        _settle()
        log.info("started", extra={"pid": os.getpid()})
        await _Server(config, draining, settings.drain_seconds).serve(sockets=[listener])
    log.info("stopped", extra={"pid": os.getpid()})


def _settle() -> None:
    """What stands now stays: botocore's models alone are objects enough for pauses that show.

    https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.collect()
    gc.freeze()


def _config(settings: Settings, draining: Draining, gate: Gate) -> uvicorn.Config:
    return uvicorn.Config(
        gate,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=draining.finishing_seconds,
    )


class _Server(uvicorn.Server):
    """SIGTERM drains, and ends with 0; SIGINT, from a person's terminal, ends at once."""

    def __init__(self, config: uvicorn.Config, draining: Draining, seconds: int) -> None:
        super().__init__(config)
        self._draining, self._seconds = draining, seconds

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Instead of uvicorn's own, which closes the listener as the first thing."""
        signal.signal(signal.SIGTERM, self._drain)
        signal.signal(signal.SIGINT, self.handle_exit)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                # It is ending: to be asked again must not change how.
                signal.signal(number, signal.SIG_IGN)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        self.should_exit = self.should_exit or self._draining.is_over()
        return await super().on_tick(counter)

    def _drain(self, _: int, __: FrameType | None) -> None:
        if not self._draining.has_begun:
            self._draining.begin()
            # The system ends what overstays, such as a thread that waits for an answer.
            signal.alarm(self._seconds)
