"""What a relation between settings is: the keys it reads, and how it can be broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from generator.settings.model import Settings
from generator.settings.source import Location


class Problem(NamedTuple):
    """A broken relation: where, what, and what to do."""

    at: Location
    problem: str
    remedy: str


Check = Callable[[Settings], Iterator[Problem]]


class Rule(NamedTuple):
    """A relation; `reads` are its inputs, with `*` for any item of a list."""

    reads: tuple[Location, ...]
    check: Check

    def depends_on(self, faulty: Location) -> bool:
        """Whether one of the inputs is at, in, or around `faulty`."""
        return any(
            all(want in ("*", have) for want, have in zip(read, faulty, strict=False))
            for read in self.reads
        )


def reads(*keys: str) -> Callable[[Check], Rule]:
    """Make a rule of a function and the dotted keys that it reads."""
    return lambda check: Rule(tuple(tuple(key.split(".")) for key in keys), check)
