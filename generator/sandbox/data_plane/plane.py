"""One Region's data plane on loopback: HAProxy, service processes behind it, and their Valkey.

    with running(Plan("eu-west-1", environment), folder) as plane:
        urlopen(plane.url)

Several stand side by side. Everything ends with the block, and with the process that started it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from generator.errors import SandboxError, UsageError
from generator.sandbox.data_plane import haproxy, valkey
from generator.sandbox.data_plane.events import Events, Sampler
from generator.sandbox.data_plane.guarded import LOOPBACK
from generator.sandbox.data_plane.haproxy import LoadBalancer, TargetGroup
from generator.sandbox.data_plane.service import COMMAND, Instance
from generator.sandbox.data_plane.valkey import User, Valkey

_POLL_SECONDS = 0.02
_STOP_MARGIN = 15.0
"""Seconds beyond DRAIN_SECONDS: a busy machine is late."""
_FORGOTTEN_WITHIN = 10.0


class Plan(NamedTuple):
    """What is to run in a Region."""

    region: str
    environment: Mapping[str, str]
    """The whole environment of a service process, but for where it listens and its cache."""
    instances: int = 2
    group: TargetGroup = TargetGroup()
    user: User | None = None
    """Who the service is to Valkey: what the secret that CACHE_SECRET names says."""
    command: Sequence[str] = COMMAND


class Plane:
    """What runs. An instance is named as in its events and its log: `i-1`, `i-2`, …"""

    def __init__(self, plan: Plan, folder: Path, stack: ExitStack) -> None:
        self._plan, self._folder, self._stack = plan, folder, stack
        self._numbers = count(1)
        self._desired = plan.instances
        self.instances: dict[str, Instance] = {}
        self.events_file = folder / "events.jsonl"
        self.events = Events(self.events_file, plan.region)
        self.valkey = Valkey(folder, plan.user)
        stack.callback(self.valkey.close)
        first = [self._launch() for _ in range(plan.instances)]
        self.balancer = LoadBalancer(folder, plan.group)
        stack.callback(self.balancer.close)
        self.valkey.wait_until_ready()
        self.balancer.wait_until_ready()
        for instance in first:
            self._put_in_service(instance)
        stack.callback(Sampler(self._capacity, self.events).close)

    @property
    def url(self) -> str:
        """Where clients send their requests."""
        return self.balancer.url

    def add(self, reason: str = "") -> str:
        """One more instance, healthy and in service: its name. Its event says the reason."""
        self._desired += 1
        instance = self._launch(reason)
        self._put_in_service(instance)
        return instance.name

    def remove(self, name: str) -> None:
        """Take an instance out as Auto Scaling does: deregistered, drained, stopped.

        Raises SandboxError when it does not end after SIGTERM.
        """
        instance = self._instance(name)
        self._desired -= 1
        self.events.activity(f"Draining {name}")
        self.balancer.api.drain(name)
        self._wait_for_the_last_answer(name)
        self._stop(instance)
        self.forget(name)
        self.events.activity(f"Terminated {name}")

    def kill(self, name: str) -> None:
        """Lose an instance: HAProxy finds out by its checks, and it stays wanted."""
        self.events.activity(f"Lost {name}")
        self._instance(name).kill()

    def forget(self, name: str) -> None:
        """Delete an instance that has ended from HAProxy."""
        self.balancer.api.leave(name)
        deadline = time.monotonic() + _FORGOTTEN_WITHIN
        while not self.balancer.api.forget(name):
            if time.monotonic() > deadline:
                raise SandboxError(f"HAProxy keeps connections to {name}")
            time.sleep(_POLL_SECONDS)
        self.instances.pop(name).close()

    def kill_valkey(self) -> None:
        """Lose the cache, and all that it held."""
        self.events.activity("Lost Valkey")
        self.valkey.kill()

    def restart_valkey(self) -> None:
        """An empty cache at the same address."""
        self.valkey.restart()
        self.events.activity("Valkey is back, empty")

    def _launch(self, reason: str = "") -> Instance:
        name = f"i-{next(self._numbers)}"
        cache = {"CACHE_HOST": LOOPBACK, "CACHE_PORT": str(self.valkey.port)}
        settled = {"CACHE_TLS": "false", "CACHE_CLUSTER": "false", "WORKERS": "1"}
        environment = {**self._plan.environment, **cache, **settled}
        instance = Instance(name, self._folder, environment, self._plan.command)
        self._stack.callback(instance.close)
        self.instances[name] = instance
        self.events.activity(f"Launching {name}{reason and f': {reason}'}")
        return instance

    def _put_in_service(self, instance: Instance) -> None:
        instance.wait_until_healthy()
        self.balancer.register(instance.name, instance.port)

    def _stop(self, instance: Instance) -> None:
        within = float(self._plan.environment["DRAIN_SECONDS"]) + _STOP_MARGIN
        instance.terminate()
        if not instance.wait(within):
            raise SandboxError(f"{instance.name} runs {within:g} s after SIGTERM")

    def _wait_for_the_last_answer(self, name: str) -> None:
        """As long as the deregistration delay; what is outstanding then is cut off."""
        deadline = time.monotonic() + self._plan.group.deregistration_delay
        while self._in_flight(name) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)

    def _in_flight(self, name: str) -> int:
        servers = self.balancer.api.servers()
        return next(each.requests_in_flight for each in servers if each.name == name)

    def _instance(self, name: str) -> Instance:
        if name not in self.instances:
            raise UsageError(f"there is no instance {name}; there are {', '.join(self.instances)}")
        return self.instances[name]

    def _capacity(self) -> tuple[int, int]:
        try:
            servers = self.balancer.api.servers()
        except SandboxError:
            return 0, self._desired
        return sum(server.is_in_service for server in servers), self._desired


def check_installed() -> None:
    """Raises UsageError where the packages of Valkey or HAProxy are not installed."""
    valkey.binary()
    haproxy.binary()


@contextmanager
def running(plan: Plan, folder: Path) -> Iterator[Plane]:
    """A data plane for the length of a block; logs and events are in `folder`, which has to exist.

    Raises UsageError without the packages that it runs, SandboxError when something does not start.
    """
    with ExitStack() as stack:
        yield Plane(plan, folder, stack)
