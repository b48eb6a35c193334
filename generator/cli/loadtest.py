"""`loadtest`: a profile of Locust's against what stands, with a report and a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from generator.cli.console import Console, open_console
from generator.cli.loadtest_options import (
    Again,
    Baseline,
    Bind,
    EventsFile,
    ExpectedWorkers,
    Export,
    Host,
    InAws,
    Jtl,
    Out,
    PlanFile,
    Processes,
    ProfileName,
    TargetKind,
    Whose,
    Yes,
    check_together,
    typed,
)
from generator.cli.options import Environment
from generator.errors import Refused, UsageError
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from loadtest.profile import Profile
    from loadtest.running import Workers
    from loadtest.sections import Target as Kind
    from loadtest.target import Load


def command(
    context: typer.Context,
    env: Environment = "dev",
    profile: ProfileName = "steady",
    target: TargetKind = "edge",
    region: Whose = "",
    host: Host = "",
    out: Out = None,
    processes: Processes = 1,
    workers: ExpectedWorkers = 0,
    bind: Bind = "127.0.0.1",
    baseline: Baseline = None,
    events: EventsFile = None,
    jtl: Jtl = None,
    plan: PlanFile = None,
    again: Again = None,
    export: Export = None,
    in_aws: InAws = False,
    yes: Yes = False,
) -> None:
    """Say what will be sent, send it, draw and judge what came back.

    Exit code 1 when an objective was missed or something is worse than the baseline. Ctrl-C ends
    the load early and keeps what was measured.

    Example: python -m generator loadtest --env dev --profile spike
    """
    from generator.cli import baselines
    from generator.cli.loading import kind_of, results_folder
    from generator.cli.report_view import report
    from loadtest.asked import profile_of
    from loadtest.events import read_events
    from loadtest.jmeter.importing import import_results
    from loadtest.profile import find_profile, load_profile
    from loadtest.results import read_about
    from loadtest.running import Workers

    named = typed(context)
    check_together(named)
    console, workspace, kind = open_console(), find_workspace(), kind_of(target)
    built = workspace.output(env)
    if events:
        read_events(events)  # a bad file is told before anything is sent
    if export:
        _export(console, load_profile(find_profile(profile)), export, kind, host)
        return
    if again:
        about, folder = read_about(again), again
        asked = profile_of(about, profile if "profile" in named else "")
        baselines.check(baseline, folder, baselines.of_run(about))
    else:
        asked = load_profile(find_profile(profile))
        folder = out or results_folder(workspace, env, asked.name, kind)
    if jtl:
        baselines.check(baseline, folder, baselines.sent_by_jmeter(asked, kind))
        import_results(jtl, folder, asked, kind, host, plan, env if "env" in named else "")
    elif in_aws:
        load = _aim(built, asked, kind, region, host, folder)
        baselines.check(baseline, folder, baselines.sent_from_aws(asked, kind, built))
        _send_from_aws(console, load, built, yes)
    elif not again:
        ours = Workers(processes, workers, bind)
        baselines.check(baseline, folder, baselines.sent_by_us(asked, kind, ours))
        _send(console, _aim(built, asked, kind, region, host, folder), ours, yes)
    raise typer.Exit(report(console, workspace, folder, asked, baseline, events))


def _aim(built: Path, profile: Profile, kind: Kind, region: str, host: str, out: Path) -> Load:
    """At what was named; hosts that nobody named are refused here."""
    from generator.cli.loading import aim_at, aim_at_stacks

    if region and kind == "edge":
        raise UsageError("--region: CloudFront is of none\n    leave it out, or name a --target")
    if host:
        load = aim_at(profile, kind, host, out)
    else:
        load = aim_at_stacks(built, profile, kind, region, out)
    load.check()
    return load


def _send(console: Console, load: Load, workers: Workers, agreed: bool) -> None:
    """Say what will be sent, ask, and send it."""
    from generator.cli.loading import run_load
    from loadtest.forecast import announce

    _ask(console, announce(load), agreed)
    run_load(console, load, workers)


def _send_from_aws(console: Console, load: Load, built: Path, agreed: bool) -> None:
    """The same from load generators in AWS."""
    from generator.cli.in_aws import Generators
    from loadtest.forecast import announce

    generators = Generators(built, load)
    _ask(console, (*announce(load), *generators.announce()), agreed)
    assert load.out is not None
    generators.run(console, load.out)


def _ask(console: Console, lines: Iterable[str], agreed: bool) -> None:
    for line in lines:
        console.line(line)
    if not agreed and not typer.confirm("Send this?"):
        raise Refused("not agreed; nothing was sent")


def _export(console: Console, profile: Profile, path: Path, kind: Kind, host: str) -> None:
    """The origin secret goes into a file of properties: arguments are seen by everybody."""
    from generator.cli.loading import aim_at
    from loadtest.jmeter.plan import HERE, export_plan

    if host:
        aim_at(profile, kind, host, path.parent)  # refuses one that nobody named
    export_plan(profile, path, kind, host or HERE)
    console.line(f"written to {path}")
    console.line(f"jmeter -n -t {path} -Jhost=… -l results.jtl  (-q FILE with origin_secret=…)")
