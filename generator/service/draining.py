"""How a process leaves without a request that fails.

From SIGTERM on the health path answers 503, so load balancers send nothing new, and every answer
asks its client to close the connection. What comes all the same is served, on new connections too:
a balancer needs several failed checks to notice, however little it sends meanwhile. When it has had
the time for them and nothing comes any more, or the time is nearly up, the listener closes and what
is under way gets the rest of the time.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
"""

from __future__ import annotations

import time

QUIET_SECONDS = 1.0
"""Without a request, once balancers have noticed."""
_MOST_FINISHING = 5


class Draining:
    """Where a process is on its way out."""

    def __init__(self, seconds: int, notice_seconds: int) -> None:
        """All the time that there is, and how much of it balancers may need to notice."""
        self._seconds, self._notice_seconds = seconds, notice_seconds
        self._began = 0.0
        self._last_request = 0.0
        self.in_flight = 0

    @property
    def finishing_seconds(self) -> int:
        """What requests get that are under way when the listener closes."""
        return max(1, min(_MOST_FINISHING, self._seconds // 4))

    @property
    def has_begun(self) -> bool:
        """Whether the process is on its way out."""
        return self._began > 0

    def begin(self) -> None:
        """SIGTERM. A second one changes nothing: systemd and a supervisor may both send it."""
        if not self.has_begun:
            self._began = time.monotonic()

    def request_comes(self) -> None:
        """One that is no health check."""
        self._last_request = time.monotonic()
        self.in_flight += 1

    def request_goes(self) -> None:
        """It is answered."""
        self.in_flight -= 1

    def is_over(self) -> bool:
        """Whether the listener is to close."""
        if not self.has_begun:
            return False
        now = time.monotonic()
        quiet = now - max(self._began + self._notice_seconds, self._last_request)
        is_late = now - self._began >= self._seconds - self.finishing_seconds - 1
        return is_late or (quiet >= QUIET_SECONDS and self.in_flight == 0)
