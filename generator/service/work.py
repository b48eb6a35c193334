"""CPU-bound work of adjustable cost: what a load test needs to see a fleet scale.

Key derivation, as a login has it: it releases Python's lock, so other requests are answered
meanwhile. Bounded all round: what one request may cost, how many run, how many wait.
"""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor

from .problems import Unavailable

MOST = 1000
"""Units that one request may ask for."""
ROUNDS = 2000
"""Of a unit: about a millisecond of one CPU."""
THREADS = 2
QUEUE = 16
"""Requests of one process that run or wait; with more, waiting would be longer than it is worth."""


class Work:
    """Threads that work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="work")
        self._requests = 0

    async def do(self, units: int) -> None:
        """Returns when it is done. Raises Unavailable when too much is to be done already."""
        if self._requests >= QUEUE:
            raise Unavailable("too much work waits", "work queue")
        self._requests += 1
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._threads, _work, units)
        finally:
            self._requests -= 1

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _work(units: int) -> None:
    hashlib.pbkdf2_hmac("sha256", b"work", b"a salt", ROUNDS * units)
