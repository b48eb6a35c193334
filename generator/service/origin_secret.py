"""The secret that only the edge knows: requests that do not carry it went around it.

While it is changed, the edge still sends the old one for as long as a distribution takes to deploy.
So the previous version is good too, for a day after the change: not for ever, as it may have been
changed because somebody else knows it.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
"""

from __future__ import annotations

import asyncio
import hmac
import time
from typing import NamedTuple

from .problems import Forbidden, Unavailable
from .secrets import CURRENT, PREVIOUS, Secrets

HEADER = b"x-origin-secret"
_KEY = "value"
REREAD_SECONDS = 30.0
"""A wrong secret may be a new one; asking more often would let strangers make us ask."""
RETRY_SECONDS = 1.0
"""After it could not be read."""
OVERLAP_SECONDS = 24 * 3600.0


class _Good(NamedTuple):
    value: bytes
    until: float
    """On the monotonic clock."""


class OriginSecret:
    """Who may ask."""

    def __init__(self, secrets: Secrets, name: str) -> None:
        """An empty name: everybody may."""
        self._secrets, self._name = secrets, name
        self._good: tuple[_Good, ...] = ()
        self._next_read = 0.0
        self._reading: asyncio.Task[None] | None = None

    async def check(self, given: bytes) -> None:
        """Raises Forbidden, and Unavailable when the secret could never be read."""
        if not self._name or self._is_good(given):
            return
        await self._read_again()
        if not self._good:
            raise Unavailable("the origin secret can't be read", "origin secret")
        if not self._is_good(given):
            raise Forbidden("requests have to come through the edge", "origin secret")

    def _is_good(self, given: bytes) -> bool:
        now = time.monotonic()
        matches = [
            hmac.compare_digest(given, good.value) for good in self._good if good.until > now
        ]
        return any(matches)

    async def _read_again(self) -> None:
        """Once for all who wait, and not too often."""
        if self._reading is None and time.monotonic() >= self._next_read:
            self._reading = asyncio.create_task(self._read())
        if self._reading is not None:
            await asyncio.shield(self._reading)

    async def _read(self) -> None:
        """Keeps what is known when it can't be read, and asks soon again."""
        seconds = RETRY_SECONDS
        try:
            current = await self._secrets.read(self._name, [_KEY], CURRENT)
            if current is not None:
                # Known from here on: a previous one that can't be read takes nothing from it.
                self._good = (_Good(current.values[_KEY].encode(), float("inf")),)
                self._good += await self._previous(current.age_seconds)
                seconds = REREAD_SECONDS
        except Unavailable:
            pass
        finally:
            self._next_read = time.monotonic() + seconds
            self._reading = None

    async def _previous(self, changed_seconds_ago: float) -> tuple[_Good, ...]:
        previous = await self._secrets.read(self._name, [_KEY], PREVIOUS)
        if previous is None:
            return ()
        until = time.monotonic() + OVERLAP_SECONDS - changed_seconds_ago
        return (_Good(previous.values[_KEY].encode(), until),)
