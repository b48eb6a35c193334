"""What all users share: the load, the pace, and how a profile tells them who they are."""

from __future__ import annotations

from typing import ClassVar

from locust import User, between

from loadtest.pacing import Pacer
from loadtest.target import Load


class Paced(User):
    """A user that sends no request before its slot."""

    abstract = True
    weight: float = 0
    kind: ClassVar[str]
    """What a profile calls it."""
    load: ClassVar[Load]
    pacer: ClassVar[Pacer]


def cast(load: Load, pacer: Pacer, *users: type[Paced]) -> None:
    """Give these their part: weight and think time. Locust leaves out who has no weight."""
    Paced.load, Paced.pacer = load, pacer
    kinds = {kind.name: kind for kind in load.profile.kinds(load.target)}
    for user in users:
        if kind := kinds.get(user.kind):
            user.weight = kind.weight
            user.wait_time = between(*kind.think)
