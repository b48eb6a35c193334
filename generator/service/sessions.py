"""Sessions: written to DynamoDB first, then to Redis, then acknowledged; read the other way round.

Redis holds the very bytes that are answered, `{"version":N,…}`, so a cached read parses nothing.
An entry gives way only to one of the same version or a later one: whoever comes late with what he
read before a write can't bring it back. Where there is only a version to tell, the entry is its
beginning alone: such a floor is read from DynamoDB, and says that nothing older may be cached.

Another Region's write arrives in DynamoDB, not in Redis: an entry lives for a minute at most.
Two Regions that write one session at the same time both get a version; the later one stays, as
global tables resolve it, or one of them is answered 503 where the tables are strongly consistent.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
"""

from __future__ import annotations

import json
import re
import secrets
import time
from contextlib import suppress
from typing import Any, NamedTuple

from .cache import Cache, CacheDown, Repair
from .problems import NotFound
from .table import ConditionFailed, Item, Table

SESSION_SECONDS = 24 * 3600
"""A session that nobody has written for this long is over."""
CACHED_SECONDS = 60
EXPIRY = "expires_at"
"""DynamoDB deletes by it, some time later, where the table has a time to live."""
TIDIED_SECONDS = 300
"""After its end. What renews it may be under way still, or come from another Region."""

_ID_BYTES = 16
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_LAST_VERSION = 2**53 - 1
"""Of a deleted session: none comes after it. Lua's numbers are exact up to here."""
_FULL = b"}"

_PUT = """
local held = redis.call('GETRANGE', KEYS[1], 0, 31)
local version = tonumber(string.match(held, '^{"version":(%d+),'))
if version and version > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class _Session(NamedTuple):
    id: str
    version: int
    player: str
    data: str
    """JSON."""
    expires_at: int

    @property
    def is_over(self) -> bool:
        return self.expires_at <= time.time()

    def item(self) -> Item:
        return {
            "session_id": self.id,
            "version": self.version,
            "player": self.player,
            "data": self.data,
            EXPIRY: self.expires_at,
        }

    def body(self) -> bytes:
        """JSON of ASCII only: any client reads it, and no text of a user's breaks it."""
        rest = f'"id":"{self.id}","player":{json.dumps(self.player)},"data":{self.data}'
        return _head(self.version) + f'{rest},"{EXPIRY}":{self.expires_at}}}'.encode()


class Sessions:
    """All sessions. Each method may raise Unavailable, and NotFound where it names one."""

    def __init__(self, table: Table, cache: Cache) -> None:
        self._table, self._cache = table, cache

    async def create(self, player: str, data: dict[str, Any]) -> bytes:
        """A new session, as its body."""
        session = _Session(_new_id(), 1, player, _compact(data), _expiry())
        await self._table.put(session.item())
        return await self._cached(session)

    async def read(self, session_id: str) -> bytes:
        """The session's body."""
        _check(session_id)
        try:
            body = await self._cache.get(_entry(session_id))
        except CacheDown:
            body = None
        if body is not None and body.endswith(_FULL):
            return body
        return await self._read_from_table(session_id)

    async def replace(self, session_id: str, player: str | None, data: dict[str, Any]) -> bytes:
        """The session's body after its next version was written."""
        _check(session_id)
        changes: Item = {"data": _compact(data), EXPIRY: _expiry()}
        if player is not None:
            changes["player"] = player
        try:
            item = await self._update(session_id, changes)
        except ConditionFailed as failure:
            await self._tidy_up(failure.item)
            raise NotFound(_GONE) from None
        return await self._cached(_of(item))

    async def delete(self, session_id: str) -> None:
        """Delete the session, everywhere."""
        _check(session_id)
        item = await self._table.delete({"session_id": session_id})
        await self._write(session_id, _LAST_VERSION, _head(_LAST_VERSION), CACHED_SECONDS)
        if item is None or _of(item).is_over:
            raise NotFound(_GONE)

    async def _read_from_table(self, session_id: str) -> bytes:
        item = await self._table.get({"session_id": session_id})
        if item is None:
            raise NotFound(_GONE)
        session = _of(item)
        if session.is_over:
            await self._tidy_up(item)
            raise NotFound(_GONE)
        return await self._cached(session)

    async def _update(self, session_id: str, changes: Item) -> Item:
        """One version on, if it is there and not over."""
        names = {f"#{name}": name for name in (*changes, "version", EXPIRY)}
        values: Item = {f":{name}": value for name, value in changes.items()}
        assignments = ", ".join(f"#{name} = :{name}" for name in changes)
        return await self._table.update(
            {"session_id": session_id},
            f"SET {assignments} ADD #version :one",
            f"#{EXPIRY} > :now",  # false, too, for a session that is not there
            names,
            values | {":one": 1, ":now": int(time.time())},
        )

    async def _tidy_up(self, item: Item) -> None:
        """A strongly consistent table has no time to live: who meets what is long over deletes it.

        If it still is by then: it may have been renewed since it was read.
        """
        then = int(time.time()) - TIDIED_SECONDS
        if item and int(item[EXPIRY]) <= then:
            key: Item = {"session_id": item["session_id"]}
            values: Item = {":then": then}
            with suppress(ConditionFailed):
                await self._table.delete_if(key, "#expiry <= :then", {"#expiry": EXPIRY}, values)

    async def _cached(self, session: _Session) -> bytes:
        """The session's body, after it was put into the cache for as long as it is good."""
        body = session.body()
        seconds = min(CACHED_SECONDS, int(session.expires_at - time.time()))
        if seconds > 0:
            await self._write(session.id, session.version, body, seconds)
        return body

    async def _write(self, session_id: str, version: int, body: bytes, seconds: int) -> None:
        """Into the cache; when it is out, nothing older may be read once it is back."""
        floor = Repair(
            version,
            CACHED_SECONDS,
            lambda: self._put(session_id, version, _head(version), CACHED_SECONDS),
        )
        put = self._put
        await self._cache.write(
            _entry(session_id), lambda: put(session_id, version, body, seconds), floor
        )

    async def _put(self, session_id: str, version: int, body: bytes, seconds: int) -> None:
        await self._cache.client.eval(_PUT, 1, _entry(session_id), version, body, seconds)


_GONE = "there is no such session, or it is over"


def _new_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)


def _check(session_id: str) -> None:
    if not _ID.fullmatch(session_id):
        raise NotFound(_GONE)


def _entry(session_id: str) -> str:
    return f"session:{{{session_id}}}"


def _head(version: int) -> bytes:
    return b'{"version":%d,' % version


def _compact(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


def _expiry() -> int:
    return int(time.time()) + SESSION_SECONDS


def _of(item: Item) -> _Session:
    return _Session(
        str(item["session_id"]),
        int(item["version"]),
        str(item["player"]),
        str(item["data"]),
        int(item[EXPIRY]),
    )
