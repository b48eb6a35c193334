"""The requests of one name in one interval: counted, merged, sent to the master, made a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loadtest.buckets import percentiles
from loadtest.results import EVERYTHING, Row

Name = tuple[str, str]
"""Method and request name."""

Wire = list[Any]
"""What travels from a worker to the master: lists and numbers only."""


class Cell:
    """Requests of one name."""

    __slots__ = ("bytes", "counts", "failures", "longest", "read", "throttles", "write")

    def __init__(self) -> None:
        self.counts: defaultdict[int, int] = defaultdict(int)
        self.failures = self.bytes = self.throttles = 0
        self.longest = self.read = self.write = 0.0

    @property
    def requests(self) -> int:
        """How many, failed ones included."""
        return sum(self.counts.values())

    def merge(self, other: Cell) -> None:
        """Count what `other` has, too."""
        for bucket, count in other.counts.items():
            self.counts[bucket] += count
        self.failures += other.failures
        self.bytes += other.bytes
        self.throttles += other.throttles
        self.longest = max(self.longest, other.longest)
        self.read += other.read
        self.write += other.write

    def to_wire(self) -> Wire:
        """As lists and numbers."""
        rest = (self.failures, self.bytes, self.throttles, self.longest, self.read, self.write)
        return [list(self.counts), list(self.counts.values()), *rest]

    @classmethod
    def from_wire(cls, wire: Wire) -> Cell:
        """What `to_wire` made lists of."""
        cell = cls()
        buckets, counts, *rest = wire
        cell.counts.update(zip(buckets, counts, strict=True))
        cell.failures, cell.bytes, cell.throttles, cell.longest, cell.read, cell.write = rest
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


def merged(cells: Iterable[Cell]) -> Cell:
    """All of them in one."""
    whole = Cell()
    for cell in cells:
        whole.merge(cell)
    return whole
