"""A run against an earlier one: what became slower, fails more or carries less.

Only runs of the same profile, by the same code, against the same kind of target, with the same tool
and as many workers, from the same place are compared: anything else measures another thing. Where
the target stands may differ, which is how two releases or two Regions are held against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from generator.errors import UsageError
from loadtest.gate import COMPLETED, percentile_label, request_label
from loadtest.results import EVERYTHING, About, Row, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """How much worse than the baseline a run may be. None: not judged."""

    p50_percent: float | None = 15.0
    p95_percent: float | None = 20.0
    p99_percent: float | None = 30.0
    p999_percent: float | None = None
    """Rests on a thousandth of the requests, and so swings most from run to run."""
    milliseconds: float = 2.0
    """A smaller rise is noise, whatever its percentage."""
    error_points: float | None = 0.5
    """Percentage points of failed requests."""
    rate_percent: float | None = 10.0
    """How many fewer requests a second."""
    minimum_requests: int = 200
    """Of fewer, percentiles tell nothing; and where the baseline has fewer, nothing is judged."""


class Change(NamedTuple):
    """One measure in both runs."""

    what: str
    before: float
    now: float
    unit: str
    worse: bool
    """Beyond the tolerance; never where it is not judged."""

    @property
    def percent(self) -> float | None:
        """The change in percent; None from nothing."""
        return 100.0 * (self.now - self.before) / self.before if self.before else None


class Compared(NamedTuple):
    """A request name in both runs."""

    label: str
    changes: tuple[Change, ...]
    note: str = ""
    """Why it was not judged, or what is wrong besides the changes."""
    gone: bool = False
    """It was asked for often, and is no longer: worse, for less was done."""

    @property
    def kept(self) -> bool:
        """Whether it is no worse."""
        return not self.gone and not any(change.worse for change in self.changes)


class Comparison(NamedTuple):
    """A run and its baseline: all requests first, then each name."""

    baseline: About
    rows: tuple[Compared, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing is worse."""
        return all(row.kept for row in self.rows)

    @property
    def regressions(self) -> tuple[str, ...]:
        """What is worse, in words."""
        gone = [f"{_of(row.label)}{row.note}" for row in self.rows if row.gone]
        worse = [
            f"{_of(row.label)}{c.what} {c.now:,.6g} {c.unit}, it was {c.before:,.6g}"
            for row in self.rows
            for c in row.changes
            if c.worse
        ]
        return (*gone, *worse)


def compare(run: Run, baseline: Run, tolerances: Tolerances) -> Comparison:
    """Hold a run against a baseline. Raises UsageError where that would compare unlike things."""
    check_alike(run.about, baseline)
    now, before = _by_label(run), _by_label(baseline)
    labels = sorted(now.keys() | before.keys(), key=lambda label: (label != EVERYTHING, label))
    rows = (_compared(label, before.get(label), now.get(label), tolerances) for label in labels)
    return Comparison(baseline.about, tuple(rows))


def check_alike(now: About, baseline: Run) -> None:
    """Raises UsageError where the baseline is no measure for such a run, whatever it came to."""
    differing = [*_differences(now, baseline.about)]
    if differing:
        what = "\n".join(f"    {line}" for line in differing)
        raise UsageError(
            f"the baseline is no measure for this run, for these differ:\n{what}\n"
            "    make a new baseline: run the same profile with the code as it is now"
        )
    if baseline.about.ended != COMPLETED or baseline.total is None:
        raise UsageError(
            f"the baseline is no measure: it was {baseline.about.ended}"
            f"{'' if baseline.total else ' and sent nothing'}\n    name a run that is whole"
        )


def _differences(now: About, before: About) -> Iterator[str]:
    pairs = {
        "profile": (now.profile_sha256[:12], before.profile_sha256[:12]),
        "code": (now.code_sha256[:12], before.code_sha256[:12]),
        "target": (now.target, before.target),
        "tool": (now.tool, before.tool),
        "workers": (str(now.workers), str(before.workers)),
        "sent from": (_origin(now), _origin(before)),
    }
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            yield f"{name}: {ours} here, {theirs} in the baseline"


def _origin(about: About) -> str:
    return f"generators in {about.generators}" if about.generators else "a machine of one's own"


def _of(label: str) -> str:
    """What is said of no name is said of all requests."""
    return "" if label == EVERYTHING else f"{label}: "


def _by_label(run: Run) -> dict[str, Row]:
    return {EVERYTHING if row.name == EVERYTHING else request_label(row): row for row in run.totals}


def _compared(label: str, before: Row | None, now: Row | None, limits: Tolerances) -> Compared:
    if now is None or now.requests == 0:
        gone = before is not None and before.requests >= limits.minimum_requests
        return Compared(label, (), "no longer asked for", gone)
    if before is None or before.requests == 0:
        return Compared(label, (), "not in the baseline")
    changes, few = _changes(before, now, limits), f"fewer than {limits.minimum_requests:,} requests"
    if before.requests < limits.minimum_requests:
        shown = (change._replace(worse=False) for change in changes)
        return Compared(label, tuple(shown), f"{few} in the baseline: not judged")
    note = f"{few}: percentiles not judged" if now.requests < limits.minimum_requests else ""
    return Compared(label, tuple(changes), note)


def _changes(before: Row, now: Row, limits: Tolerances) -> Iterator[Change]:
    enough = now.requests >= limits.minimum_requests
    latencies = {
        "p50": (before.p50, now.p50, limits.p50_percent),
        "p95": (before.p95, now.p95, limits.p95_percent),
        "p99": (before.p99, now.p99, limits.p99_percent),
        "p999": (before.p999, now.p999, limits.p999_percent),
    }
    for what, (old, new, percent) in latencies.items():
        slower = percent is not None and _slower(old, new, percent, limits.milliseconds)
        yield Change(percentile_label(what), old, new, "ms", enough and slower)
    points, less = limits.error_points, limits.rate_percent
    failing = points is not None and not now.error_percent <= before.error_percent + points
    yield Change("errors", before.error_percent, now.error_percent, "%", failing)
    fewer = less is not None and not now.rate >= before.rate * (1 - less / 100)
    yield Change("rate", before.rate, now.rate, "/s", fewer)


def _slower(before: float, now: float, percent: float, milliseconds: float) -> bool:
    """Written so that NaN is worse."""
    return not now <= before + max(before * percent / 100, milliseconds)
