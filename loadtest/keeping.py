"""Second by second beside a run: how many users there are, how it goes; at its end, the results."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from functools import partial

import gevent
from locust.runners import CPU_WARNING_THRESHOLD, Runner

from loadtest.harness import Harness
from loadtest.keeping_cells import keep_cells, start_cells
from loadtest.results import About, Run, write_run
from loadtest.target import PROGRESS

logger = logging.getLogger(__name__)


class Keeper:
    """Keeps the run's results, in the one process that sees all of it.

    `busiest` tells the CPU time of the busiest process that sends (percent of one CPU), which
    Locust measures every ten seconds, and not before a process is twenty seconds old.
    """

    def __init__(self, harness: Harness, runner: Runner, busiest: Callable[[], float]) -> None:
        self._harness, self._runner, self._busiest = harness, runner, busiest
        self._beside: gevent.Greenlet | None = None
        self._ended = 0.0
        self._saturated = False
        self._pipe = int(os.environ.get(PROGRESS) or -1)
        if self._pipe >= 0:
            os.set_blocking(self._pipe, False)  # a reader that is slow must not slow the load

    @property
    def is_running(self) -> bool:
        """Whether a run has begun and not ended."""
        return self._beside is not None

    def begin(self) -> None:
        """A run begins."""
        load = self._harness.load
        if load.out and load.share:
            start_cells(load.out)
            self._harness.recorder.on_closed = partial(keep_cells, load.out)
        self._ended, self._saturated = 0.0, False
        self._beside = gevent.spawn(self._look_on)

    def end(self) -> None:
        """It ends now, whatever is still to come from users or workers."""
        if self._beside is not None:
            self._ended = time.time()
            self._look()
            self._beside.kill(block=False)
            self._beside = None

    def write(self, workers: int) -> None:
        """Write what so many processes measured, if a folder was named for it.

        Nothing where no run had begun: Locust tells of an end then, too.
        """
        if not self._ended:
            return
        harness, out = self._harness, self._harness.load.out
        if out is None:
            logger.info("LOADTEST_OUT names no folder: the results are not kept")
            return
        recorder = harness.recorder
        seconds = self._ended - recorder.started
        intervals, totals = recorder.rows(seconds)
        write_run(out, Run(self._about(seconds, workers), intervals, totals, recorder.failures()))

    def _about(self, seconds: float, workers: int) -> About:
        harness, load = self._harness, self._harness.load
        return About(
            profile=load.profile.name,
            profile_sha256=load.profile.sha256,
            code_sha256=harness.code,
            target=load.target,
            host=self._runner.environment.host or load.where,
            started=harness.recorder.started,
            seconds=seconds,
            ended=harness.ended,
            environment=load.environment,
            workers=workers,
            saturated=self._saturated,
        )

    def _look_on(self) -> None:
        while True:
            self._look()
            gevent.sleep(1.0 - (time.time() - self._harness.recorder.started) % 1.0)

    def _look(self) -> None:
        now, recorder = time.time(), self._harness.recorder
        recorder.users_at(now, self._runner.user_count)
        recorder.settle(now)
        self._saturated = self._saturated or self._busiest() > CPU_WARNING_THRESHOLD
        if self._pipe >= 0:
            self._tell(json.dumps(recorder.progress(now)) + "\n")

    def _tell(self, line: str) -> None:
        """Whoever started us reads along. Once they are gone, nobody wants this load any more."""
        try:
            os.write(self._pipe, line.encode())
        except BlockingIOError:
            pass
        except BrokenPipeError:
            logger.error("whoever started this load is gone: it ends")
            self._pipe = -1
            self._harness.break_off("whoever started it is gone")
            gevent.spawn(self._runner.quit)
