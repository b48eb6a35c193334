"""`build --watch`: build again what a change touches."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, watch

from generator.cli.console import Console
from generator.errors import GtmError
from generator.workspace import Workspace

Build = Callable[[tuple[str, ...]], None]
"""Builds environments by name; raises GtmError where one cannot be built."""


def watch_and_build(
    console: Console, workspace: Workspace, names: tuple[str, ...], build: Build
) -> None:
    """Build, then build again on each change, until Ctrl-C.

    A changed settings file rebuilds its own environment. A changed generator starts this process
    anew, because Python does not forget modules reliably.
    """
    gc.enable()  # Off in short commands; this one stays.
    _try(console, build, names)
    sources = workspace.root / "generator"
    settings = workspace.root / "parameters"
    console.line("watching parameters/ and generator/; Ctrl-C ends")
    for changes in watch(settings, sources, watch_filter=_matters):
        paths = {Path(path) for _, path in changes}
        if any(path.is_relative_to(sources) for path in paths):
            os.execv(sys.executable, [sys.executable, "-m", "generator", *sys.argv[1:]])
        touched = (name for name in names if workspace.settings_file(name).resolve() in paths)
        _try(console, build, tuple(touched))


def _matters(change: Change, path: str) -> bool:
    return path.endswith((".yaml", ".py", ".sh")) and "/." not in path


def _try(console: Console, build: Build, names: tuple[str, ...]) -> None:
    """A fault is shown, and the watch goes on: the next save may mend it."""
    try:
        build(names)
    except GtmError as error:
        console.error(str(error))
