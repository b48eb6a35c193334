"""Reads that wait at the same time go out as one command.

A round trip through a client library costs more than all else that a cached read does. So one
batch is on its way, and what is asked for meanwhile is the next one: a lone read goes at once, and
the busier the process is, the less each costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

MOST = 256
"""Keys of one command: a longer one would hold up everybody else's."""

Fetch = Callable[[Sequence[str]], Awaitable[Sequence[bytes | None]]]


class Coalescer:
    """Asks for keys one by one, and fetches them together."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._waiting: list[tuple[str, asyncio.Future[bytes | None]]] = []
        self._task: asyncio.Task[None] | None = None

    def get(self, key: str) -> asyncio.Future[bytes | None]:
        """The key's value. Raises what fetching raised while it waited, be it for others."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bytes | None] = loop.create_future()
        self._waiting.append((key, future))
        if self._task is None:
            self._task = loop.create_task(self._run())
        return future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                values = await self._fetch([key for key, _ in batch])
            except Exception as error:
                # The others would only wait for the same failure, batch after batch.
                waiting, self._waiting = batch + self._waiting, []
                _fail(waiting, error)
            else:
                for (_, future), value in zip(batch, values, strict=True):
                    if not future.done():
                        future.set_result(value)
        self._task = None


def _fail(waiting: Sequence[tuple[str, asyncio.Future[bytes | None]]], error: Exception) -> None:
    for _, future in waiting:
        if not future.done():
            future.set_exception(error)
