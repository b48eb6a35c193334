"""`plan`: what a deploy would do, shown, and saved for `deploy --plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generator.cli.console import open_console
from generator.cli.desk import (
    AllowReplace,
    Bake,
    Express,
    Manifest,
    Regions,
    RegionsAtOnce,
    open_desk,
    sha256_of,
)
from generator.cli.options import Environment
from generator.workspace import find_workspace


def command(
    env: Environment = "dev",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to save it; else build/NAME-rollouts/."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For another program.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every change, however many.")] = False,
    region: Regions = None,
    allow_replace: AllowReplace = None,
    bake: Bake = None,
    regions_at_once: RegionsAtOnce = None,
    express: Express = False,
    manifest: Manifest = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to show it as Markdown, too.")
    ] = None,
    no_change_sets: Annotated[
        bool, typer.Option("--no-change-sets", help="Compare templates; make and upload nothing.")
    ] = False,
) -> None:
    """Show what a deploy of build/NAME/ would do, and save it for `deploy --plan`.

    Exit code 3 where the deploy would be refused.

    Example: python -m generator plan --env prod
    """
    from generator.cli.plan_markdown import write_markdown
    from generator.cli.plan_view import plan_as_json, show_plan
    from generator.deploy.planning import Wishes
    from generator.deploy.records.saved import write_plan
    from generator.deploy.rollout import plan, refuse_dangers

    console = open_console()
    wishes = Wishes(tuple(region or ()), regions_at_once, bake, express)
    desk = open_desk(console, env, wishes, allowed=allow_replace, manifest=manifest)
    made = plan(desk, change_sets=not no_change_sets)
    path = out or find_workspace().rollouts(env) / "plan.json"
    write_plan(path, made)
    if markdown:
        write_markdown(markdown, made)
    if as_json:
        console.line(plan_as_json(made))
    else:
        show_plan(console, made, full=every)
        console.line(f"saved: python -m generator deploy --env {env} --plan {path}")
        console.line(f"plan SHA-256 {sha256_of(path)}")
    refuse_dangers(desk, made)
