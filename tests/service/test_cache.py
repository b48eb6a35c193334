"""The circuit breaker by itself: whatever a cache does, it is used again when it is back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from generator.service import cache as breaker
from generator.service.cache import Cache, CacheDown, Repair
from generator.service.metrics import Metrics
from tests.service.caches import Node, cluster
from tests.service.local import WITHIN

KEYS = [f"session:{{{number}}}" for number in range(20)]
"""In both shards."""
OPTIONS: dict[str, Any] = {"protocol": 2, "retry": Retry(NoBackoff(), 1)}


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "PAUSE_SECONDS", 0.05)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    with cluster(tmp_path_factory.mktemp("shards") / "cluster") as nodes:
        yield nodes


@pytest.fixture
def nodes(shards: tuple[Node, Node]) -> tuple[Node, Node]:
    """A cluster's two shards, well and empty."""
    for each in shards:
        each.run("FLUSHALL")
    return shards


def breaker_of(client: Redis | RedisCluster) -> Cache:
    """With nothing else around it."""
    return Cache(client, None, Metrics("n", "p", "r"))


async def comes_true(holds: Callable[[], bool]) -> None:
    """Wait for it; fails when it does not."""
    deadline = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


@contextmanager
def stopped(nodes: Sequence[Node]) -> Iterator[None]:
    """Nodes that answer nothing for a while."""
    pids = [int(each.admin.info("server")["process_id"]) for each in nodes]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def use(cache: Cache) -> int:
    """Reads from all shards; how many of them it refused."""
    answers = await asyncio.gather(*map(cache.get, KEYS), return_exceptions=True)
    refused = [each for each in answers if isinstance(each, CacheDown)]
    assert answers.count(None) + len(refused) == len(KEYS), answers
    return len(refused)


@pytest.mark.parametrize("lost", [(0, 1), (1,)], ids=["all", "one shard"])
def test_a_cluster_that_is_lost_is_down_until_it_is_back(
    nodes: tuple[Node, Node], lost: tuple[int, ...]
) -> None:
    """And what could not be written meanwhile is put right."""

    async def ask() -> None:
        client = RedisCluster("127.0.0.1", nodes[0].port, socket_timeout=0.1, **OPTIONS)
        cache = breaker_of(client)
        put = partial(client.set, "owed", "right")
        assert await use(cache) == 0
        with stopped([nodes[each] for each in lost]):
            while cache.is_up:
                await use(cache)
            await cache.write("owed", put, Repair(1, 60, put))
            end = time.monotonic() + 1
            while time.monotonic() < end:
                assert not cache.is_up, "it was taken for well"
                assert await use(cache) == len(KEYS)
                await asyncio.sleep(0.01)
        await comes_true(lambda: cache.is_up)
        assert await client.get("owed") == b"right"
        assert await use(cache) == 0
        await cache.close()

    asyncio.run(ask())


def test_a_shard_that_hangs_holds_nobody_longer_than_an_answer_may_take(
    nodes: tuple[Node, Node],
) -> None:
    """Though the client would wait for it, ask for the topology and wait again."""
    patience = 2.0

    async def ask() -> None:
        client = RedisCluster("127.0.0.1", nodes[0].port, socket_timeout=patience, **OPTIONS)
        cache = breaker_of(client)
        assert await use(cache) == 0
        writes = [partial(client.set, key, "new") for key in KEYS]
        owed = [Repair(1, 60, write) for write in writes]
        with stopped([nodes[1]]):
            began = time.monotonic()
            await asyncio.gather(use(cache), *map(cache.write, KEYS, writes, owed))
            assert time.monotonic() - began < patience
            assert not cache.is_up
        await comes_true(lambda: cache.is_up)
        assert await asyncio.gather(*map(cache.get, KEYS)) == [b"new"] * len(KEYS)
        await cache.close()

    asyncio.run(ask())


def test_a_cluster_that_was_never_there_is_down() -> None:
    """Nothing is raised but CacheDown."""

    async def ask() -> None:
        cache = breaker_of(RedisCluster("127.0.0.1", 1, **OPTIONS))
        assert await use(cache) == len(KEYS)
        await cache.close()

    asyncio.run(ask())


class Shaky(Redis):
    """Well at once, and asked nothing but whether it is."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """There is no connection."""

    async def ping(self, **_: object) -> bool:
        """It is well."""
        return True


async def lost() -> None:
    """A command while the cache is out."""
    raise ConnectionError


def test_what_expires_while_it_is_put_right_is_forgotten() -> None:
    async def ask() -> None:
        cache, may_go_on, is_asked = breaker_of(Shaky()), asyncio.Event(), asyncio.Event()

        async def repair() -> None:
            is_asked.set()
            await may_go_on.wait()

        await cache.write("old", lost, Repair(1, 0.2, repair))
        await is_asked.wait()
        await asyncio.sleep(0.2)  # it expires
        await cache.write("new", lost, Repair(1, 60, repair))
        may_go_on.set()
        await comes_true(lambda: cache.is_up)

    asyncio.run(ask())


def test_a_repair_that_is_wrong_does_not_end_the_recovery() -> None:
    """It is owed until it has expired, and then there is a cache again."""
    tries = []

    async def fail() -> None:
        tries.append(1)
        raise ZeroDivisionError

    async def ask() -> None:
        cache = breaker_of(Shaky())
        await cache.write("entry", lost, Repair(1, 0.3, fail))
        await comes_true(lambda: cache.is_up)

    asyncio.run(ask())
    assert len(tries) > 1
