"""Becomes a program that does not outlive who started it: `guard.py LIFELINE PROGRAM ARGUMENT…`.

LIFELINE is the number of a pipe's end that is open for reading; the other end is held by the one
who starts this, and by nobody else. When that process is gone, however it ended, the pipe closes,
and the program is killed with all that it has started. The program keeps this process's number, so
signals and exit codes are its own.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Leave a watcher behind, and become the program. It leads a process group of its own."""
    lifeline, program = int(sys.argv[1]), sys.argv[2:]
    if os.fork() == 0:
        _watch(lifeline)
    os.close(lifeline)
    os.execv(program[0], program)


def _watch(lifeline: int) -> None:
    """Keep nothing else open: a listener would go on listening with the program gone."""
    os.closerange(0, lifeline)
    os.closerange(lifeline + 1, os.sysconf("SC_OPEN_MAX"))
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
