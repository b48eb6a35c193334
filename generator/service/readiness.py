"""Whether what is behind the service can be used: asked anew each time, and never changed by it."""

from __future__ import annotations

from .cache import Cache, CacheDown
from .problems import Problem
from .table import Table

_NO_SESSION = "-"
"""No id looks like this."""


class Readiness:
    """The two stores, as the service itself uses them: same user, same table, same key."""

    def __init__(self, table: Table, cache: Cache) -> None:
        self._table, self._cache = table, cache

    async def cache(self) -> bool:
        """Without it everything is served, only slower."""
        try:
            await self._cache.get(f"session:{{{_NO_SESSION}}}")
        except CacheDown:
            return False
        return True

    async def table(self) -> bool:
        """Without it nothing is served but what is cached."""
        try:
            await self._table.get({"session_id": _NO_SESSION}, consistent=False)
        except Problem:
            return False
        return True
