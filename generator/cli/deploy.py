"""`deploy`: what was built, rolled out over every Region."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import Console, open_console
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
from generator.errors import Refused
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from generator.deploy.context import Observer
    from generator.deploy.records.journal import Past
    from generator.deploy.steps import Plan


class Until(StrEnum):
    """Where a rollout can stop."""

    HOME = "home"


def command(
    env: Environment = "dev",
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", exists=True, help="Exactly this saved plan."),
    ] = None,
    plan_sha256: Annotated[
        str | None,
        typer.Option(metavar="SHA256", help="Refuse a plan file of another SHA-256."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    region: Regions = None,
    allow_replace: AllowReplace = None,
    bake: Bake = None,
    regions_at_once: RegionsAtOnce = None,
    express: Express = False,
    manifest: Manifest = None,
    until: Annotated[
        Until | None,
        typer.Option(help="Stop after the home Region and its bake; FILE then holds the rest."),
    ] = None,
) -> None:
    """Roll out build/NAME/: plan, agree, execute; takes up again what was interrupted.

    Example: python -m generator deploy --env prod
    """
    from generator.cli.live import RolloutScreen
    from generator.deploy.planning import Wishes
    from generator.deploy.rollout import deploy

    console = open_console()

    def agree(made: Plan, past: Past) -> Observer:
        _agree(console, made, ask=not yes)
        return screen.watch(made, past)

    wishes = Wishes(tuple(region or ()), regions_at_once, bake, express)
    desk = open_desk(console, env, wishes, allowed=allow_replace, agree=agree, manifest=manifest)
    with RolloutScreen(console, find_workspace().rollouts(env), desk.aws.calls) as screen:
        saved = _read(plan, plan_sha256) if plan else None
        result = deploy(desk, saved, until_home=until is not None)
    if plan and result.rest:
        _keep_rest(plan, result.rest)
    if result.rest and result.rest.steps:
        _tell_rest(console, env, plan, result.rest)
    elif result.outcomes:
        console.line("done")
    else:
        console.line("nothing to do: everything stands as it was built")


def _keep_rest(path: Path, rest: Plan) -> None:
    """A saved plan becomes the plan of what is left, be it nothing: what stands has changed."""
    from generator.deploy.records.saved import write_plan

    write_plan(path, rest)


def _tell_rest(console: Console, env: str, path: Path | None, rest: Plan) -> None:
    again = f" --plan {path}" if path else ""
    console.line(f"home is done, {len(rest.steps)} steps are left")
    console.line(f"go on: python -m generator deploy --env {env}{again}")
    if path:
        console.line(f"plan SHA-256 {sha256_of(path)}")


def _read(path: Path, approved: str | None) -> Plan:
    """The saved plan. Raises Refused where it is not the one that was approved."""
    from generator.deploy.records.saved import read_plan

    found = sha256_of(path)
    if approved is not None and found != approved:
        raise Refused(
            f"{path}: another plan than was approved\n"
            f"    approved {approved}\n    found    {found}\n    plan again, and have it approved"
        )
    return read_plan(path)


def _agree(console: Console, plan: Plan, *, ask: bool) -> None:
    """Show the plan, and ask. Raises Refused where the answer is no."""
    from generator.cli.plan_view import show_plan

    show_plan(console, plan)
    if ask and not typer.confirm("Do this?"):
        raise Refused("not agreed; nothing was done")
