"""`loadtest`: a profile of Locust's against what stands, with a report and a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import Console, open_console
from generator.cli.options import Environment
from generator.errors import Refused
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from generator.cli.loading import Aim
    from loadtest.profile import Profile
    from loadtest.running import Workers
    from loadtest.sections import Target as Kind


ProfileName = Annotated[
    str, typer.Option("--profile", metavar="NAME", help="Of loadtest/profiles, or a file.")
]
TargetKind = Annotated[str, typer.Option("--target", help="edge, origin, table or cache.")]
Whose = Annotated[
    str, typer.Option("--region", help="Whose origin, table or cache; left out: home.")
]
Host = Annotated[
    str,
    typer.Option(metavar="URL", help="Instead of the stacks' outputs; the profile names it."),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", file_okay=False, help="Instead of build/NAME-loadtests/TIME-…."),
]
Processes = Annotated[int, typer.Option(min=1, max=256, help="Of this machine.")]
ExpectedWorkers = Annotated[
    int, typer.Option(min=0, metavar="N", help="Wait for so many workers of other machines.")
]
Bind = Annotated[str, typer.Option(metavar="ADDRESS", help="Where workers find this master.")]
Baseline = Annotated[
    Path | None, typer.Option(metavar="DIR", exists=True, help="An earlier run's folder.")
]
EventsFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, help="What the platform did, if it is not AWS."),
]
Jtl = Annotated[
    Path | None, typer.Option(metavar="FILE", exists=True, help="Judge JMeter's results instead.")
]
Again = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", exists=True, help="Report on an earlier run, with what AWS says by now."
    ),
]
Export = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the profile as a JMeter plan instead.")
]
InAws = Annotated[
    bool, typer.Option("--in-aws", help="From the environment's load generators, not from here.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def command(
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
    from generator.cli.loading import (
        aim_at,
        aim_at_stacks,
        kind_of,
        results_folder,
        watch_stacks,
    )
    from generator.cli.report_view import add_events, add_events_of_aws, finish
    from loadtest.jmeter.importing import import_results
    from loadtest.profile import find_profile, load_profile
    from loadtest.running import Workers

    console, workspace, kind = open_console(), find_workspace(), kind_of(target)
    asked = load_profile(find_profile(profile))
    if export:
        _export(console, asked, export, kind, host)
        return
    folder = again or out or results_folder(workspace, env, asked.name, kind)
    if again:
        if not (events or host):
            add_events_of_aws(console, again, watch_stacks(workspace.output(env)))
    elif jtl:
        import_results(jtl, folder, asked, kind, host)
    else:
        built = workspace.output(env)
        aim = (
            aim_at(asked, kind, host, folder)
            if host
            else aim_at_stacks(built, asked, kind, region, folder)
        )
        if in_aws:
            _send_from_aws(console, aim, built, yes)
        else:
            _send(console, aim, Workers(processes, workers, bind), yes)
    if events:
        add_events(folder, events)
    raise typer.Exit(finish(console, folder, asked, baseline))


def _send(console: Console, aim: Aim, workers: Workers, agreed: bool) -> None:
    """Say what will be sent, ask, send it, and look what AWS did meanwhile."""
    from generator.cli.loading import run_load
    from generator.cli.report_view import add_events_of_aws
    from loadtest.forecast import announce

    aim.load.check()
    _ask(console, announce(aim.load), agreed)
    folder = run_load(console, aim.load, workers)
    if aim.watch:
        add_events_of_aws(console, folder, aim.watch)


def _send_from_aws(console: Console, aim: Aim, built: Path, agreed: bool) -> None:
    """The same from load generators in AWS; hosts that nobody named are refused here, too."""
    from generator.cli.in_aws import Generators
    from generator.cli.report_view import add_events_of_aws
    from loadtest.forecast import announce

    aim.load.check()
    generators = Generators(built, aim.load)
    _ask(console, (*announce(aim.load), *generators.announce()), agreed)
    assert aim.load.out is not None
    folder = generators.run(console, aim.load.out)
    if aim.watch:
        add_events_of_aws(console, folder, aim.watch)


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
