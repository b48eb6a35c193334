"""`status`: everything that stands, and how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import Console, open_console
from generator.cli.options import AsJson, Environment
from generator.errors import Exit
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from generator.deploy.around.status import Row, Status


def command(
    env: Environment = "dev",
    every: Annotated[bool, typer.Option("--all", help="Nested stacks too.")] = False,
    json: AsJson = False,
) -> None:
    """Show what stands of an environment; exit 1 where something is broken.

    Example: python -m generator status --env prod --all
    """
    from generator.cli.as_data import as_json
    from generator.deploy.around.status import take_status
    from generator.deploy.aws import Aws
    from generator.deploy.built_files import read_release
    from generator.deploy.failures import speaking_of

    console, release = open_console(), read_release(find_workspace().output(env))
    with speaking_of("status", deployer=release.roles["deployer"]):
        status = take_status(Aws(), release, nested=every)
    if json:
        console.line(as_json({**status._asdict(), "broken": status.broken}))
    else:
        _show(console, status)
    if status.broken:
        raise typer.Exit(Exit.FAILED)


def _show(console: Console, status: Status) -> None:
    if not (status.stacks or status.instances):
        console.line(f"{status.environment}: nothing stands in account {status.account}")
        return
    _show_stacks(console, status)
    _show_instances(console, status)
    _show_health(console, status)
    for title, entries in (
        ("not there", status.missing),
        ("under way", status.in_flight),
        ("broken", status.broken),
    ):
        if entries:
            console.line(f"{title}:")
            for entry in entries:
                console.line(f"  {entry}")
    _show_deployers(console, status)


def _show_stacks(console: Console, status: Status) -> None:
    columns = ("Region", "stack", "status", "since", "template", "protected")
    rows = [_row(row) for row in status.stacks]
    console.table(f"{status.environment} in account {status.account}", columns, rows)


def _row(row: Row) -> tuple[str, ...]:
    name = f"  {row.path}" if row.path else row.name
    protected = "yes" if row.protected else "no"
    return (row.region, name, row.status, _moment(row.since), row.template, protected)


def _show_instances(console: Console, status: Status) -> None:
    if not status.instances:
        return
    columns = ("Region", "stack set", "instance", "detail", "stack", "since", "template", "reason")
    rows = [
        (
            row.region,
            row.set,
            row.status,
            row.detail,
            row.stack.status if row.stack else "none",
            _moment(row.stack.since) if row.stack else "",
            row.stack.template if row.stack else "",
            row.reason,
        )
        for row in status.instances
    ]
    console.table("stack set instances", columns, rows)


def _show_health(console: Console, status: Status) -> None:
    if not status.health:
        return
    columns = ("Region", "evacuation switch", "calculated check", "endpoint check")
    rows = [
        (h.region, h.switch, h.calculated, h.checks.get("endpoint", "unknown"))
        for h in status.health
    ]
    console.table("health, as Route 53 sees it", columns, rows)


def _show_deployers(console: Console, status: Status) -> None:
    console.line(f"lease: {status.lease or 'free'}")
    last = status.last
    if last is None:
        console.line("no journal: nothing was rolled out yet, or its bucket is gone")
        return
    from generator.deploy.records.timeline import in_words

    console.line(
        f"last rollout: {_time(last.began)} by {last.caller}: {last.end} "
        f"after {in_words(last.ended - last.began)}"
    )
    if last.unfinished:
        console.line(f"  not done: {', '.join(last.unfinished)}")


def _moment(text: str) -> str:
    """CloudFormation's times are UTC; seconds tell nobody anything."""
    return text[:16]


def _time(seconds: float) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
