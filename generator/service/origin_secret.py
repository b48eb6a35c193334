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
        """Keeps what is known when it can't be read; asks soon again while nothing is."""
        try:
            self._good = await self._versions()
        except Unavailable:
            pass
        finally:
            self._next_read = time.monotonic() + (REREAD_SECONDS if self._good else 1.0)
            self._reading = None

    async def _versions(self) -> tuple[_Good, ...]:
        current, previous = await asyncio.gather(
            *(self._secrets.read(self._name, [_KEY], stage) for stage in (CURRENT, PREVIOUS))
        )
        if current is None:
            return self._good
        good = [_Good(current.values[_KEY].encode(), float("inf"))]
        if previous is not None:
            until = time.monotonic() + OVERLAP_SECONDS - current.age_seconds
            good.append(_Good(previous.values[_KEY].encode(), until))
        return tuple(good)
