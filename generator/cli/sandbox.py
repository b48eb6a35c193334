"""`sandbox`: a local AWS on loopback, to point at or to run one command against."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import Console, open_console
from generator.errors import SandboxError, UsageError

if TYPE_CHECKING:
    from generator.sandbox.process import Sandbox

_PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_KEPT = Path(".cache/sandbox")


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND…]", help="Run this against it, then stop."),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="On loopback; 0 is a free one.")
    ] = 0,
    keep: Annotated[
        bool, typer.Option("--keep", help="What stands is there the next time: .cache/sandbox/.")
    ] = False,
    keep_in: Annotated[
        Path | None,
        typer.Option("--keep-in", metavar="DIR", file_okay=False, help="The same, in DIR."),
    ] = None,
) -> None:
    """Start a local AWS; until Ctrl-C, or for as long as COMMAND runs.

    It leaves with COMMAND's exit code; Ctrl-C is how one without a COMMAND is meant to end: 0.

    Example: python -m generator sandbox -- aws cloudformation list-stacks
    """
    from generator.sandbox.process import running

    state = keep_in or (_kept_folder() if keep else None)
    with running(port, state) as sandbox:
        if not words:
            _serve(open_console(), sandbox)
            return
        code = _run(words, sandbox)
    raise typer.Exit(code)


def _kept_folder() -> Path:
    from generator.workspace import find_workspace

    return find_workspace().root / _KEPT


def _serve(console: Console, sandbox: Sandbox) -> None:
    """Say how to point at it, and stay. Raises SandboxError when it ends by itself."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _tell(console, sandbox)
        sandbox.process.wait()
    except KeyboardInterrupt:
        return
    raise SandboxError("the sandbox ended by itself")


def _tell(console: Console, sandbox: Sandbox) -> None:
    console.line(f"A local AWS listens on {sandbox.endpoint}; Ctrl-C ends it. To use it:\n")
    console.line("unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN")
    for name, value in sandbox.variables().items():
        console.line(f"export {name}={shlex.quote(value)}")


def _run(words: list[str], sandbox: Sandbox) -> int:
    """COMMAND's exit code; 128 and the signal's number when a signal ended it, as in a shell."""
    try:
        with _signals_wait() as child:
            child.append(subprocess.Popen(words, env=_environment(sandbox)))
            code = child[0].wait()
    except OSError as error:
        raise UsageError(f"{words[0]} can't be run: {error.strerror}") from error
    return code if code >= 0 else 128 - code


def _environment(sandbox: Sandbox) -> dict[str, str]:
    """COMMAND's `python` is the one that runs this, whether or not its environment is activated."""
    ours, path = str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)
    return sandbox.environment() | {"PATH": f"{ours}{os.pathsep}{path}"}


@contextmanager
def _signals_wait() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Pass signals on to the child instead of obeying them; Ctrl-C of a terminal it gets itself."""
    child: list[subprocess.Popen[bytes]] = []
    from_terminal = sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()

    def pass_on(number: int, _: FrameType | None) -> None:
        if child and not (number == signal.SIGINT and from_terminal):
            child[0].send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield child
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
