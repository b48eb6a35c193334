"""What a run came to, on a screen: objectives, what is worse than before, where the page is."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

from generator.cli.console import Console
from generator.cli.loading import watch_stacks
from generator.errors import Exit, GtmError, UsageError
from generator.workspace import Workspace
from loadtest.account import watch
from loadtest.asked import slo_of, tolerances_of
from loadtest.baseline import check_alike
from loadtest.events import Event, fuller, read_events
from loadtest.gate import INTERRUPTED, notes
from loadtest.profile import PROFILES, Profile
from loadtest.report import Report, write_report
from loadtest.results import EVERYTHING, About, Row, Run, read_about, read_run, write_events
from loadtest.watching import events_during

COLUMNS = ("request", "requests ", "failed ", "req/s ", "p50 ms ", "p99 ms ", "p99.9 ms ")


def report(
    console: Console,
    workspace: Workspace,
    folder: Path,
    profile: Profile,
    baseline: Path | None,
    events: Path | None,
) -> Exit:
    """Add what the platform did meanwhile, then `finish`. AWS is asked of a run at its stacks."""
    environment = read_about(folder).environment
    if events:
        add_events(console, folder, events)
    elif environment:
        add_events_of_aws(console, folder, profile, workspace.output(environment))
    return finish(console, folder, profile, baseline)


def add_events(console: Console, folder: Path, file: Path) -> None:
    """Take what the platform did from a file; UsageError where it is none."""
    events, about = read_events(file), read_about(folder)
    write_events(folder, events)
    begun, ended = about.started, about.started + about.seconds
    if not any(begun <= event.time <= ended for event in events):
        span = " to ".join(f"{datetime.fromtimestamp(at, UTC):%F %T}" for at in (begun, ended))
        console.error(f"{file}: nothing in it happened during the run, {span} UTC")


def add_events_of_aws(console: Console, folder: Path, profile: Profile, built: Path) -> None:
    """Take them from CloudWatch and the groups of what was built. There is a report in any case."""
    known = read_run(folder)
    try:
        write_events(folder, fuller(known.events, _events_of_aws(known.about, built)))
    except GtmError as error:
        console.error(f"what AWS did meanwhile is missing\n{error}")
    console.line(f"metrics lag by minutes; for the last ones, later: {_again(folder, profile)}")


def _events_of_aws(about: About, built: Path) -> tuple[Event, ...]:
    prefix, groups = watch_stacks(built)
    places = [watch(region, prefix, group) for region, group in groups.items()]
    return events_during(places, about.started, about.started + about.seconds)


def _again(folder: Path, profile: Profile) -> str:
    """The command that reports on a run again; it finds our own profiles by itself."""
    own = [] if profile.path.parent == PROFILES else ["--profile", str(_from_here(profile.path))]
    words = ["python", "-m", "generator", "loadtest", "--again", str(_from_here(folder)), *own]
    return shlex.join(words)


def finish(console: Console, folder: Path, profile: Profile, baseline: Path | None) -> Exit:
    """Write the report, show it, and say how to leave.

    Where the baseline turns out to be no measure, that is said, and the rest is reported.
    """
    unfit = _why_unfit(baseline, folder) if baseline else ""
    held = None if unfit else baseline
    limits = tolerances_of(profile)
    report = write_report(folder, slo=slo_of(profile), baseline=held, tolerances=limits)
    done = read_run(folder)
    _show(console, done, report)
    if unfit:
        console.error(unfit)
    if done.about.ended == INTERRUPTED:
        return Exit.INTERRUPTED
    if unfit:
        return Exit.BAD_INPUT
    return Exit.DONE if report.kept else Exit.FAILED


def _why_unfit(baseline: Path, folder: Path) -> str:
    """Why it is no measure for what was run; empty where it is one."""
    try:
        check_alike(read_about(folder), read_run(baseline))
    except UsageError as error:
        return str(error)
    return ""


def _show(console: Console, done: Run, report: Report) -> None:
    console.table(_title(done.about), COLUMNS, [_row(row) for row in done.totals])
    for note in notes(done):
        console.line(f"NOTE    {note}")
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
