"""What a process of Locust does for a run: all of it, or the master's or a worker's part.

    master ── run: when it started, how many share the ceiling ──► workers    every second
    master ◄── cells, with Locust's own report ── workers                     every three seconds
    master ── stop ──► workers ── the last cells ──► master                   at the end

A worker sends nothing before it was told its share, and nothing that another code or profile would
send. Clocks of several machines have to agree within a second or so, as chrony keeps them on EC2.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import gevent
from locust.runners import STATE_MISSING, MasterRunner, Runner, WorkerRunner

from generator.errors import Exit
from loadtest.harness import Harness
from loadtest.keeping import Keeper

if TYPE_CHECKING:
    from locust.rpc import Message


RUN, STOP, STOPPED = "loadtest_run", "loadtest_stop", "loadtest_stopped"
CELLS = "loadtest_cells"
ERRORS = "locust_exceptions.csv"
"""Where Locust tells what users raised that is no failed request: a fault of theirs."""
STOP_MARGIN_SECONDS = 5.0
"""How much longer than its own stop timeout a worker may take to send its last cells."""
TELL_SECONDS = 1.0
WATCH_SECONDS = 0.1

logger = logging.getLogger(__name__)


class Alone:
    """Everything in one process."""

    def __init__(self, harness: Harness, runner: Runner) -> None:
        self._harness, self._runner = harness, runner
        self._keeper = Keeper(harness, runner, self._busiest)
        events = runner.environment.events
        events.test_start.add_listener(self.on_test_start)
        events.test_stopping.add_listener(self.on_test_stopping)
        events.test_stop.add_listener(self.on_test_stop)

    def on_test_start(self, **_: Any) -> None:
        """The run begins."""
        self._harness.begin(time.time())
        self._share()
        self._keeper.begin()

    def on_test_stopping(self, **_: Any) -> None:
        """The run ends; users are still about to finish what they do."""
        self._harness.stopping = True
        self._keeper.end()

    def on_test_stop(self, **_: Any) -> None:
        """Nobody is left. What users did not do, for an error of ours, was not measured."""
        if errors := sum(row["count"] for row in self._runner.exceptions.values()):
            self._harness.break_off(f"broken by {errors} errors of users: see {ERRORS}")
        self._keeper.write(self._senders())

    def _share(self) -> None:
        self._harness.pacer.share_among(1)

    def _senders(self) -> int:
        return 1

    def _busiest(self) -> float:
        return self._runner.current_cpu_usage


class Master(Alone):
    """Puts together what workers send, and tells them what they need."""

    def __init__(self, harness: Harness, runner: MasterRunner) -> None:
        super().__init__(harness, runner)
        self._workers = runner.clients
        self._joined: set[str] = set()
        self._missed: set[str] = set()
        self._stopped: set[str] = set()
        runner.environment.events.worker_report.add_listener(self.on_worker_report)
        runner.register_message(STOPPED, self.on_stopped)
        gevent.spawn(self._keep_telling)
        gevent.spawn(self._keep_watch)

    def on_test_start(self, **_: Any) -> None:
        """The run begins, with those who are there."""
        self._joined.clear()
        self._missed.clear()
        super().on_test_start()

    def on_worker_report(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        """A worker's cells since its last report."""
        self._harness.recorder.add(data.pop(CELLS, []))

    def on_test_stopping(self, **_: Any) -> None:
        """Have all workers stop, and wait for their last cells: who sends none is lost."""
        super().on_test_stopping()
        self._joined |= self._heard()
        self._stopped.clear()
        self._runner.send_message(STOP)
        wait = self._runner.environment.stop_timeout + STOP_MARGIN_SECONDS
        deadline = time.monotonic() + wait
        while self._are_stopping() and time.monotonic() < deadline:
            gevent.sleep(0.02)
        if lost := self._missed | self._joined - self._stopped:
            self._harness.break_off(f"lost {len(lost)} of {len(self._joined)} workers")

    def on_stopped(self, msg: Message, **_: Any) -> None:
        """A worker's last cells."""
        self._harness.recorder.add(msg.data[CELLS])
        self._stopped.add(msg.node_id)

    def _are_stopping(self) -> bool:
        """Whether a worker that is not lost still has cells to send."""
        return bool(self._heard() - self._stopped)

    def _heard(self) -> set[str]:
        return {node.id for node in self._workers.all if node.state != STATE_MISSING}

    def _senders(self) -> int:
        return len(self._joined)

    def _busiest(self) -> float:
        return max((node.cpu_usage for node in self._workers.all), default=0.0)

    def _share(self) -> None:
        self._joined |= self._heard()
        started, code = self._harness.recorder.started, identity(self._harness)
        data = {"started": started, "workers": len(self._workers), "code": code}
        self._runner.send_message(RUN, data)

    def _keep_telling(self) -> None:
        """Workers come and go, and one that has just come may not be listening yet."""
        while True:
            gevent.sleep(TELL_SECONDS)
            if self._keeper.is_running:
                self._share()

    def _keep_watch(self) -> None:
        """Who is silent for some seconds is lost, and stays so: its users are with others by then,
        and it still has them if it comes back. More are there than the profile says."""
        while True:
            gevent.sleep(WATCH_SECONDS)
            self._missed |= self._joined & {node.id for node in self._workers.missing}


class Worker:
    """Sends requests and cells."""

    def __init__(self, harness: Harness, runner: WorkerRunner) -> None:
        self._harness, self._runner = harness, runner
        self._started = 0.0
        events = runner.environment.events
        events.report_to_master.add_listener(self.on_report_to_master)
        events.quitting.add_listener(self.on_quitting)
        runner.register_message(RUN, self.on_run)
        runner.register_message(STOP, self.on_stop, concurrent=True)

    def on_run(self, msg: Message, **_: Any) -> None:
        """Which run it is, and this worker's share of the ceiling."""
        if msg.data["code"] != identity(self._harness):
            self._leave()
            return
        if msg.data["started"] != self._started:
            self._started = msg.data["started"]
            self._harness.begin(self._started)
        if not self._harness.stopping:
            self._harness.pacer.share_among(msg.data["workers"])

    def on_stop(self, **_: Any) -> None:
        """Stop all users, then send the last cells."""
        self._harness.stopping = True
        self._runner.stop()
        self._send_cells()

    def on_report_to_master(self, data: dict[str, Any], **_: Any) -> None:
        """Send the cells along with Locust's own numbers."""
        data[CELLS] = self._harness.recorder.take()

    def on_quitting(self, **_: Any) -> None:
        """Ctrl-C reached this worker itself: what it has is not lost."""
        self._send_cells()

    def _send_cells(self) -> None:
        self._runner.send_message(STOPPED, {CELLS: self._harness.recorder.take()})

    def _leave(self) -> None:
        logger.error("the master runs another profile or other code: this worker would not fit")
        self._runner.environment.process_exit_code = Exit.BAD_INPUT
        gevent.spawn(self._runner.quit)


def identity(harness: Harness) -> str:
    """What master and workers have to have in common."""
    return f"{harness.load.profile.sha256} {harness.code}"
