"""Waiting that backs off: often at first, seldom later, and never in step with others."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from generator.deploy.failures import FAULTS, is_passing

PATIENCE = 120.0
"""Seconds that a wait goes on without one good look: throttled, cut off, or nothing to see yet."""

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


def until(
    look: Callable[[], T | None], stop: threading.Event, at_most: float = math.inf
) -> T | None:
    """What `look` answers first that is not None; None where stopped, or after `at_most` seconds.

    CloudFormation works on while it can't be seen, so faults that pass by themselves are waited
    out: they are raised after PATIENCE seconds without one good look.
    """
    began = good = time.monotonic()
    for _ in looks(stop):
        try:
            found = look()
        except FAULTS as error:
            if not is_passing(error) or time.monotonic() - good >= PATIENCE:
                raise
            continue
        good = time.monotonic()
        if found is not None or good - began >= at_most:
            return found
    return None


def clock() -> float:
    """Seconds since the epoch."""
    return time.time()
