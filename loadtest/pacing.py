"""The ceiling on rate: slots, one every 1/rate seconds; each request takes one, in its turn.

    slots       ────┊────┊────┊────┊────▶   at the pace of this process's share
    requests         ▲    ▲         ▲       first come, first served; never before their slot

Within any T seconds a process sends at most its share x (T + LATE_SECONDS) requests, and one. What
is later than that for its slot lost those in between, because nobody came or because the process
had no time: whoever waited through a stall still goes one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from gevent.lock import Semaphore

LATE_SECONDS = 0.01
"""By which the next slot may be late without delaying those behind it. Who sleeps wakes a
millisecond or more late: without this, no process would reach a ceiling of some hundreds a second.
"""
LONGEST_SLEEP = 0.25
"""Seconds after which whoever is next looks again: the pace may have changed."""
_ROUNDING = 1e-6
"""Of a slot: a wait so short would never end where sleeping for it does not move the clock."""


def _stays() -> bool:
    return False


class Pacer:
    """One process's share of the ceiling. Until it is told its share it lets nothing pass."""

    def __init__(
        self,
        ceiling: float,
        sleep: Callable[[float], object],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`ceiling` in requests a second, of all processes together."""
        self._ceiling, self._sleep, self._clock = ceiling, sleep, clock
        self._turn = Semaphore()
        self._rate = 0.0
        self._since = clock()
        self._passed = 0.0  # slots, up to `_since`
        self._next = 0.0  # the slot of who is next: a number, which no change of pace moves

    def share_among(self, processes: int) -> None:
        """From now on, this process is one of so many."""
        now = self._clock()
        self._passed += (now - self._since) * self._rate
        self._since = now
        self._rate = self._ceiling / max(1, processes)

    def wait(self, leaves: Callable[[], bool] = _stays) -> bool:
        """Return True when the next request may be sent.

        False, and no slot is taken, where `leaves` says so; it is asked in turn and after each
        sleep. When many left at once, the load would else stop for as many slots.
        """
        with self._turn:
            while not leaves():
                late = self._lateness()
                if self._rate and late >= -_ROUNDING:
                    self._next += 1.0 if late < LATE_SECONDS * self._rate else late + 1.0
                    return True
                self._sleep(min(LONGEST_SLEEP, -late / self._rate if self._rate else 1.0))
        return False

    def _lateness(self) -> float:
        """How many slots ago the next one was; below 0, how many it is still away."""
        return self._passed + (self._clock() - self._since) * self._rate - self._next
