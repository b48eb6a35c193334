"""What happens in a data plane, as lines of an events file: `loadtest/events.py` says the format.

A line is written when it happens, so a file can be read while the data plane runs, and is whole
after a crash.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

SAMPLE_SECONDS = 0.2


class Events:
    """The events file of one place. Any thread may write."""

    def __init__(self, path: Path, place: str) -> None:
        self._path, self._place = path, place
        self._lock = threading.Lock()

    def activity(self, text: str) -> None:
        """Something was done, by us or to us."""
        self._write(kind="activity", text=text)

    def capacity(self, in_service: int, desired: int) -> None:
        """How many instances serve from now on, and how many are wanted."""
        self._write(kind="capacity", in_service=in_service, desired=desired)

    def _write(self, **values: str | int) -> None:
        line = json.dumps({"time": time.time(), "place": self._place, **values})
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


class Sampler:
    """Asks for the capacity five times a second, and writes it down when it has changed."""

    def __init__(self, capacity: Callable[[], tuple[int, int]], events: Events) -> None:
        """`capacity` gives how many are in service, and how many are desired."""
        self._capacity, self._events = capacity, events
        self._last: tuple[int, int] | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="capacity", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Sample once more, and stop."""
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            is_last = self._done.is_set()
            now = self._capacity()
            if now != self._last:
                self._events.capacity(*now)
                self._last = now
            if is_last:
                return
            self._done.wait(SAMPLE_SECONDS)
