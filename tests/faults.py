"""A proxy on loopback that does to calls what networks and AWS do to them, by a seeded schedule.

    with FaultProxy(sandbox.endpoint, Schedule(seed=7, rate=0.2)) as proxy:
        …AWS_ENDPOINT_URL=proxy.url…

Which call meets which fault depends on the seed, the operation and how often it was called before,
not on the order in which threads come. No call meets more than `in_a_row` faults, as told by the
attempt that botocore notes in each request, so whatever retries rightly gets through.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from enum import StrEnum
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.aws_wire import HOP_BY_HOP, Answer, Call, refusal
from tests.endpoint import Endpoint
from tests.hiding import Veil


class Kind(StrEnum):
    """What happens to a call."""

    THROTTLED = "throttled"
    BROKEN = "500"
    UNAVAILABLE = "503"
    RESET = "connection reset before AWS has it"
    LOST = "done, and the answer lost"
    SLOW = "done, and answered late"


EVERY = tuple(Kind)
_REFUSALS = {
    Kind.THROTTLED: ("Throttling", "Rate exceeded", 400),
    Kind.BROKEN: ("InternalFailure", "The request processing has failed", 500),
    Kind.UNAVAILABLE: ("ServiceUnavailable", "Please try again", 503),
}


class Schedule(NamedTuple):
    """Which share of calls meets a fault, and which ones."""

    seed: int = 0
    rate: float = 0.0
    kinds: tuple[Kind, ...] = EVERY
    in_a_row: int = 2
    late: float = 0.3
    """Seconds that a slow answer takes."""
    operations: tuple[str, ...] = ()
    """Only these, where any are named."""

    def fault(self, call: Call, number: int) -> Kind | None:
        """What happens to the `number`-th call of its operation; None: nothing."""
        if call.attempt > self.in_a_row or (
            self.operations and call.operation not in self.operations
        ):
            return None
        dice = random.Random(f"{self.seed}/{call.service}/{call.operation}/{number}")
        return dice.choice(self.kinds) if dice.random() < self.rate else None


NONE = Schedule()


class FaultProxy(Endpoint):
    """Between a client and an endpoint for the length of a block. `url` is the client's endpoint.

    `unseen` is how many reads do not see yet what was just made.
    """

    def __init__(self, endpoint: str, schedule: Schedule = NONE, unseen: int = 0) -> None:
        super().__init__()
        place = urlsplit(endpoint)
        self._host, self._port = place.hostname or "", place.port or 80
        self._schedule, self._veil = schedule, Veil(unseen)
        self._lock = threading.Lock()
        self._numbers: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[str] = Counter()
        """Requests that came, by operation."""
        self.met: Counter[Kind] = Counter()
        """Faults that were injected."""

    @property
    def hidden(self) -> int:
        """Reads that did not see what stood."""
        return self._veil.hidden

    def answer(self, call: Call) -> Answer | None:
        """What the client gets; None where its connection is cut."""
        fault = self._draw(call)
        if fault in _REFUSALS:
            return refusal(call, *_REFUSALS[fault])
        if fault is Kind.RESET:
            return None
        answer = self._veil.instead_of(call) or self._veil.over(call, self._forward(call))
        if fault is Kind.SLOW:
            self.over.wait(self._schedule.late)
        return None if fault is Kind.LOST else answer

    def _draw(self, call: Call) -> Kind | None:
        with self._lock:
            self.calls[call.operation] += 1
            self._numbers[call.service, call.operation] += 1
            number = self._numbers[call.service, call.operation]
            fault = self._schedule.fault(call, number)
            if fault:
                self.met[fault] += 1
        return fault

    def _forward(self, call: Call) -> Answer:
        connection = HTTPConnection(self._host, self._port, timeout=120)
        try:
            headers = {k: v for k, v in call.headers.items() if k not in HOP_BY_HOP}
            connection.request(call.method, call.path, call.body, headers)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, received, response.read())
        finally:
            connection.close()
