"""What a master knows of its workers, as Locust tells it: in a process without a load."""

from __future__ import annotations

from pathlib import Path

from loadtest.target import Load
from tests.loadtest.own_process import lines_of
from tests.loadtest.profiles import profile

BACK_AGAIN = """
import os
import gevent
from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_MISSING, STATE_RUNNING, WorkerNode
from loadtest import roles
from loadtest.harness import Harness
from loadtest.target import load_from

harness = Harness(load_from(os.environ))
runner = Environment(host=harness.load.host).create_master_runner("127.0.0.1", 0)
master = roles.Master(harness, runner)
for name in ("first", "second"):
    runner.clients[name] = WorkerNode(name, STATE_RUNNING)
master.on_test_start()
runner.clients["first"].state = STATE_MISSING
gevent.sleep(2 * roles.WATCH_SECONDS)
runner.clients["first"].state = STATE_RUNNING
for name in runner.clients:
    gevent.spawn_later(0.1, master.on_stopped, Message("", {roles.CELLS: []}, name))
master.on_test_stopping()
print(harness.ended)
"""


def test_a_worker_that_was_silent_is_told_as_lost_though_it_came_back(tmp_path: Path) -> None:
    """Its users went to the other one meanwhile, and it still has them."""
    load = Load(profile=profile(tmp_path), host="http://127.0.0.1:9")
    assert lines_of(BACK_AGAIN, load) == ["lost 1 of 2 workers"]
