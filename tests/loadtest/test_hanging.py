"""However slowly something answers, no request of any user's takes longer than users wait; and
none is sent by who is to stop, so that none is under way when the last users are killed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from loadtest.target import Load
from tests.loadtest.own_process import lines_of
from tests.loadtest.profiles import profile

PATIENCE = 0.5
ONE_OF_EACH = f"""
import json, os
from dataclasses import replace
from locust.env import Environment
from locust.exception import StopUser
from loadtest.harness import Harness
from loadtest.target import load_from
from loadtest.users import base, cache, http, table

assert base.ANSWER_WITHIN_SECONDS < base.FINISH_WITHIN_SECONDS
base.ANSWER_WITHIN_SECONDS = {PATIENCE}
harness = Harness(load_from(os.environ))
harness.pacer.share_among(1)
base.cast(harness.load, harness.pacer)
environment = Environment(host=harness.load.host)
http.Reader.host = environment.host
cache.CacheUser.load = replace(harness.load, host=environment.host.removeprefix("http://"))

for room, user, send in (
    (http, http.Reader, http.Reader.read_static),
    (table, table.TableUser, table.TableUser.read_session),
    (base, cache.CacheUser, cache.CacheUser.read_session),
):
    def tell(exception, response_time, **_):
        print(json.dumps([room.reason(exception), response_time / 1000]))
    environment.events.request.add_listener(tell)
    send(user(environment))
    leaving = user(environment)
    leaving.is_leaving = True
    try:
        send(leaving)
    except StopUser:
        print(json.dumps(["left", 0]))
    environment.events.request.remove_listener(tell)
"""


class Trickle(BaseRequestHandler):
    """Says that a long answer follows, as HTTP or Redis has it; a byte comes now and then."""

    def handle(self) -> None:
        if self.request.recv(4096).startswith(b"*"):
            self.request.sendall(b"$9999\r\n")
        else:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        while not over.wait(PATIENCE / 10):
            try:
                self.request.sendall(b"x")
            except OSError:
                return


over = threading.Event()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where something listens that never has done answering."""
    over.clear()
    with ThreadingTCPServer(("127.0.0.1", 0), Trickle) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        yield server.server_address[1]
        over.set()
        server.shutdown()


@pytest.fixture(scope="module")
def told(port: int, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, float]]:
    """Reason and seconds of a request of each user of the service, a table and the cache; after
    each, what a second one says that was told to stop."""
    load = Load(
        profile=profile(tmp_path_factory.mktemp("hanging")),
        host=f"http://127.0.0.1:{port}",
        region="eu-west-1",
        cache_tls=False,
    )
    aws = {
        "AWS_ENDPOINT_URL": load.host,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": load.region,
    }
    return [
        (reason, seconds) for reason, seconds in map(json.loads, lines_of(ONE_OF_EACH, load, **aws))
    ]


def test_no_request_takes_longer_than_users_wait(told: list[tuple[str, float]]) -> None:
    """All of it together: no single byte of these answers is late."""
    assert [reason for reason, _ in told[::2]] == ["TimeoutError"] * 3
    assert all(PATIENCE <= seconds < 10 * PATIENCE for _, seconds in told[::2])


def test_who_is_to_stop_sends_no_more(told: list[tuple[str, float]]) -> None:
    assert [reason for reason, _ in told[1::2]] == ["left"] * 3
