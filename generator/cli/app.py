"""The command line: one file a command; here only what they share.

Exit codes: 0 done, 1 failed, 2 bad input, 3 refused for safety, 130 interrupted.
"""

from __future__ import annotations

import sys

import typer

from generator.cli import build, explain, lint
from generator.cli.console import open_console
from generator.errors import Exit, GtmError

app = typer.Typer(
    name="gtm",
    help="Global Traffic Management on AWS: one settings file to the CloudFormation of a platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("build")(build.command)
app.command("lint")(lint.command)
app.command("explain")(explain.command)


def main() -> None:
    """Run one command and leave with its exit code."""
    try:
        app(standalone_mode=True)
    except GtmError as error:
        open_console().error(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        open_console().error("interrupted")
        sys.exit(Exit.INTERRUPTED)
