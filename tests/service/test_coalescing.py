"""Reads that wait at the same time are one command."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from generator.service.coalescing import MOST, Coalescer


class Store:
    """Knows each key as its own value but for `nobody`; holds back answers until `go`."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        self.commands.append(list(keys))
        await self.go.wait()
        if self.error:
            raise self.error
        return [None if key == "nobody" else key.encode() for key in keys]


def test_what_is_asked_while_one_is_under_way_is_the_next() -> None:
    async def ask() -> None:
        store = Store()
        reads = Coalescer(store.fetch)
        first = asyncio.gather(*(reads.get(key) for key in ("a", "b")))
        await asyncio.sleep(0)
        later = asyncio.gather(*(reads.get(key) for key in ("c", "nobody", "c")))
        await asyncio.sleep(0)
        store.go.set()
        assert await first == [b"a", b"b"]
        assert await later == [b"c", None, b"c"]
        assert store.commands == [["a", "b"], ["c", "nobody", "c"]]
        assert await reads.get("d") == b"d"

    asyncio.run(ask())


def test_a_command_has_only_so_many_keys() -> None:
    async def ask() -> None:
        store = Store()
        store.go.set()
        reads = Coalescer(store.fetch)
        keys = [str(number) for number in range(2 * MOST + 1)]
        assert await asyncio.gather(*map(reads.get, keys)) == [key.encode() for key in keys]
        assert [len(command) for command in store.commands] == [MOST, MOST, 1]

    asyncio.run(ask())


def test_a_failure_is_that_of_all_who_wait_and_of_nobody_later() -> None:
    """A store that hangs would have the last of them wait for each batch before his."""

    async def ask() -> None:
        store = Store()
        store.error = OSError("gone")
        reads = Coalescer(store.fetch)
        left, *kept = (reads.get(str(number)) for number in range(2 * MOST + 1))
        await asyncio.sleep(0)
        left.cancel()
        store.go.set()
        answers = await asyncio.gather(*kept, return_exceptions=True)
        assert answers == [store.error] * len(kept)
        assert len(store.commands) == 1
        store.error = None
        assert await reads.get("c") == b"c"

    asyncio.run(ask())
