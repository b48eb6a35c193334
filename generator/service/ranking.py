"""Rankings: each player's best score by board, durable in DynamoDB, read from a sorted set.

A board's sorted set holds its best thousand, and is filled from the table's index by score: by one
process at a time, while others ask the index themselves. A marker that expires says that it has
been filled. So another Region's scores arrive within half a minute, and a cache that has lost
everything is filled again by the first who asks. Filling only adds: a score that has just been
written may not be in the index yet, and best scores never fall.

A rank is one more than the number of players with a higher score, so equal scores share a rank.
All keys of a board have its name as their hash tag: in a cluster they are on one node.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .cache import Cache, CacheDown, Repair
from .problems import NotFound
from .table import ConditionFailed, Table

BEST = 1000
"""Players of a board that are ranked; the others have a score and no rank."""
FILLED_SECONDS = 30
FILLING_SECONDS = 10
KEPT_SECONDS = 24 * 3600
"""A board that nobody asks for leaves the cache."""
INDEX = "by_score"

_FILLED = """
local count = redis.call('GET', KEYS[2])
if not count or (count ~= '0' and redis.call('EXISTS', KEYS[1]) == 0) then return false end
"""
"""Nothing, unless the set is as the marker says: Redis may evict the one and not the other."""

_TOP = _FILLED + "return redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1, 'REV', 'WITHSCORES')"

_PLACE = (
    _FILLED
    + """
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if score then return {score, redis.call('ZCOUNT', KEYS[1], '(' .. score, '+inf')} end
return {'', redis.call('ZCARD', KEYS[1])}
"""
)
"""The score and how many are higher; of who is not in the set, how many are."""

_TRIM = """
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""

_ADD = (
    """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('DEL', KEYS[2]) end
redis.call('ZADD', KEYS[1], 'GT', ARGV[3], ARGV[4])
"""
    + _TRIM
)
"""A set that begins with one score is not a filled one."""

_FILL = (
    """
for i = 4, #ARGV, 2 do redis.call('ZADD', KEYS[1], 'GT', ARGV[i], ARGV[i + 1]) end
"""
    + _TRIM
    + """
redis.call('SET', KEYS[2], (#ARGV - 3) / 2, 'EX', ARGV[3])
redis.call('DEL', KEYS[3])
"""
)


class Place(NamedTuple):
    """A player on a board; no rank: not among the best thousand."""

    player: str
    score: int
    rank: int | None = None


class Ranking:
    """All boards. Each method may raise Unavailable."""

    def __init__(self, table: Table, cache: Cache) -> None:
        self._table, self._cache = table, cache

    async def record(self, board: str, player: str, score: int) -> int:
        """A player's score: the best so far, which it may or may not be."""
        try:
            await self._table.update(
                {"board": board, "player": player},
                "SET #score = :score",
                "attribute_not_exists(#score) OR #score < :score",
                {"#score": "score"},
                {":score": score},
            )
        except ConditionFailed as failure:
            return int(failure.item["score"])
        await self._cache.write(
            board,
            lambda: self._run(_ADD, board, BEST, KEPT_SECONDS, score, player),
            Repair(0, FILLED_SECONDS, lambda: self._cache.client.delete(_keys(board)[1])),
        )
        return score

    async def top(self, board: str, most: int) -> list[Place]:
        """The best of a board, at most `most` of them; equal scores by name."""
        try:
            held = await self._ask(_TOP, board, most)
            if held is None:
                return (await self._fill(board, most))[:most]
        except CacheDown:
            return await self._query(board, most)
        pairs = zip(held[::2], held[1::2], strict=True)
        return _in_order(Place(player.decode(), _number(score)) for player, score in pairs)

    async def place(self, board: str, player: str) -> Place:
        """Where a player is. Raises NotFound when he has no score."""
        try:
            held = await self._ask(_PLACE, board, player)
        except CacheDown:
            held = None
        if held is not None and held[0]:
            return Place(player, _number(held[0]), held[1] + 1)
        is_beyond = held is not None and held[1] >= BEST
        return await self._place_by_table(board, player, is_beyond)

    async def _place_by_table(self, board: str, player: str, is_beyond: bool) -> Place:
        """Most players are beyond the best; for them nothing has to be counted."""
        item = await self._table.get({"board": board, "player": player})
        if item is None:
            raise NotFound("the player has no score on this board")
        score = int(item["score"])
        if is_beyond:
            return Place(player, score)
        higher = await self._table.count(
            INDEX, "board = :board AND score > :score", {":board": board, ":score": score}, BEST
        )
        return Place(player, score, higher + 1 if higher < BEST else None)

    async def _fill(self, board: str, most: int) -> list[Place]:
        """The board's best, after its sorted set was filled; only some when another fills it."""
        filling = _keys(board)[2]
        client = self._cache.client
        is_ours = await self._cache.ask(lambda: client.set(filling, 1, nx=True, ex=FILLING_SECONDS))
        if not is_ours:
            return await self._query(board, most)
        places = await self._query(board, BEST)
        pairs = [value for place in places for value in (place.score, place.player)]
        await self._ask(_FILL, board, BEST, KEPT_SECONDS, FILLED_SECONDS, *pairs)
        return places

    async def _query(self, board: str, most: int) -> list[Place]:
        items = await self._table.query(INDEX, "board = :board", {":board": board}, most)
        return _in_order(Place(str(item["player"]), int(item["score"])) for item in items)

    async def _ask(self, script: str, board: str, *arguments: str | int) -> Any:
        """A script's answer about a board. Raises CacheDown."""
        return await self._cache.ask(lambda: self._run(script, board, *arguments))

    async def _run(self, script: str, board: str, *arguments: str | int) -> Any:
        keys = _keys(board)
        return await self._cache.client.eval(script, len(keys), *keys, *arguments)


def _keys(board: str) -> tuple[str, str, str]:
    """The sorted set, the marker that it is filled, and who fills it."""
    tag = f"{{board:{board}}}"
    return f"{tag}:scores", f"{tag}:filled", f"{tag}:filling"


def _number(score: bytes) -> int:
    """Scores are whole and below 2^53: exact as Redis' floating point."""
    return int(float(score))


def _in_order(places: Iterable[Place]) -> list[Place]:
    """The best first, equal scores by name: each store has its own order of those."""
    return sorted(places, key=lambda place: (-place.score, place.player))
