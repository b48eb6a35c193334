"""A traffic trace: a CSV file of two columns, in order of time, in straight lines between rows.

    seconds,users                       or      seconds,requests_per_second
    0,10                                        0,120
    60,25.5                                     60,300

Requests a second become users by the time that a user thinks between two of them. Empty lines and
lines that begin with # are left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from generator.errors import Fault, SettingsError
from generator.settings.scalars import short
from generator.settings.text import WHOLE_FILE, read
from loadtest.shapes import Curve, Point, lines

USERS, REQUESTS = "users", "requests_per_second"
MOST = 1_000_000
_NUMBER = re.compile(r"\d{1,12}(\.\d{0,12})?([eE][-+]?\d{1,2})?")
_Line = tuple[int, list[str]]


class Trace(NamedTuple):
    """Seconds, and what was counted then."""

    unit: str
    """USERS or REQUESTS."""
    points: tuple[Point, ...]

    def curve(self, speed: float, scale: float, requests_per_user: float) -> Curve:
        """As users; the last is how many requests a user makes each second."""
        factor = scale if self.unit == USERS else scale / requests_per_user
        return lines([Point(at / speed, count * factor) for at, count in self.points])


def read_trace(path: Path) -> Trace:
    """The trace in a file; SettingsError with all its faults."""
    rows = [
        (number, [cell.strip() for cell in line.split(",")])
        for number, line in enumerate(read(path).splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    file = path.as_posix()
    faults = [*_faulty_header(file, rows), *_faulty_rows(file, rows[1:]), *_too_few(file, rows)]
    if faults:
        raise SettingsError(faults)
    return Trace(rows[0][1][1], tuple(Point(float(at), float(n)) for _, (at, n) in rows[1:]))


def _faulty_header(file: str, rows: list[_Line]) -> Iterator[Fault]:
    number, cells = rows[0] if rows else (1, [])
    if cells not in (["seconds", USERS], ["seconds", REQUESTS]):
        remedy = f"The first line is `seconds,{USERS}` or `seconds,{REQUESTS}`."
        yield Fault(file, number, 1, "header", f"found {_shown(cells)}", remedy)


def _faulty_rows(file: str, rows: list[_Line]) -> Iterator[Fault]:
    last = -1.0
    for number, cells in rows:
        if len(cells) != 2:
            remedy = "A row has two numbers, as in `60,25.5`."
            yield Fault(file, number, 1, "row", f"found {_shown(cells)}", remedy)
            continue
        yield from _faulty_cells(file, number, cells)
        if _NUMBER.fullmatch(cells[0]):
            if float(cells[0]) <= last:
                problem = f"found {cells[0]} after {last:g}"
                yield Fault(file, number, 1, "seconds", problem, "Put the rows in order of time.")
            last = max(last, float(cells[0]))


def _faulty_cells(file: str, number: int, cells: list[str]) -> Iterator[Fault]:
    remedy = f"Allowed: a decimal number from 0 to {MOST}."
    for key, cell in zip(("seconds", "value"), cells, strict=True):
        if not _NUMBER.fullmatch(cell) or not 0 <= float(cell) <= MOST:
            yield Fault(file, number, 1, key, f"found {_shown([cell])}", remedy)


def _too_few(file: str, rows: list[_Line]) -> Iterator[Fault]:
    if len(rows) < 3:
        problem, remedy = f"found {max(0, len(rows) - 1)} rows", "A trace has two rows or more."
        yield Fault(file, rows[-1][0] if rows else 1, 1, WHOLE_FILE, problem, remedy)


def _shown(cells: list[str]) -> str:
    return f'"{short(",".join(cells))}"'


def requests_need_thinking(path: Path, trace: Trace, requests_per_user: float) -> None:
    """Raises SettingsError where requests a second can't become users: they never wait."""
    if trace.unit == REQUESTS and not math.isfinite(requests_per_user):
        problem = "requests a second, of users who never wait"
        remedy = "Give the profile's users a think time, or the trace users."
        raise SettingsError([Fault(path.as_posix(), 1, 1, "header", problem, remedy)])
