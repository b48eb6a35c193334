"""Lambda functions that start in milliseconds: each is forked from a process that knows boto3.

An interpreter of its own works for most of a second to import boto3 and to read EC2's API model,
before a function's first line. A forked one has both, and is as much a process of its own: it has
the function's code, environment, folder, streams and time limit, and goes when the server does.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe
from typing import IO

from generator.sandbox import function_seams

_CONTEXT = get_context("forkserver")
_LONGEST_FOLDER = 107 - len("/pymp-12345678/listener-12345678")
"""Of temporary files: a socket's path has at most 107 characters (unix(7))."""


def install() -> None:
    """Fork functions where that is safe: the system libraries of macOS do not survive it."""
    if sys.platform == "linux" and len(tempfile.gettempdir()) <= _LONGEST_FOLDER:
        _CONTEXT.set_forkserver_preload(["generator.sandbox.function_preload"])
        function_seams.start_python_functions(FunctionProcess)


class FunctionProcess:
    """A function's process, which ministack speaks to as to one of subprocess.Popen."""

    def __init__(self, script: str, folder: str, environment: Mapping[str, str]) -> None:
        (given, into), (out, told), (log, warned) = (Pipe(duplex=False) for _ in range(3))
        theirs = (given, told, warned)
        self.args = script
        self._process = _CONTEXT.Process(target=_run, args=(script, folder, environment, theirs))
        self._process.start()
        for end in theirs:
            end.close()
        self.stdin, self.stdout, self.stderr = _text(into, "w"), _text(out, "r"), _text(log, "r")

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, when it has ended. Raises TimeoutExpired after so many seconds."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()


def _text(end: Connection, mode: str) -> IO[str]:
    stream = os.fdopen(os.dup(end.fileno()), mode, buffering=1)
    end.close()
    return stream


def _run(
    script: str, folder: str, environment: Mapping[str, str], streams: Sequence[Connection]
) -> None:
    """In the new process: become what `python SCRIPT` would be."""
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", 1), open(2, "w", 1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    runpy.run_path(script, run_name="__main__")
