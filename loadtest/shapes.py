"""How many users there are at a time: pure functions of the seconds since the start.

    steady         the same load, for a baseline
    day            nights and days, as fast as one likes
    spike          to a peak and back, in straight lines
    flash_crowd    word gets round: exponential growth, then a slow decay
    soak           for hours, then a rest that shows what was not given back
    trace          what was once measured, in straight lines between its points

A shape's users are a fraction here; `Curve.at` rounds them, since a user is a whole one.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

Users = Callable[[float], float]


class Point(NamedTuple):
    """Seconds since the start, and users then."""

    seconds: float
    users: float


class Curve(NamedTuple):
    """A shape, and how long it lasts (seconds)."""

    users: Users
    seconds: float

    def at(self, time: float) -> int | None:
        """Users at `time` (seconds since the start), rounded half up; None once it is over."""
        return math.floor(self.users(max(0.0, time)) + 0.5) if time < self.seconds else None

    def capped(self, seconds: float) -> Curve:
        """The same, broken off after `seconds`."""
        return self._replace(seconds=min(self.seconds, seconds))

    def samples(self, step: float = 1.0) -> list[int]:
        """Users at each step, from the start on."""
        return [self.at(index * step) or 0 for index in range(math.ceil(self.seconds / step))]


def lines(points: Sequence[Point]) -> Curve:
    """Straight lines between points in order of time; before the first one, as there."""
    times = [point.seconds for point in points]

    def users(time: float) -> float:
        after = bisect_right(times, time)
        if after in (0, len(points)):
            return points[min(after, len(points) - 1)].users
        (start, low), (end, high) = points[after - 1], points[after]
        return low + (high - low) * (time - start) / (end - start)

    return Curve(users, times[-1])


def steps(start: float, *legs: tuple[float, float]) -> Curve:
    """Straight lines from `start` users, a leg (seconds, users at its end) after the other.

    A leg of no seconds is a jump.
    """
    points = [Point(0.0, start)]
    for seconds, users in legs:
        points.append(Point(points[-1].seconds + seconds, users))
    return lines(points)


def steady(users: float, ramp: float, seconds: float) -> Curve:
    """From one user to `users` within `ramp` seconds, then `seconds` more of the same."""
    return steps(1, (ramp, users), (seconds, users))


def day(low: float, high: float, seconds: float, days: float) -> Curve:
    """A cosine from `low` (at the start, a night) to `high` half a day later; `seconds` a day."""

    def users(time: float) -> float:
        return low + (high - low) * (1.0 - math.cos(math.tau * time / seconds)) / 2.0

    return Curve(users, seconds * days)


def spike(
    users: float, peak: float, before: float, rise: float, hold: float, fall: float, after: float
) -> Curve:
    """`users`, up to `peak`, and back; each phase in seconds."""
    return steps(users, (before, users), (rise, peak), (hold, peak), (fall, users), (after, users))


def flash_crowd(
    users: float,
    peak: float,
    before: float,
    rise: float,
    hold: float,
    half_life: float,
    after: float,
) -> Curve:
    """A link is shared: users multiply at an even pace within `rise` seconds, up to `peak`.

    They stay for `hold` seconds; then half of those who came leave within each `half_life`, for
    `after` seconds.
    """
    risen = before + rise
    faded = risen + hold

    def at(time: float) -> float:
        if time < before:
            return users
        if time < risen:
            return users * float((peak / users) ** ((time - before) / rise))
        if time < faded:
            return peak
        return users + (peak - users) * float(0.5 ** ((time - faded) / half_life))

    return Curve(at, faded + after)


def soak(users: float, ramp: float, hold: float, rest_users: float, rest: float) -> Curve:
    """Up within `ramp`, `hold` for long, down within `ramp`, and `rest` with few; in seconds."""
    legs = ((ramp, users), (hold, users), (ramp, rest_users), (rest, rest_users))
    return steps(1, *legs)
