"""The numbers of a load, against a local server that is several times as fast as Locust.

    users      requests/s of a bare FastHttpUser : those of our readers, without think time, with
               everything that a run has: the ceiling, the recorder, the shape
    recorder   requests/s of our readers without the recorder : with it, in one and the same run

Both users ask for the same mix of the same paths, and read nothing of the answers. Locust has one
core and the server another, where there are two. A second is one of Locust's own CPU time, which
is what it lacks at this rate, and which does not depend on who else is using the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

Row = tuple[str, float, float, str]
Pairs = list[tuple[float, float]]
CHECKOUT = Path(__file__).resolve().parents[1]
USERS = 8
WARM_SECONDS = 1.0
SECONDS = 3.0
PAIRS = 7
WINDOW_SECONDS = 0.1
WINDOW_PAIRS = 150

MEASURE = f"""
import json, time, gevent
from locust import events
def rate(environment, seconds):
    sent, began = environment.stats.total.num_requests, time.process_time()
    gevent.sleep(seconds)
    return (environment.stats.total.num_requests - sent) / (time.process_time() - began)
def begin(environment, **_):
    gevent.spawn_later({WARM_SECONDS}, lambda: print(json.dumps(measure(environment)), flush=True))
events.test_start.add_listener(begin)
"""

WHOLE = f"""
def measure(environment):
    return rate(environment, {SECONDS})
"""

BARE = f"""
from locust import FastHttpUser, LoadTestShape, task
class Bare(FastHttpUser):
    @task(4)
    def read_static(self):
        self.client.get("/static/style.css", name="/static/{{name}}")
    @task(3)
    def read_board(self):
        self.client.get("/api/boards/load-1?top=10", name="/api/boards/{{board}}")
    @task(3)
    def read_session(self):
        self.client.get("/api/sessions/s1", name="/api/sessions/{{id}}")
class Shape(LoadTestShape):
    def tick(self):
        return ({USERS}, {USERS})
"""

OURS = "from loadtest.locustfile import ProfileShape, Reader, harness\n"

TOGGLED = f"""
def measure(environment):
    pairs = []
    while len(pairs) < {WINDOW_PAIRS}:
        events.request.remove_listener(harness.recorder.record)
        without = rate(environment, {WINDOW_SECONDS})
        events.request.add_listener(harness.recorder.record)
        with_it = rate(environment, {WINDOW_SECONDS})
        if without and with_it:  # or somebody else had the core all the while
            pairs.append((without, with_it))
    return pairs
"""

PROFILE = f"""
description: As fast as it goes.
users: {{reader: 1, player: 0}}
think_seconds: {{reader: [0, 0]}}
shape: {{kind: steady, users: {USERS}, ramp_seconds: 0, seconds: 600}}
hosts: [127.0.0.1]
ceiling: {{requests_per_second: 1000000, seconds: 600}}
slo: {{}}
"""


def rows() -> Iterator[Row]:
    """One row a promise."""
    with tempfile.TemporaryDirectory() as scratch, _server() as port:
        (Path(scratch) / "fast.yaml").write_text(PROFILE)
        pairs = [
            (_measured(scratch, port, BARE + WHOLE), _measured(scratch, port, OURS + WHOLE))
            for _ in range(PAIRS)
        ]
        yield _row("users", 1 / 0.85, pairs)
        yield _row("recorder", 1.03, _measured(scratch, port, OURS + TOGGLED))


def _row(name: str, promise: float, pairs: Pairs) -> Row:
    theirs, ours = (median(rates) for rates in zip(*pairs, strict=True))
    detail = f"{theirs:.0f} : {ours:.0f} requests/s, {len(pairs)} pairs"
    return (name, median(their / our for their, our in pairs), promise, detail)


def _measured(scratch: str, port: int, locustfile: str) -> Any:
    """What a locustfile prints of itself."""
    path = Path(scratch) / "measured.py"
    path.write_text(MEASURE + locustfile)
    host = f"http://127.0.0.1:{port}"
    load = {"LOADTEST_PROFILE": f"{scratch}/fast.yaml", "LOADTEST_HOST": host}
    words = ["-f", str(path), "--headless", "--only-summary", "--host", host]
    command = [sys.executable, "-m", "locust", *words]
    with _process(command, 0, load) as process:
        assert process.stdout is not None
        return json.loads(process.stdout.readline())


@contextmanager
def _server() -> Iterator[int]:
    with _process([sys.executable, "-m", "tests.loadtest.counting"], -1) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextmanager
def _process(
    command: list[str], core: int, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[subprocess.Popen[str]]:
    """A process with one core of those there are, for the length of a block."""
    process = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env={**os.environ, **more, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    if sys.platform == "linux":
        os.sched_setaffinity(process.pid, {sorted(os.sched_getaffinity(0))[core]})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
