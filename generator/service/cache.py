"""Redis, as something that may be out at any time.

A circuit breaker: after a failure nothing is sent for a second, then one probe goes alone, and
when it is answered all the others. Nobody waits for a probe, for no request makes it.

What could not be written while it was out is owed: a cache that comes back may still hold what has
been overwritten meanwhile, so before it is read again each such entry is put right. Only the last
minute's, as an older one has expired by then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, TypeVar, cast

from redis.asyncio import RedisCluster
from redis.exceptions import AuthenticationError, RedisClusterException, RedisError

from .coalescing import Coalescer
from .logs import log
from .metrics import Metrics
from .problems import Unavailable
from .redis_client import ANSWER_SECONDS, Client, SecretCredentials

Answer = TypeVar("Answer")

PAUSE_SECONDS = 1.0
MOST_COMMANDS = 64
"""At once, each on a connection of its own; coalesced reads share one."""
_FAILURES = (RedisError, RedisClusterException, OSError, asyncio.TimeoutError, Unavailable)
"""A cluster without a node that answers is no RedisError."""


class CacheDown(Exception):
    """There is no cache at the moment."""


class Repair(NamedTuple):
    """How an entry is put right that could not be written."""

    order: int
    """Of several for one entry, the one with the highest is made."""
    seconds: float
    """After which the entry has expired by itself."""
    make: Callable[[], Awaitable[object]]


class Cache:
    """The Region's cache, or CacheDown."""

    def __init__(
        self, client: Client, credentials: SecretCredentials | None, metrics: Metrics
    ) -> None:
        self.client = client
        self._credentials, self._metrics = credentials, metrics
        self._turns = asyncio.Semaphore(MOST_COMMANDS)
        self._reads = Coalescer(self._fetch)
        self._owed: dict[str, tuple[Repair, float]] = {}
        self._recovery: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether it is used at all at the moment."""
        return self._recovery is None

    async def get(self, key: str) -> bytes | None:
        """One value. Raises CacheDown."""
        if self._recovery is not None:
            self._refuse()
        try:
            return await self._reads.get(key)
        except _FAILURES as error:
            self._lose(error)
            raise CacheDown from error

    async def ask(self, command: Callable[[], Awaitable[Answer]]) -> Answer:
        """Any other command's answer. Raises CacheDown."""
        try:
            async with self._turns:
                if self._recovery is not None:
                    self._refuse()
                return await self._in_time(command)
        except _FAILURES as error:
            self._lose(error)
            raise CacheDown from error

    async def write(
        self, entry: str, command: Callable[[], Awaitable[object]], repair: Repair
    ) -> None:
        """Write an entry now, or have it put right as soon as there is a cache again."""
        try:
            await self.ask(command)
        except CacheDown:
            self._owe(entry, repair)

    async def close(self) -> None:
        """Close the connections, also to a cache that does not answer."""
        if self._recovery is not None:
            self._recovery.cancel()
        with suppress(*_FAILURES):
            await self.client.aclose()

    async def _fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        """MGET, by slot in a cluster."""
        if isinstance(self.client, RedisCluster):
            return await self._in_time(partial(self.client.mget_nonatomic, keys))
        values = await self.client.mget(keys)
        return cast(list[bytes | None], values)  # not text: nothing is decoded here

    async def _in_time(self, command: Callable[[], Awaitable[Answer]]) -> Answer:
        """A cluster's client would wait, ask node after node for the topology, and wait again.

        What it does first, once, takes its time: the user's secret may have to be read for it.
        """
        if not isinstance(self.client, RedisCluster):
            return await command()
        await self.client.initialize()
        async with asyncio.timeout(ANSWER_SECONDS):
            return await command()

    def _refuse(self) -> None:
        self._metrics.cache_fallbacks += 1
        raise CacheDown

    def _lose(self, error: BaseException) -> None:
        """Open the circuit, once for all who notice."""
        self._metrics.cache_fallbacks += 1
        if self._recovery is None:
            log.warning("cache lost", extra={"cause": type(error).__name__})
            self._recovery = asyncio.create_task(self._recover(error))

    async def _recover(self, error: BaseException) -> None:
        while True:
            if isinstance(error, AuthenticationError) and self._credentials:
                self._credentials.forget()
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.client.aclose()  # after a failover the name leads to another node
                await self._probe()
                await self._pay()
            except _FAILURES as failure:
                error = failure
            except Exception as fault:  # or there would be no cache until the process ends
                log.exception("fault")
                error = fault
            else:
                break
        self._recovery = None
        log.warning("cache back")

    async def _probe(self) -> None:
        """All shards of a cluster: with one that is out, requests would find out each second."""
        if isinstance(self.client, RedisCluster):
            await self.client.ping(target_nodes=RedisCluster.PRIMARIES)
        else:
            await self.client.ping()

    def _owe(self, entry: str, repair: Repair) -> None:
        """The oldest come first, and go when they have expired: an outage may be long."""
        now = time.monotonic()
        held, _ = self._owed.pop(entry, (repair, now))
        self._owed[entry] = (max(held, repair, key=_order), now + repair.seconds)
        while self._owed[oldest := next(iter(self._owed))][1] <= now:
            del self._owed[oldest]

    async def _pay(self) -> None:
        """Put right what is owed; what comes to be owed meanwhile too."""
        while self._owed:
            entry, (repair, until) = next(iter(self._owed.items()))
            if until > time.monotonic():
                await repair.make()
            held = self._owed.get(entry)  # it may have expired, or be another by now
            if held is not None and held[0] is repair:
                del self._owed[entry]


def _order(repair: Repair) -> int:
    return repair.order
