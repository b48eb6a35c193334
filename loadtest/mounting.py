"""What ties a load to Locust: the shape, the ceiling, the recorder and the refusal of hosts.

locustfile ──► mount ──► events.request ──► the harness' recorder
                 │
                 └──► a role (`roles`): alone, master or worker
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from typing import Any

import gevent
from locust import LoadTestShape
from locust.env import Environment
from locust.event import Events
from locust.runners import MasterRunner, Runner, WorkerRunner

from generator.errors import Refused
from loadtest.gate import INTERRUPTED
from loadtest.harness import Harness
from loadtest.roles import Alone, Master, Worker
from loadtest.target import HTTP_TARGETS

logger = logging.getLogger(__name__)


def mount(harness: Harness, events: Events) -> None:
    """Listen to Locust's events."""

    def on_init(environment: Environment, runner: Runner, **_: Any) -> None:
        if harness.load.target in HTTP_TARGETS:
            environment.host = environment.host or harness.load.host
            _check(harness, environment.host)
        _interrupt_in_good_order(environment, harness)
        _take_role(harness, runner)

    events.init.add_listener(on_init)
    events.request.add_listener(harness.recorder.record)


def _check(harness: Harness, host: str) -> None:
    """Refuse a host that was named by --host."""
    try:
        harness.load.check(host)
    except Refused as error:
        logger.error("%s", error)
        sys.exit(Refused.exit_code)


def _take_role(harness: Harness, runner: Runner) -> None:
    """The role that Locust has."""
    if isinstance(runner, MasterRunner):
        Master(harness, runner)
    elif isinstance(runner, WorkerRunner):
        Worker(harness, runner)
    else:
        Alone(harness, runner)


def _interrupt_in_good_order(environment: Environment, harness: Harness) -> None:
    """Signals interrupt the main greenlet, and never whatever happens to run.

    Python's own handler raises KeyboardInterrupt wherever the process is, which now and then is
    where it gets lost; and Locust heeds SIGTERM only once a shape without web page is over.
    """
    options = environment.parsed_options
    headless = options is not None and options.headless and not options.worker
    for number in (signal.SIGINT, signal.SIGTERM) if headless else (signal.SIGINT,):
        gevent.signal_handler(number, _interrupt, harness)


def _interrupt(harness: Harness) -> None:
    if not harness.stopping:
        harness.break_off(INTERRUPTED)
    gevent.get_hub().handle_system_error(KeyboardInterrupt, KeyboardInterrupt())


class ProfileShape(LoadTestShape):
    """The profile's shape, as Locust asks for it: about once a second."""

    harness: Harness
    _last = (0, 1.0)

    def tick(self) -> tuple[int, float] | None:
        """Users, and how many to start or stop a second so that the change takes no longer."""
        if self.harness.stopping:
            return self._last
        elapsed = time.perf_counter() - self.start_time
        users = self.harness.share.at(self.harness.curve, elapsed)
        if users is None:
            self.harness.completed = True
            return None
        if users != self._last[0]:
            self._last = (users, float(abs(users - self._last[0])))
        return self._last

    def reset_time(self) -> None:
        """A run begins: nobody is there yet."""
        self.start_time = time.perf_counter()
        self._last = (0, 1.0)
