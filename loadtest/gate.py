"""Whether a run kept its service level objectives, each in words.

The whole run is judged, by its totals. What can't be told counts as missed: a run that ended early,
that sent nothing or too little, or a name that was never asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from loadtest.results import EVERYTHING, Row, Run

COMPLETED, INTERRUPTED = "completed", "interrupted"
"""What `About.ended` says of a run that was whole, and of one that a person broke off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """What is asked of a run. None: not asked."""

    p50_milliseconds: float | None = None
    p95_milliseconds: float | None = None
    p99_milliseconds: float | None = None
    p999_milliseconds: float | None = None
    error_percent: float | None = None
    minimum_requests: int | None = None
    """Fewer tell nothing; None is one."""
    by_name: Mapping[str, Slo] = field(default_factory=dict)
    """What is asked of single request names besides; theirs is not read."""

    @property
    def latencies(self) -> Mapping[str, float]:
        """Milliseconds that are asked, by percentile as a run's rows call it."""
        asked = {
            "p50": self.p50_milliseconds,
            "p95": self.p95_milliseconds,
            "p99": self.p99_milliseconds,
            "p999": self.p999_milliseconds,
        }
        return {name: most for name, most in asked.items() if most is not None}


class Objective(NamedTuple):
    """One thing that was asked, and how it went."""

    name: str
    """A request name, or EVERYTHING."""
    what: str
    asked: str
    measured: str
    kept: bool

    @property
    def words(self) -> str:
        """What was measured and what was asked, for a terminal or a page."""
        of = "" if self.name == EVERYTHING else f"{self.name}: "
        return f"{of}{self.what} {self.measured} (asked: {self.asked})"


class Verdict(NamedTuple):
    """All objectives. The first ones, that the run is whole and large enough, are always asked."""

    objectives: tuple[Objective, ...]

    @property
    def kept(self) -> bool:
        """Whether all were kept."""
        return all(objective.kept for objective in self.objectives)

    @property
    def missed(self) -> tuple[Objective, ...]:
        """Those that were not."""
        return tuple(objective for objective in self.objectives if not objective.kept)


def judge(run: Run, slo: Slo) -> Verdict:
    """Hold a run against what was asked of it."""
    ended = Objective(
        EVERYTHING, "the run was", COMPLETED, run.about.ended, run.about.ended == COMPLETED
    )
    everything = [run.total] if run.total else []
    named = (
        objective
        for name, asked in slo.by_name.items()
        for objective in _of_name(name, [row for row in run.totals if row.name == name], asked)
    )
    return Verdict((ended, *_of_name(EVERYTHING, everything, slo), *named))


def notes(run: Run) -> tuple[str, ...]:
    """What is to be known about a run's numbers besides the verdict; it changes none."""
    if not run.about.saturated:
        return ()
    return (
        "a process that sent the load had no CPU time left: latencies include its own waiting; "
        "send from more processes or machines",
    )


def _of_name(name: str, rows: Iterable[Row], slo: Slo) -> Iterator[Objective]:
    """Each method of a name has a row, and each is judged."""
    found = list(rows)
    if not found:
        yield _enough(name, 0, slo)
    for row in found:
        label = name if name == EVERYTHING else request_label(row)
        yield _enough(label, row.requests, slo)
        yield from _of_row(label, row, slo)


def _enough(name: str, requests: int, slo: Slo) -> Objective:
    least = max(1, slo.minimum_requests or 1)
    kept = requests >= least
    asked = f"at least {least:,}" + ("" if kept else ", too few to tell")
    return Objective(name, "requests", asked, f"{requests:,}", kept)


def _of_row(name: str, row: Row, slo: Slo) -> Iterator[Objective]:
    """A comparison with NaN is false, so what is no number is missed."""
    measured = {"p50": row.p50, "p95": row.p95, "p99": row.p99, "p999": row.p999}
    for what, most in slo.latencies.items():
        value = measured[what]
        yield _at_most(name, percentile_label(what), value, most, " ms")
    if slo.error_percent is not None:
        yield _at_most(name, "errors", row.error_percent, slo.error_percent, " %")


def _at_most(name: str, what: str, value: float, most: float, unit: str) -> Objective:
    """Six digits are written, lest a value that is too high looks like its limit."""
    asked, measured = f"at most {most:,.6g}{unit}", f"{value:,.6g}{unit}"
    return Objective(name, what, asked, measured, value <= most)


def percentile_label(name: str) -> str:
    """`p99.9` for p999."""
    return "p99.9" if name == "p999" else name


def request_label(row: Row) -> str:
    """How a request is called: its method, where it has one, and its name."""
    return f"{row.method} {row.name}".strip()
