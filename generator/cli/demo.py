"""`demo`: all of the platform that runs here, once, under a spike, with a page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generator.cli.console import open_console
from generator.workspace import find_workspace


def command(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", file_okay=False, help="Instead of build/dev-loadtests/TIME-…."
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=10, max=90, help="Length of the load, instead of a minute."),
    ] = None,
) -> None:
    """Deploy dev to a local AWS, run its service behind a load balancer, load it, draw it.

    Nothing leaves this machine; no account is needed. Exit code 1 when the objectives were missed.

    Example: python -m generator demo
    """
    from generator.cli.demonstration import demonstrate

    raise typer.Exit(demonstrate(open_console(), find_workspace(), out, seconds))
