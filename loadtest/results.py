"""What a run leaves behind: one folder, which every report, gate and comparison reads.

    run.json         what was run, against what, when, and how it ended; written last
    intervals.csv    a row a request name and interval, and one over all names; not run-cumulative
    totals.csv       the same columns over the whole run
    failures.csv     why requests failed: a row a request name and reason
    events.jsonl     what the platform did meanwhile, an object a line (`events`)

Times are seconds since the epoch, latencies milliseconds, as Locust measures them: from the first
byte sent to the last byte received.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NamedTuple, TypeVar

from generator.errors import UsageError
from loadtest.events import Event, event_line, read_events

FORMAT = 2
INTERVAL_SECONDS = 5.0
EVERYTHING = "Aggregated"
"""The name of the row over all requests, as Locust calls it."""

ABOUT, INTERVALS, TOTALS = "run.json", "intervals.csv", "totals.csv"
FAILURES, EVENTS = "failures.csv", "events.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What was run, and how it ended."""

    profile: str
    profile_sha256: str
    """Of what the profile means, not of how it is written."""
    code_sha256: str
    """Of what made the load: runs by other code measure another thing."""
    target: str
    """`edge`, `origin`, `table` or `cache`."""
    host: str
    started: float
    seconds: float
    """How long it lasted."""
    ended: str = "completed"
    """`completed`, `interrupted`, or why it was stopped."""
    tool: str = "locust"
    environment: str = ""
    """Whose stacks it was aimed at; empty where it was aimed at none."""
    workers: int = 1
    """How many processes sent it."""
    generators: str = ""
    """Regions whose load generators sent it; empty: a machine of one's own."""
    saturated: bool = False
    """Whether a process that sent it had no CPU time left: latencies include what waited for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One request name over one interval. Without requests its latencies are 0."""

    start: float
    seconds: float
    method: str
    name: str
    requests: int
    failures: int
    users: int
    p50: float
    p75: float
    p90: float
    p95: float
    p99: float
    p999: float
    longest: float
    bytes: int = 0
    read_units: float = 0.0
    """DynamoDB capacity that was consumed (units), as the answers say."""
    write_units: float = 0.0
    throttles: int = 0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def error_percent(self) -> float:
        """Failed requests of all, in percent."""
        return 100.0 * self.failures / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Requests of one name that failed for one reason."""

    method: str
    name: str
    reason: str
    requests: int


Kind = TypeVar("Kind", Row, Failure)


class Run(NamedTuple):
    """A run, whole."""

    about: About
    intervals: Sequence[Row]
    totals: Sequence[Row]
    failures: Sequence[Failure] = ()
    events: Sequence[Event] = ()

    @property
    def overall(self) -> tuple[Row, ...]:
        """The intervals over all names."""
        return tuple(row for row in self.intervals if row.name == EVERYTHING)

    @property
    def total(self) -> Row | None:
        """The whole run over all names; None where nothing was sent."""
        return next((row for row in self.totals if row.name == EVERYTHING), None)


def write_run(folder: Path, run: Run) -> None:
    """Write the folder's files; run.json last, so that where it is all of them are."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(folder / INTERVALS, Row, run.intervals)
    _write_rows(folder / TOTALS, Row, run.totals)
    _write_rows(folder / FAILURES, Failure, run.failures)
    write_events(folder, run.events)
    about = {"format": FORMAT, **asdict(run.about)}
    _replace(folder / ABOUT, json.dumps(about, indent=2) + "\n")


def write_events(folder: Path, events: Iterable[Event]) -> None:
    """Write what the platform did meanwhile, instead of what was known of it before."""
    _replace(folder / EVENTS, "".join(event_line(event) for event in events))


def read_run(folder: Path) -> Run:
    """Read the folder of a run. Raises UsageError where it is none, or of another format."""
    return Run(
        read_about(folder),
        _read_rows(folder / INTERVALS, Row),
        _read_rows(folder / TOTALS, Row),
        _read_rows(folder / FAILURES, Failure),
        read_events(folder / EVENTS),
    )


def read_about(folder: Path) -> About:
    """What was run, whatever became of the other files. Raises UsageError as `read_run` does."""
    path = folder / ABOUT
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.pop("format", None) != FORMAT:
            raise UsageError(f"{path}: of another version; format {FORMAT} is read here")
        return _checked(About(**values))
    except FileNotFoundError:
        raise UsageError(f"{folder}: no run lies there, {ABOUT} is missing") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: not what a run writes: {error}") from None


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: what was there before stays until then."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _checked(about: About) -> About:
    """Raises TypeError for a value of another type."""
    for field in fields(About):
        if not isinstance(value := getattr(about, field.name), _TYPES[str(field.type)]):
            raise TypeError(f"{field.name} is {json.dumps(value)}")
    return about


_TYPES = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
_CASTS = {"str": str, "int": int, "float": float}


def _write_rows(path: Path, kind: type[Kind], rows: Iterable[Kind]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(kind)])
        writer.writerows([getattr(row, field.name) for field in fields(kind)] for row in rows)


def _read_rows(path: Path, kind: type[Kind]) -> tuple[Kind, ...]:
    casts = {field.name: _CASTS[str(field.type)] for field in fields(kind)}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(
                kind(**{name: casts[name](text) for name, text in line.items()})
                for line in csv.DictReader(file)
            )
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise UsageError(f"{path}: not the rows of a run: {error}") from None
