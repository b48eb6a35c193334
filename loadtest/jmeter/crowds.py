"""A shape → JMeter's thread groups, whose threads start one after another and end together.

    users                  ┌── third layer: starts last, ends first
      ▲        ┌───────┐   │
      │      ╱─┴───────┴──┐◄── second layer, of the users above the first
      │ ┌───┴─────────────┴────┐ first layer: as many as there are at least
      └─┴──────────────────────┴─▶ whole seconds, since JMeter has no others

A layer takes in as many users as one group may stand for; whoever is above it makes more layers.
At each whole second the threads differ by at most the tolerance from the shape's users, since the
layers below are full, those above are empty, and one layer's group was held against the shape.
A rise in a straight line takes one group; those who leave take a group for each `tolerance` users.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from loadtest.profile import Kind
from loadtest.shapes import Curve

TOLERANCE = 0.05
"""Of the most users of a kind that there are."""


class Crowd(NamedTuple):
    """One thread group; `delay`, `ramp` and `seconds` (which has the ramp in it) in seconds."""

    threads: int
    delay: int
    ramp: int
    seconds: int

    def at(self, second: int) -> int:
        """Threads at a whole second since the start."""
        since = second - self.delay
        if not 0 <= since < self.seconds:
            return 0
        return (
            min(self.threads, since * self.threads // self.ramp + 1) if self.ramp else self.threads
        )


def crowds_by_kind(curve: Curve, kinds: Sequence[Kind]) -> Mapping[str, list[Crowd]]:
    """The thread groups of each kind of user."""
    users_of = users_by_kind(curve, kinds)
    return {kind: crowds(users, tolerance_of(users)) for kind, users in users_of.items()}


def span(groups: Iterable[Crowd]) -> int:
    """Seconds from when the first thread starts until the last ones end."""
    found = [*groups]
    end = max((crowd.delay + crowd.seconds for crowd in found), default=0)
    return end - min((crowd.delay for crowd in found), default=0)


def tolerance_of(users: Sequence[int]) -> int:
    """How many threads more or fewer than these users there may be."""
    return max(1, math.ceil(TOLERANCE * max(users, default=0)))


def users_by_kind(curve: Curve, kinds: Sequence[Kind]) -> Mapping[str, list[int]]:
    """Users of each kind at each second: of so many users, always the same number."""
    everybody = curve.samples()
    shares = _shares(kinds, max(everybody, default=0))
    return {kind.name: [shares[kind.name][users] for users in everybody] for kind in kinds}


def _shares(kinds: Sequence[Kind], most: int) -> Mapping[str, list[int]]:
    """How many of the first n are of a kind, for each n: the next is who is furthest behind.

    https://en.wikipedia.org/wiki/Sainte-Lagu%C3%AB_method
    """
    shares = {kind.name: [0] for kind in kinds}
    for _ in range(most):
        behind = min(kinds, key=lambda kind: (shares[kind.name][-1] + 0.5) / kind.weight)
        for name, counts in shares.items():
            counts.append(counts[-1] + (name == behind.name))
    return shares


def crowds(users: Sequence[int], tolerance: int) -> list[Crowd]:
    """The groups whose threads add up to `users`, a number a second."""
    return sorted(_layers(users, 0, range(len(users)), tolerance), key=lambda crowd: crowd[1:])


def _layers(users: Sequence[int], floor: int, span: range, tolerance: int) -> Iterator[Crowd]:
    """Of the users above `floor`: those up to a top as one group, then those above it."""
    for part in _above(users, floor, span):
        top = _top(users, floor, part, tolerance)
        yield _crowd(users, floor, top, part)
        yield from _layers(users, top, part, tolerance)


def _above(users: Sequence[int], floor: int, span: range) -> Iterator[range]:
    """The parts of a span throughout which there are more users than `floor`."""
    for above, seconds in groupby(span, lambda second: users[second] > floor):
        if above:
            part = [*seconds]
            yield range(part[0], part[-1] + 1)


def _top(users: Sequence[int], floor: int, part: range, tolerance: int) -> int:
    """Everybody, if one group may stand for them; or those who never leave; or a few."""
    seen = users[part.start : part.stop]
    for top in (max(seen), min(seen)):
        if top >= floor + tolerance and _fits(users, floor, top, part, tolerance):
            return top
    return floor + tolerance


def _fits(users: Sequence[int], floor: int, top: int, part: range, tolerance: int) -> bool:
    crowd = _crowd(users, floor, top, part)
    return all(
        abs(crowd.at(second) - min(users[second] - floor, top - floor)) <= tolerance
        for second in part
    )


def _crowd(users: Sequence[int], floor: int, top: int, part: range) -> Crowd:
    """Full as soon as the top is reached; gone when half of them would have been for good."""
    threads = min(top, max(users[part.start : part.stop])) - floor
    full = next(second for second in part if users[second] >= floor + threads)
    last = next(second for second in reversed(part) if 2 * (users[second] - floor) >= threads)
    return Crowd(threads, part.start, full - part.start, last + 1 - part.start)
