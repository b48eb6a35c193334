"""`deploy`: what was built, rolled out over every Region."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import Console, open_console
from generator.cli.desk import AllowReplace, Bake, Express, Regions, RegionsAtOnce, open_desk
from generator.cli.options import Environment
from generator.errors import Refused
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from generator.deploy.context import Observer
    from generator.deploy.records.journal import Past
    from generator.deploy.steps import Plan


def command(
    env: Environment = "dev",
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", exists=True, help="Exactly this saved plan."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    region: Regions = None,
    allow_replace: AllowReplace = None,
    bake: Bake = None,
    regions_at_once: RegionsAtOnce = None,
    express: Express = False,
) -> None:
    """Roll out build/NAME/: plan, agree, execute; takes up again what was interrupted.

    Example: python -m generator deploy --env prod
    """
    from generator.cli.live import RolloutScreen
    from generator.deploy.planning import Wishes
    from generator.deploy.records.saved import read_plan
    from generator.deploy.rollout import deploy

    console = open_console()

    def agree(made: Plan, past: Past) -> Observer:
        _agree(console, made, ask=not yes)
        return screen.watch(made, past)

    wishes = Wishes(tuple(region or ()), regions_at_once, bake, express)
    desk = open_desk(console, env, wishes, allowed=allow_replace, agree=agree)
    with RolloutScreen(console, find_workspace().rollouts(env), desk.aws.calls) as screen:
        result = deploy(desk, read_plan(plan) if plan else None)
    console.line("done" if result.outcomes else "nothing to do: everything stands as it was built")


def _agree(console: Console, plan: Plan, *, ask: bool) -> None:
    """Show the plan, and ask. Raises Refused where the answer is no."""
    from generator.cli.plan_view import show_plan

    show_plan(console, plan)
    if ask and not typer.confirm("Do this?"):
        raise Refused("not agreed; nothing was done")
