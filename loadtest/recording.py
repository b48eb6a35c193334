"""What was measured, interval by interval: in workers, on its way to the master, and as rows.

    request ──► Recorder.record ──► cells ──► take ──► (report to the master) ──► add ──► rows

A cell has one request name in one interval. An interval begins at a multiple of five seconds after
the run's start and has what *ended* in it, so that a stall shows as an interval without requests.
Once a minute has passed over it an interval becomes rows: a run of hours takes little memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from loadtest.buckets import bucket_of, percentiles
from loadtest.cells import Cell, Name, Wire, merged, rows_of
from loadtest.results import INTERVAL_SECONDS, Row

GRACE_INTERVALS = 12
"""How much later than its interval a worker's report may come; what is later still counts in the
oldest interval that is open."""


class Progress(NamedTuple):
    """A run so far."""

    seconds: float
    users: int
    requests: int
    failures: int
    p99: float
    """Milliseconds, of all requests so far."""


class Recorder:
    """The cells of one run, in a worker or in whoever puts the run together."""

    def __init__(self, started: float) -> None:
        """`started`: seconds since the epoch."""
        self.started = started
        self._open: dict[int, dict[Name, Cell]] = {}
        self._first_open = 0
        self._rows: list[Row] = []
        self._totals: dict[Name, Cell] = {}
        self._users: dict[int, int] = {}
        self._users_now = self._most_users = 0

    def record(
        self,
        method: str,
        name: str,
        ended: float,
        milliseconds: float,
        length: int,
        failed: bool,
        units: tuple[float, float] = (0.0, 0.0),
        throttled: bool = False,
    ) -> None:
        """Count a request that ended at `ended`; `units` are DynamoDB's, read and written."""
        cell = self._cell(int((ended - self.started) / INTERVAL_SECONDS), (method, name))
        cell.counts[bucket_of(milliseconds)] += 1
        cell.bytes += length
        if milliseconds > cell.longest:
            cell.longest = milliseconds
        if failed:
            cell.failures += 1
            cell.throttles += throttled
        if units[0] or units[1]:
            cell.read += units[0]
            cell.write += units[1]

    def users_at(self, time: float, users: int) -> None:
        """So many run at `time` (seconds since the epoch); an interval's last number counts."""
        self._users[int((time - self.started) / INTERVAL_SECONDS)] = users
        self._users_now, self._most_users = users, max(self._most_users, users)

    def take(self) -> Wire:
        """All cells, for the master; they are no longer here."""
        cells, self._open = self._open, {}
        return [
            [interval, *name, cell.to_wire()]
            for interval, by_name in cells.items()
            for name, cell in by_name.items()
        ]

    def add(self, wire: Wire) -> None:
        """Count what a worker took."""
        for interval, method, name, cell in wire:
            self._cell(interval, (method, name)).merge(Cell.from_wire(cell))

    def settle(self, now: float) -> None:
        """Make rows of what a minute has passed over; `now` in seconds since the epoch."""
        until = int((now - self.started) / INTERVAL_SECONDS) - GRACE_INTERVALS
        for interval in range(self._first_open, until):
            self._close(interval, INTERVAL_SECONDS)

    def progress(self, now: float) -> Progress:
        """The run so far."""
        whole = merged([*self._totals.values(), *self._open_cells()])
        (p99,) = percentiles(whole.counts, whole.longest, (990,))
        return Progress(now - self.started, self._users_now, whole.requests, whole.failures, p99)

    def rows(self, seconds: float) -> tuple[Sequence[Row], Sequence[Row]]:
        """Intervals and totals of the whole run, `seconds` long. Nothing is added afterwards."""
        last = max(self._first_open, int(seconds / INTERVAL_SECONDS))
        if seconds == last * INTERVAL_SECONDS and last > self._first_open:
            last -= 1  # an interval of no length
        for late in [interval for interval in self._open if interval > last]:
            for name, cell in self._open.pop(late).items():
                self._cell(last, name).merge(cell)
        for interval in range(self._first_open, last):
            self._close(interval, INTERVAL_SECONDS)
        self._close(last, seconds - last * INTERVAL_SECONDS)
        return self._rows, [*rows_of(self._totals, self.started, seconds, self._most_users)]

    def _cell(self, interval: int, name: Name) -> Cell:
        if interval < self._first_open:
            interval = self._first_open
        by_name = self._open.get(interval)
        if by_name is None:
            by_name = self._open[interval] = {}
        cell = by_name.get(name)
        if cell is None:
            cell = by_name[name] = Cell()
        return cell

    def _open_cells(self) -> Iterator[Cell]:
        return (cell for by_name in self._open.values() for cell in by_name.values())

    def _close(self, interval: int, seconds: float) -> None:
        by_name = self._open.pop(interval, {})
        users = self._users.get(interval, self._users.get(interval - 1, 0))
        start = self.started + interval * INTERVAL_SECONDS
        self._rows += rows_of(by_name, start, seconds, users)
        for name, cell in by_name.items():
            self._totals.setdefault(name, Cell()).merge(cell)
        self._first_open = interval + 1
