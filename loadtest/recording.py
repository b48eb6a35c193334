"""What was measured, interval by interval: in workers, on its way to the master, and as rows.

    request ──► Recorder.record ──► cells ──► take ──► (report to the master) ──► add ──► rows

A cell has one request name in one interval. An interval begins at a multiple of five seconds after
the run's start and has what *ended* in it, so that a stall shows as an interval without requests.
The last row is longer where less than half an interval would be left: a rate over an instant is
none. Cells are told (`on_closed`) in intervals of five seconds to the end: those of several places
add up before rows are made of them.
Once a minute has passed over it an interval becomes rows: a run of hours takes little memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from loadtest.buckets import bucket_of, percentiles
from loadtest.cells import Cell, Name, Wire, failures_of, merged, rows_of
from loadtest.results import INTERVAL_SECONDS, Failure, Row

GRACE_INTERVALS = 12
"""How much later than its interval a worker's report may come; what is later still counts in the
oldest interval that is open."""


BATCH = 64
"""Requests that are heard before they are counted: at once they cost half as much as one by one."""
Heard = tuple[str, str, float, float, int, BaseException | None, tuple[float, float] | None, bool]
"""Method, name, end, milliseconds, length, failure, units, throttled."""


class Progress(NamedTuple):
    """A run so far."""

    seconds: float
    users: int
    requests: int
    failures: int
    p99: float
    """Milliseconds, of all requests so far."""


Closed = Callable[[int, int, Mapping[Name, Cell]], None]
"""Told of an interval that is over: its number, its users, its cells. The last one is told as long
as it lasted, however short."""


Reason = Callable[[BaseException], str]
"""Why a request failed, in a few words that many failures share: no address, no id."""


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _nobody_listens(interval: int, users: int, by_name: Mapping[Name, Cell]) -> None:
    """Most runs keep rows only."""


class Recorder:
    """The cells of one run after another, in a worker or in whoever puts the run together."""

    def __init__(self) -> None:
        self.on_closed: Closed = _nobody_listens
        self.reason: Reason = _kind
        self.begin(0.0)

    def begin(self, started: float) -> None:
        """A run begins, at `started` (seconds since the epoch); an earlier one is forgotten."""
        self.started = started
        self._heard: list[Heard] = []
        self._open: dict[int, dict[Name, Cell]] = {}
        self._first_open = 0
        self._rows: list[Row] = []
        self._totals: dict[Name, Cell] = {}
        self._users: dict[int, int] = {}
        self._users_now = self._most_users = self._users_before = 0
        self._turn_to(0)

    def record(
        self,
        request_type: str,
        name: str,
        response_time: float,
        response_length: int,
        start_time: float,
        exception: BaseException | None = None,
        units: tuple[float, float] | None = None,
        throttled: bool = False,
        **_: object,
    ) -> None:
        """Count a request: what Locust tells of one, and what our users of tables tell besides.

        Times are milliseconds and, since the epoch, seconds; `units` are DynamoDB's, read and
        written.
        """
        ended, heard = start_time + response_time / 1000.0, self._heard
        heard.append(
            (request_type, name, ended, response_time, response_length, exception, units, throttled)
        )
        if len(heard) >= BATCH:
            self._count()

    def users_at(self, time: float, users: int) -> None:
        """So many run at `time` (seconds since the epoch); an interval's last number counts."""
        self._users[int((time - self.started) / INTERVAL_SECONDS)] = users
        self._users_now, self._most_users = users, max(self._most_users, users)

    def take(self) -> Wire:
        """All cells, for the master; they are no longer here."""
        self._count()
        cells, self._open = self._open, {}
        self._turn_to(0)
        return [
            [interval, *name, cell.to_wire()]
            for interval, by_name in cells.items()
            for name, cell in by_name.items()
        ]

    def add(self, wire: Wire) -> None:
        """Count what a worker took."""
        for interval, method, name, cell in wire:
            _cell(self._cells(interval), (method, name)).merge(Cell.from_wire(cell))

    def settle(self, now: float) -> None:
        """Make rows of what a minute has passed over; `now` in seconds since the epoch."""
        self._count()
        until = int((now - self.started) / INTERVAL_SECONDS) - GRACE_INTERVALS
        if until > self._first_open:
            for interval in range(self._first_open, until):
                self._tell(interval)
                self._close(interval, INTERVAL_SECONDS)
            self._turn_to(until)

    def progress(self, now: float) -> Progress:
        """The run so far."""
        self._count()
        whole = merged([*self._totals.values(), *self._open_cells()])
        (p99,) = percentiles(whole.counts, whole.longest, (990,))
        return Progress(now - self.started, self._users_now, whole.requests, whole.failures, p99)

    def rows(self, seconds: float) -> tuple[Sequence[Row], Sequence[Row]]:
        """Intervals and totals of the whole run, `seconds` long. Nothing is added afterwards."""
        self._count()
        ended = self._end_with(math.ceil(seconds / INTERVAL_SECONDS) - 1)
        for interval in range(self._first_open, ended + 1):
            self._tell(interval)
        last = self._end_with(int(seconds / INTERVAL_SECONDS + 0.5) - 1)
        for interval in range(self._first_open, last):
            self._close(interval, INTERVAL_SECONDS)
        self._close(last, seconds - last * INTERVAL_SECONDS)
        return self._rows, [*rows_of(self._totals, self.started, seconds, self._most_users)]

    def failures(self) -> Sequence[Failure]:
        """Why requests failed, once there are `rows`."""
        return [*failures_of(self._totals)]

    def _count(self) -> None:
        """Count what was heard."""
        for method, name, ended, milliseconds, length, failure, units, throttled in self._heard:
            if not self._from <= ended < self._until:
                self._turn_to(int((ended - self.started) / INTERVAL_SECONDS))
            cell = self._current.get((method, name)) or _cell(self._current, (method, name))
            cell.counts[bucket_of(milliseconds)] += 1
            cell.bytes += length
            if milliseconds > cell.longest:
                cell.longest = milliseconds
            if failure is not None:
                cell.reasons[self.reason(failure)] += 1
                cell.throttles += throttled
            if units is not None:
                cell.read += units[0]
                cell.write += units[1]
        self._heard.clear()

    def _turn_to(self, interval: int) -> None:
        """What is recorded next ended in this interval."""
        self._current = self._cells(interval)
        self._from = self.started + interval * INTERVAL_SECONDS
        self._until = self._from + INTERVAL_SECONDS

    def _end_with(self, last: int) -> int:
        """Count what came after the last interval in it, users where it has none; its number."""
        last = max(self._first_open, last)
        for late in [interval for interval in self._open if interval > last]:
            for name, cell in self._open.pop(late).items():
                _cell(self._cells(last), name).merge(cell)
        for late in sorted(interval for interval in self._users if interval > last):
            self._users.setdefault(last, self._users.pop(late))
        return last

    def _cells(self, interval: int) -> dict[Name, Cell]:
        return self._open.setdefault(max(interval, self._first_open), {})

    def _open_cells(self) -> Iterator[Cell]:
        return (cell for by_name in self._open.values() for cell in by_name.values())

    def _tell(self, interval: int) -> None:
        """As many users as before where nobody told how many."""
        self._users_before = users = self._users.setdefault(interval, self._users_before)
        self.on_closed(interval, users, self._open.get(interval, {}))

    def _close(self, interval: int, seconds: float) -> None:
        by_name = self._open.pop(interval, {})
        start = self.started + interval * INTERVAL_SECONDS
        self._rows += rows_of(by_name, start, seconds, self._users[interval])
        for name, cell in by_name.items():
            self._totals.setdefault(name, Cell()).merge(cell)
        self._first_open = interval + 1


def _cell(cells: dict[Name, Cell], name: Name) -> Cell:
    return cells.setdefault(name, Cell())
