"""What a run came to, on a screen: objectives, what is worse than before, where the page is."""

from __future__ import annotations

import shutil
from pathlib import Path

from generator.cli.console import Console
from generator.cli.loading import Watch
from generator.errors import AwsError, Exit
from loadtest.account import watch
from loadtest.asked import slo_of, tolerances_of
from loadtest.events import read_events
from loadtest.profile import Profile
from loadtest.report import Report, write_report
from loadtest.results import EVENTS, EVERYTHING, About, Row, Run, read_run, write_run
from loadtest.watching import events_during

INTERRUPTED = "interrupted"
COLUMNS = ("request", "requests ", "failed ", "req/s ", "p50 ms ", "p99 ms ", "p99.9 ms ")


def add_events(folder: Path, file: Path) -> None:
    """Take what the platform did from a file; UsageError where it is none."""
    read_events(file)
    if file.resolve() != (folder / EVENTS).resolve():
        shutil.copyfile(file, folder / EVENTS)


def add_events_of_aws(console: Console, folder: Path, watched: Watch) -> None:
    """Take them from CloudWatch and the groups. Without them there is still a report."""
    found = read_run(folder)
    begun, ended = found.about.started, found.about.started + found.about.seconds
    try:
        places = [watch(region, watched.prefix, [name]) for region, name in watched.groups.items()]
        write_run(folder, found._replace(events=events_during(places, begun, ended)))
    except AwsError as error:
        console.error(f"what AWS did meanwhile is missing\n{error}")
    else:
        console.line(f"metrics lag by minutes; for the last ones, later: loadtest --again {folder}")


def finish(console: Console, folder: Path, profile: Profile, baseline: Path | None) -> Exit:
    """Write the report, show it, and say how to leave."""
    report = write_report(
        folder, slo=slo_of(profile), baseline=baseline, tolerances=tolerances_of(profile)
    )
    done = read_run(folder)
    _show(console, done, report)
    if done.about.ended == INTERRUPTED:
        return Exit.INTERRUPTED
    return Exit.DONE if report.kept else Exit.FAILED


def _show(console: Console, done: Run, report: Report) -> None:
    console.table(_title(done.about), COLUMNS, [_row(row) for row in done.totals])
    for objective in report.verdict.objectives:
        console.line(f"{'kept  ' if objective.kept else 'MISSED'}  {objective.words}")
    for regression in report.comparison.regressions if report.comparison else ():
        console.line(f"WORSE   {regression}")
    console.line(f"page    {_from_here(report.page)}")
    console.line(f"graphs  {_from_here(report.graphs[0])}")


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _title(about: About) -> str:
    return f"{about.profile} against {about.target}: {about.ended} after {about.seconds:.0f} s"


def _row(row: Row) -> tuple[str, ...]:
    name = "all" if row.name == EVERYTHING else f"{row.method} {row.name}"
    counts = (f"{row.requests:,}", f"{row.failures:,}", f"{row.rate:,.1f}")
    return (name, *counts, *(f"{ms:,.1f}" for ms in (row.p50, row.p99, row.p999)))
