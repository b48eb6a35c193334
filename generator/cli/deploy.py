"""`deploy`: what was built, rolled out over every Region."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import open_console
from generator.cli.options import Environment
from generator.errors import Refused
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from generator.deploy.context import Observer
    from generator.deploy.journal import Past
    from generator.deploy.steps import Plan


def command(
    env: Environment = "dev",
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="Exactly this saved plan.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    region: Annotated[
        list[str] | None, typer.Option("--region", help="Only this Region, and what it needs.")
    ] = None,
    allow_replace: Annotated[
        list[str] | None,
        typer.Option(metavar="LOGICAL_ID", help="A stateful resource that may be replaced."),
    ] = None,
    bake: Annotated[
        float | None, typer.Option(metavar="MINUTES", help="Instead of rollout.bake_minutes.")
    ] = None,
    regions_at_once: Annotated[
        int | None, typer.Option(min=1, help="Instead of rollout.regions_at_once.")
    ] = None,
) -> None:
    """Roll out build/NAME/: plan, agree, execute; takes up again what was interrupted.

    Example: python -m generator deploy --env prod
    """
    from generator.cli.live import Lines
    from generator.deploy.aws import Aws
    from generator.deploy.planning import Wishes
    from generator.deploy.release import read_release
    from generator.deploy.rollout import Desk, deploy

    console, workspace = open_console(), find_workspace()

    def agree(made: Plan, past: Past) -> Observer:
        for step in made.steps:
            console.line(f"  {step.id}")
        if not yes and not typer.confirm("Do this?"):
            raise Refused("not agreed; nothing was done")
        return Lines(console)

    desk = Desk(
        aws=Aws(),
        release=read_release(workspace.output(env)),
        wishes=Wishes(tuple(region or ()), regions_at_once, bake),
        allowed=tuple(allow_replace or ()),
        agree=agree,
        tell=console.line,
        stop=threading.Event(),
    )
    result = deploy(desk)
    console.line("done" if result.outcomes else "nothing to do: everything stands as it was built")
