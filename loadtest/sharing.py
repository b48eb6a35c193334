"""A part of a load, where several places make it together: so many users, so much of the ceiling.

Every place runs the same profile, and each knows which part of how many it is. The parts of a
number of users add up to it at each moment, so the load is the same wherever it comes from.
"""

from __future__ import annotations

from typing import NamedTuple

from generator.errors import UsageError
from loadtest.shapes import Curve


class Share(NamedTuple):
    """One part of a load; parts count from 1. Written as in `2/3`."""

    part: int
    of: int

    def __str__(self) -> str:
        return f"{self.part}/{self.of}"

    def users(self, users: int) -> int:
        """Of so many users, this part's; all parts' add up to them, none is off by more than 1."""
        return (users + self.of - self.part) // self.of

    def ceiling(self, rate: float) -> float:
        """Of a ceiling (requests a second), this part's."""
        return rate / self.of

    def at(self, curve: Curve, time: float) -> int | None:
        """This part's users at `time` (seconds since the start); None once the shape is over."""
        users = curve.at(time)
        return None if users is None else self.users(users)


WHOLE = Share(1, 1)


def read_share(text: str) -> Share:
    """`2/3` as a Share. Raises UsageError where it is none."""
    part, _, of = text.partition("/")
    if part.isdecimal() and of.isdecimal() and 1 <= int(part) <= int(of):
        return Share(int(part), int(of))
    raise UsageError(f"found {text}\n    a part and how many there are, as in 2/3")
