"""What the commands that talk to AWS share: the options, and the desk they make of them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import Console
from generator.errors import Refused
from generator.workspace import find_workspace

if TYPE_CHECKING:
    from generator.deploy.context import Observer
    from generator.deploy.planning import Wishes
    from generator.deploy.records.journal import Past
    from generator.deploy.rollout import Desk
    from generator.deploy.steps import Plan

Regions = Annotated[
    list[str] | None, typer.Option("--region", help="Only this Region, and what it needs; again.")
]
Bake = Annotated[
    float | None, typer.Option(metavar="MINUTES", min=0, help="Instead of rollout.bake_minutes.")
]
RegionsAtOnce = Annotated[
    int | None, typer.Option(min=1, help="Instead of rollout.regions_at_once.")
]
Express = Annotated[
    bool, typer.Option("--express", help="Express mode for plain stacks; dev only.")
]
AllowReplace = Annotated[
    list[str] | None,
    typer.Option(metavar="LOGICAL_ID", help="May be replaced or deleted, though it holds state."),
]

Manifest = Annotated[
    str | None,
    typer.Option(metavar="SHA256", help="Refuse a build whose manifest.json has another SHA-256."),
]


def open_desk(
    console: Console,
    env: str,
    wishes: Wishes,
    *,
    allowed: list[str] | None = None,
    agree: Callable[[Plan, Past], Observer] | None = None,
    manifest: str | None = None,
) -> Desk:
    """The desk of an environment. Raises UsageError where it was not built.

    Raises Refused where `manifest` is given and is not the SHA-256 of what was built.
    """
    from generator.deploy.aws import Aws
    from generator.deploy.built_files import read_release
    from generator.deploy.observers import NOBODY
    from generator.deploy.rollout import Desk

    output = find_workspace().output(env)
    release = read_release(output)
    if manifest is not None:
        _refuse_another_build(output / "manifest.json", manifest)
    return Desk(
        aws=Aws(),
        release=release,
        wishes=wishes,
        allowed=tuple(allowed or ()),
        agree=agree or (lambda plan, past: NOBODY),
        tell=console.line,
        stop=threading.Event(),
    )


def _refuse_another_build(path: Path, wanted: str) -> None:
    """A build is promoted from one environment to the next by the hash of its manifest."""
    found = sha256_of(path)
    if found != wanted:
        raise Refused(
            f"{path}: another build than was asked for\n"
            f"    asked for {wanted}\n    found     {found}\n"
            "    fetch the build that was reviewed; a new one has to be planned first"
        )


def sha256_of(path: Path) -> str:
    """By which a file is told from any other."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
