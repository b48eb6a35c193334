"""What ties a load to Locust: the shape, the ceiling, the recorder and the refusal of hosts.

locustfile ──► Harness ──► events.request ──► recorder
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
from loadtest.identity import code_sha256
from loadtest.pacing import Pacer
from loadtest.recording import Recorder
from loadtest.roles import Alone, Master, Worker
from loadtest.target import HTTP_TARGETS, Load

logger = logging.getLogger(__name__)


class Harness:
    """One process of Locust that carries a load, or a part of it."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.pacer = Pacer(load.profile.ceiling.requests_per_second, gevent.sleep)
        self.recorder = Recorder()
        self.curve = load.profile.curve(load.target)
        self.code = code_sha256()
        self.completed = False
        self.stopping = False

    def attach(self, events: Events) -> None:
        """Listen to Locust's events."""
        events.init.add_listener(self.on_init)
        events.request.add_listener(self.recorder.record)

    def begin(self, started: float) -> None:
        """A run begins, at `started` (seconds since the epoch)."""
        self.recorder.begin(started)
        self.completed = self.stopping = False

    def on_init(self, environment: Environment, runner: Runner, **_: Any) -> None:
        """Refuse a host that was named by --host; take the role that Locust has."""
        if self.load.target in HTTP_TARGETS:
            environment.host = environment.host or self.load.host
            self._check(environment.host)
        _interrupt_in_good_order(environment)
        if isinstance(runner, MasterRunner):
            Master(self, runner)
        elif isinstance(runner, WorkerRunner):
            Worker(self, runner)
        else:
            Alone(self, runner)

    def _check(self, host: str) -> None:
        try:
            self.load.check(host)
        except Refused as error:
            logger.error("%s", error)
            sys.exit(Refused.exit_code)


def _interrupt_in_good_order(environment: Environment) -> None:
    """Signals interrupt the main greenlet, and never whatever happens to run.

    Python's own handler raises KeyboardInterrupt wherever the process is, which now and then is
    where it gets lost; and Locust heeds SIGTERM only once a shape without web page is over.
    """
    options = environment.parsed_options
    headless = options is not None and options.headless and not options.worker
    for number in (signal.SIGINT, signal.SIGTERM) if headless else (signal.SIGINT,):
        gevent.signal_handler(number, _interrupt)


def _interrupt() -> None:
    gevent.get_hub().handle_system_error(KeyboardInterrupt, KeyboardInterrupt())


class ProfileShape(LoadTestShape):
    """The profile's shape, as Locust asks for it: about once a second."""

    harness: Harness
    _last = (0, 1.0)

    def tick(self) -> tuple[int, float] | None:
        """Users, and how many to start or stop a second so that the change takes no longer."""
        if self.harness.stopping:
            return self._last
        users = self.harness.curve.at(time.perf_counter() - self.start_time)
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
