"""The command line: one file a command; here only what they share.

Exit codes: 0 done, 1 failed, 2 bad input, 3 refused for safety, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from generator.cli.console import open_console
from generator.errors import Exit, GtmError

COMMANDS = (
    *("build", "lint", "explain", "plan", "deploy"),
    *("status", "outputs", "drift", "destroy", "evacuate", "restore", "sandbox"),
    *("loadtest", "demo"),
)


def assemble(words: Sequence[str]) -> typer.Typer:
    """The application that these words need: the command they name, or all of them for help."""
    app = typer.Typer(
        name="gtm",
        help="Global Traffic Management on AWS: a settings file to a platform's CloudFormation.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_keep_the_group)
    named = [name for name in COMMANDS if name in words[:1]]
    for name in named or COMMANDS:
        app.command(name)(import_module(f"generator.cli.{name}").command)
    return app


def _keep_the_group() -> None:
    """Without a callback, typer would take a single command for the whole application."""


def main() -> None:
    """Run one command and leave with its exit code."""
    try:
        assemble(sys.argv[1:])(prog_name="gtm")
    except GtmError as error:
        open_console().error(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        open_console().error("interrupted")
        sys.exit(Exit.INTERRUPTED)
