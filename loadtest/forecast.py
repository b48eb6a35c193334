"""What a load will send, reckoned before it sends anything: the shape, think times, the ceiling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from loadtest.target import Load

SAMPLES_A_SECOND = 4
TICK_SECONDS = 1
"""Locust looks at a shape once a second, so a run may last that much longer."""


class Forecast(NamedTuple):
    """Of a whole run. Whatever the target does, users, rate and requests stay within it."""

    users: int
    """At the peak."""
    seconds: float
    expected_rate: float
    """Requests a second at the peak if answers took no time; they do, so it will be fewer."""
    greatest_rate: float
    """Requests a second that are never exceeded: the ceiling."""
    most_requests: int


def forecast(load: Load) -> Forecast:
    """The load's numbers."""
    profile, curve = load.profile, load.profile.curve(load.target)
    ceiling = profile.ceiling.requests_per_second
    samples = curve.samples(1.0 / SAMPLES_A_SECOND)
    users = [max(samples[at : at + SAMPLES_A_SECOND + 1]) for at in _seconds(samples)]
    users += users[-1:] * TICK_SECONDS
    by_users = _most_by_users(users, profile.greatest_rate_of_a_user(load.target))
    # At the end each user may finish the request that it is at, or waits for.
    by_ceiling = ceiling * (curve.seconds + TICK_SECONDS) + max(users)
    return Forecast(
        users=max(users),
        seconds=curve.seconds,
        expected_rate=min(ceiling, max(users) * profile.rate_of_a_user(load.target)),
        greatest_rate=ceiling,
        most_requests=math.ceil(min(by_ceiling, by_users)),
    )


def announce(load: Load) -> tuple[str, ...]:
    """The same in words, for whoever is about to start it."""
    seen = forecast(load)
    minutes, seconds = divmod(round(seen.seconds), 60)
    return (
        f"profile {load.profile.name}: {load.profile.description}",
        f"against {load.target}: {load.where}",
        f"{seen.users:,} users at the peak, for {minutes} min {seconds} s",
        f"about {seen.expected_rate:,.0f} requests/s at the peak, "
        f"never above {seen.greatest_rate:,g}",
        f"{seen.most_requests:,} requests at most",
    )


def _seconds(samples: Sequence[int]) -> range:
    return range(0, len(samples), SAMPLES_A_SECOND)


def _most_by_users(users: Sequence[int], fastest: float) -> float:
    """Each user starts with a request, and sends another one after each think time."""
    if math.isinf(fastest):
        return math.inf
    started = sum(max(0, now - before) for before, now in pairwise([0, *users]))
    return started + sum(users) * fastest
