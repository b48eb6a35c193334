"""The hand that adds an instance to a data plane in the middle of its load."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from generator.sandbox.data_plane.plane import Plane

REASON = "by hand, not by Auto Scaling"
_POLL_SECONDS = 0.1


class Hand:
    """Adds one instance some seconds after the first request, for the length of a block."""

    def __init__(self, front: Plane, seconds: float) -> None:
        self._front, self._seconds = front, seconds
        self._done = threading.Event()
        self._threads = ThreadPoolExecutor(1, "hand")

    def __enter__(self) -> None:
        self._added = self._threads.submit(self._add)

    def __exit__(self, kind: object, *_: object) -> None:
        """Raises what went wrong with the instance, unless something else did before."""
        self._done.set()
        self._threads.shutdown()
        if kind is None:
            self._added.result()

    def _add(self) -> None:
        while not self._has_begun():
            if self._done.wait(_POLL_SECONDS):
                return
        if not self._done.wait(self._seconds):
            self._front.add(REASON)

    def _has_begun(self) -> bool:
        return any(server.requests for server in self._front.balancer.api.servers())
