"""What all users share: the load, the pace, and how a profile tells them who they are."""

from __future__ import annotations

from typing import ClassVar

from gevent import Timeout
from locust import User, between
from locust.exception import StopUser

from loadtest.pacing import Pacer
from loadtest.target import Load

ANSWER_WITHIN_SECONDS = 8.0
"""How long a request may take in all: looking a name up, connecting, the answer's last byte. Then
it has failed, with that latency."""
FINISH_WITHIN_SECONDS = 10.0
"""How long users may take to finish once they are stopped. Longer than any request: whoever is
killed then has none under way that nobody would hear of."""
PLAYERS = 10_000
"""Of a load's own, so that runs write over each other's scores, which nothing deletes."""


class Paced(User):
    """A user that sends no request before its slot."""

    abstract = True
    weight: float = 0
    kind: ClassVar[str]
    """What a profile calls it."""
    load: ClassVar[Load]
    pacer: ClassVar[Pacer]
    is_leaving = False

    def stop(self, force: bool = False) -> bool:
        """Told by Locust, which kills who thinks: a kill that may meet one that has just woken."""
        self.is_leaving = True
        return bool(super().stop(force))

    def turn(self) -> Timeout:
        """Wait for the next slot; what is returned limits, as a context, the request then sent.

        Whoever is to stop sends no more, for the answer might come too late to be heard of.
        """
        if not self.pacer.wait(self._leaves):
            raise StopUser
        return Timeout(ANSWER_WITHIN_SECONDS)

    def _leaves(self) -> bool:
        return self.is_leaving


def cast(load: Load, pacer: Pacer, *users: type[Paced]) -> None:
    """Give these their part: weight and think time. Locust leaves out who has no weight."""
    Paced.load, Paced.pacer = load, pacer
    kinds = {kind.name: kind for kind in load.profile.kinds(load.target)}
    for user in users:
        if kind := kinds.get(user.kind):
            user.weight = kind.weight
            user.wait_time = between(*kind.think)


def reason(error: BaseException) -> str:
    """Why a request failed: the kind of error, for messages name addresses and ids."""
    return "TimeoutError" if isinstance(error, Timeout) else type(error).__name__
