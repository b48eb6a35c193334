"""Several processes that do the same work, and one more that watches over them.

Forked, so that they share the memory of what was imported. A worker that ends by itself is
replaced; SIGTERM and SIGINT go to all of them, and then the end of the last one is the end.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from .logs import log

SIGNALS = (signal.SIGTERM, signal.SIGINT)
PAUSE_SECONDS = 1.0
"""Before a worker is replaced: one that can't start must not take a CPU to find out."""


def run_workers(count: int, work: Callable[[], None]) -> int:
    """Do `work` in `count` processes until a signal. The exit code: 0 when all ended well."""
    return _Workers(count, work).run()


class _Workers:
    def __init__(self, count: int, work: Callable[[], None]) -> None:
        self._count, self._work = count, work
        self._running: set[int] = set()
        self._is_ending = False

    def run(self) -> int:
        for number in SIGNALS:
            signal.signal(number, self._pass_on)
        for _ in range(self._count):
            self._start()
        worst = 0
        while self._running:
            worst = max(worst, self._wait_for_one())
        return worst

    def _wait_for_one(self) -> int:
        """A worker's exit code, if it was meant to end; else another takes its place."""
        pid, status = os.wait()
        if pid not in self._running:
            return 0  # a child from before this program took the process over
        self._running.remove(pid)
        code = abs(os.waitstatus_to_exitcode(status))
        if self._is_ending:
            return code
        log.error("worker ended", extra={"code": code})
        time.sleep(PAUSE_SECONDS)
        self._start()
        return 0

    def _start(self) -> None:
        with _signals_wait():
            if self._is_ending:
                return
            pid = os.fork()
            if pid:
                self._running.add(pid)
                return
            for number in SIGNALS:
                signal.signal(number, signal.SIG_DFL)
        self._become_worker()

    def _become_worker(self) -> None:
        """Never returns: what is on the stack belongs to the watcher."""
        code = 1
        try:
            self._work()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        self._is_ending = True
        for pid in self._running:
            with suppress(ProcessLookupError):  # it has just ended, and is still to be counted
                os.kill(pid, number)


@contextmanager
def _signals_wait() -> Iterator[None]:
    """So that none comes between a worker's birth and its being known."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
