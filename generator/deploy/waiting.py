"""Waiting that backs off: often at first, seldom later, and never in step with others."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

FIRST, LONGEST, GROWTH = 0.2, 10.0, 1.5
"""Seconds before the second look and at most between two, and how the pause grows."""

_jitter = random.Random()
T = TypeVar("T")


def looks(stop: threading.Event, longest: float = LONGEST) -> Iterator[int]:
    """Count from 0, pausing longer each time, until `stop` is set."""
    pause = FIRST
    for number in range(10**9):
        if stop.is_set():
            return
        yield number
        stop.wait(pause * _jitter.uniform(0.8, 1.2))
        pause = min(pause * GROWTH, longest)


def until(look: Callable[[], T | None], stop: threading.Event) -> T | None:
    """What `look` answers first that is not None; None where somebody stopped the wait."""
    for _ in looks(stop):
        found = look()
        if found is not None:
            return found
    return None


def clock() -> float:
    """Seconds since the epoch."""
    return time.time()
