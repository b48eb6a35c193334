"""`destroy`: the way back, after showing what goes and what stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import Console, open_console
from generator.cli.desk import open_desk
from generator.cli.options import Environment
from generator.errors import Refused
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from generator.deploy.around.destroy import Destruction
    from generator.deploy.context import Observer
    from generator.deploy.records.journal import Past

FREELY = "dev"
"""The environment for which --yes is enough."""


def command(
    env: Environment = "dev",
    yes: Annotated[bool, typer.Option("--yes", help=f"Do not ask; {FREELY} only.")] = False,
    confirm: Annotated[
        str, typer.Option(metavar="NAME", help="The environment's name, instead of typing it.")
    ] = "",
    delete_buckets: Annotated[
        bool, typer.Option("--delete-buckets", help="Empty and delete its own buckets as well.")
    ] = False,
) -> None:
    """Delete every stack and stack set of NAME; what holds data stays, and is shown first.

    Example: python -m generator destroy --env dev
    """
    from generator.cli.destruction_view import show_destruction, show_remains
    from generator.cli.live import RolloutScreen
    from generator.deploy.around.destroy import destroy
    from generator.deploy.failures import speaking_of
    from generator.deploy.planning import NO_WISHES

    console, desk = open_console(), open_desk(open_console(), env, NO_WISHES)

    def agree(destruction: Destruction, past: Past) -> Observer:
        show_destruction(console, desk.release, destruction)
        _confirm(console, env, confirm, yes=yes)
        return screen.watch(destruction.plan, past)

    with (
        speaking_of("destroy", deployer=desk.release.roles["deployer"]),
        RolloutScreen(console, find_workspace().rollouts(env), desk.aws.calls) as screen,
    ):
        destruction = destroy(desk, agree, delete_buckets=delete_buckets)
    show_remains(console, destruction)


def _confirm(console: Console, env: str, name: str, *, yes: bool) -> None:
    """Raise Refused unless the environment's name was given, or typed now."""
    if (yes and env == FREELY) or name == env:
        return
    if name:
        raise Refused(f"--confirm {name} is not {env}; nothing was deleted")
    if yes:
        raise Refused(f"--yes is not enough for {env}; nothing was deleted\n    --confirm {env}")
    console.line()
    try:
        typed = typer.prompt(f"Type {env} to destroy it", default="", show_default=False)
    except typer.Abort:
        typed = ""
    if typed != env:
        raise Refused("not confirmed; nothing was deleted")
