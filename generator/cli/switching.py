"""What `evacuate` and `restore` share: look, explain, ask, set the switch, wait."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from generator.cli.console import open_console
from generator.errors import Refused
from generator.workspace import find_workspace

Region = Annotated[str, typer.Option("--region", metavar="REGION", help="Which Region.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout", metavar="SECONDS", min=0, help="How long to wait until Route 53 agrees."
    ),
]
FIVE_MINUTES = 300.0


def switch(env: str, region: str, *, evacuate: bool, yes: bool, timeout: float) -> None:
    """Evacuate a Region, or restore it. Raises Refused where that is not safe."""
    from generator.deploy.around.evacuation import QUICK, Order, consequences, obey, survey
    from generator.deploy.aws import Aws
    from generator.deploy.built_files import read_release

    console, release = open_console(), read_release(find_workspace().output(env))
    aws, order = Aws(config=QUICK), Order(release, region, evacuate, timeout)
    for line in consequences(order, survey(aws, order)):
        console.line(line)
    word = "evacuate" if evacuate else "restore"
    if not yes and not typer.confirm(f"{word.capitalize()} {region}?"):
        raise Refused("not agreed; nothing was done")
    obey(aws, order, console.line, threading.Event())
    done = f"{region} is {'evacuated' if evacuate else 'back in service'}"
    console.line(done if timeout else f"the switch of {region} is set; not waited for")
