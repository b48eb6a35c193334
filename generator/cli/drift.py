"""`drift`: what was changed behind CloudFormation's back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import typer

from generator.cli.console import Console, open_console
from generator.cli.options import AsJson, Environment
from generator.errors import Exit
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from generator.deploy.around.drift import Drift, Drifted

LONGEST = 60
"""Characters of a value that a table shows; --json has all of it."""


def command(env: Environment = "dev", json: AsJson = False) -> None:
    """Compare every stack, nested ones and instances too, with what is really there.

    Exit 1 where something differs, or could not be looked at.

    Example: python -m generator drift --env prod
    """
    from generator.cli.as_data import as_json
    from generator.deploy.around.drift import find_drift
    from generator.deploy.aws import Aws
    from generator.deploy.built_files import read_release
    from generator.deploy.failures import speaking_of
    from generator.deploy.looking.look import look

    console, release, aws = open_console(), read_release(find_workspace().output(env)), Aws()
    stop = threading.Event()
    with speaking_of("drift", deployer=release.roles["deployer"]):
        world = look(aws, release, aws.account(release.home))
        with console.progress("drift") as progress:
            drift = find_drift(aws, world, release.secrets, stop, progress)
    console.line(as_json(drift)) if json else _show(console, drift)
    if not drift.is_clean:
        raise typer.Exit(Exit.FAILED)


def _show(console: Console, drift: Drift) -> None:
    rows = [row for resource in drift.drifted for row in _rows(resource)]
    if rows:
        columns = ("Region", "stack", "resource", "property", "expected", "actual")
        console.table("changed behind CloudFormation's back", columns, rows)
    for name in drift.past_the_set:
        console.line(f"{name}: its stack was updated past its stack set: another template")
    for stack in drift.unchecked:
        console.line(f"{stack.stack} in {stack.region}: not checked: {stack.reason}")
    count = f"{len(drift.drifted)} resources drifted" if drift.drifted else "no drift"
    console.line(f"{count} in {drift.stacks} stacks, of what CloudFormation can check")


def _rows(resource: Drifted) -> list[tuple[str, ...]]:
    name = f"{resource.path} ({resource.type})"
    if not resource.differences:
        return [(resource.region, resource.stack, name, resource.status.lower(), "", "")]
    return [
        (resource.region, resource.stack, name, d.path, _short(d.expected), _short(d.actual))
        for d in resource.differences
    ]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
