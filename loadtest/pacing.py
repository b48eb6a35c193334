"""The ceiling on rate: slots, one every 1/rate seconds; a request takes the next one.

    slots that have passed   ────┊────┊────┊────┊────▶   at the pace of this process's share
    requests                     ▲         ▲    ▲        wait until their slot has passed

Within any T seconds a process sends at most its share x T requests, and one. What was not used is
not saved up. A slot has a number rather than a time, so that all who wait are moved when the share
changes: because a worker joined or left.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

LONGEST_SLEEP = 0.25
"""Seconds after which whoever waits looks again: the pace may have changed."""
_ROUNDING = 1e-6
"""Of a slot: a wait so short would never end where sleeping for it does not move the clock."""


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
        self._rate = 0.0
        self._since = clock()
        self._passed = 0.0  # slots, up to `_since`
        self._next = 0.0

    def share_among(self, processes: int) -> None:
        """From now on, this process is one of so many."""
        now = self._clock()
        self._passed += (now - self._since) * self._rate
        self._since = now
        self._rate = self._ceiling / max(1, processes)

    def wait(self) -> None:
        """Return when the next request may be sent."""
        passed = self._passed + (self._clock() - self._since) * self._rate
        slot = self._next if self._next > passed else passed
        self._next = slot + 1.0
        while slot > passed + _ROUNDING or not self._rate:
            self._sleep(min(LONGEST_SLEEP, (slot - passed) / self._rate if self._rate else 1.0))
            passed = self._passed + (self._clock() - self._since) * self._rate
