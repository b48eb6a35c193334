"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Environment = Annotated[
    str, typer.Option("--env", metavar="NAME", help="An environment: a file in parameters/.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For another program.")]
