"""The requests of one name in one interval: counted, merged, sent to the master, made a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loadtest.buckets import percentiles
from loadtest.results import EVERYTHING, Failure, Row

Name = tuple[str, str]
"""Method and request name."""

Wire = list[Any]
"""What travels from a worker to the master: as JSON has it."""


class Cell:
    """Requests of one name."""

    __slots__ = ("bytes", "counts", "longest", "read", "reasons", "throttles", "write")

    def __init__(self) -> None:
        self.counts: defaultdict[int, int] = defaultdict(int)
        self.reasons: defaultdict[str, int] = defaultdict(int)
        """Of the failed ones, how many failed for which reason."""
        self.bytes = self.throttles = 0
        self.longest = self.read = self.write = 0.0

    @property
    def requests(self) -> int:
        """How many, failed ones included."""
        return sum(self.counts.values())

    @property
    def failures(self) -> int:
        """How many failed."""
        return sum(self.reasons.values())

    def merge(self, other: Cell) -> None:
        """Count what `other` has, too."""
        for bucket, count in other.counts.items():
            self.counts[bucket] += count
        for reason, count in other.reasons.items():
            self.reasons[reason] += count
        self.bytes += other.bytes
        self.throttles += other.throttles
        self.longest = max(self.longest, other.longest)
        self.read += other.read
        self.write += other.write

    def to_wire(self) -> Wire:
        """As JSON has it."""
        rest = (self.bytes, self.throttles, self.longest, self.read, self.write)
        return [list(self.counts), list(self.counts.values()), dict(self.reasons), *rest]

    @classmethod
    def from_wire(cls, wire: Wire) -> Cell:
        """What `to_wire` took apart."""
        cell = cls()
        buckets, counts, reasons, *rest = wire
        cell.counts.update(zip(buckets, counts, strict=True))
        cell.reasons.update(reasons)
        cell.bytes, cell.throttles, cell.longest, cell.read, cell.write = rest
        return cell

    def row(self, start: float, seconds: float, method: str, name: str, users: int) -> Row:
        """As a row of the results."""
        ranks = percentiles(self.counts, self.longest)
        p50, p75, p90, p95, p99, p999, longest = map(_legible, (*ranks, self.longest))
        return Row(
            start=start,
            seconds=seconds,
            method=method,
            name=name,
            requests=self.requests,
            failures=self.failures,
            users=users,
            p50=p50,
            p75=p75,
            p90=p90,
            p95=p95,
            p99=p99,
            p999=p999,
            longest=longest,
            bytes=self.bytes,
            read_units=self.read,
            write_units=self.write,
            throttles=self.throttles,
        )


def _legible(milliseconds: float) -> float:
    """Six digits, which is a thousand times as fine as a bucket."""
    return float(f"{milliseconds:.6g}")


def rows_of(
    by_name: Mapping[Name, Cell], start: float, seconds: float, users: int
) -> Iterator[Row]:
    """A row a name, then one over all."""
    for name, cell in sorted(by_name.items()):
        yield cell.row(start, seconds, *name, users)
    yield merged(by_name.values()).row(start, seconds, "", EVERYTHING, users)


def failures_of(by_name: Mapping[Name, Cell]) -> Iterator[Failure]:
    """Why requests failed, the most frequent first."""
    found = [
        Failure(method=method, name=name, reason=reason, requests=count)
        for (method, name), cell in by_name.items()
        for reason, count in cell.reasons.items()
    ]
    yield from sorted(found, key=lambda each: (-each.requests, each.name, each.reason))


def merged(cells: Iterable[Cell]) -> Cell:
    """All of them in one."""
    whole = Cell()
    for cell in cells:
        whole.merge(cell)
    return whole
