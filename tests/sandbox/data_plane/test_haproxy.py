"""A real HAProxy that behaves as an Application Load Balancer does, as far as haproxy.py says."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from generator.errors import SandboxError
from generator.sandbox.data_plane.haproxy import TargetGroup, configuration
from generator.sandbox.data_plane.plane import Plane
from generator.sandbox.data_plane.runtime_api import RuntimeApi, Server
from tests.sandbox.data_plane.conftest import Ask
from tests.sandbox.test_process import eventually


def server(plane: Plane, name: str) -> Server:
    return next(each for each in plane.balancer.api.servers() if each.name == name)


def test_a_target_gets_the_headers_of_a_load_balancer(plane: Plane, ask: Ask) -> None:
    headers = {name.lower(): value for name, value in ask("/").body["headers"].items()}
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-port"] == str(plane.balancer.port)
    assert re.fullmatch(r"Root=1-[0-9A-F]{8}-[0-9A-F]{24}", headers["x-amzn-trace-id"])


def test_a_clients_trace_is_kept(plane: Plane) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", plane.balancer.port)
    connection.request("GET", "/", headers={"X-Amzn-Trace-Id": "Root=1-mine"})
    assert b"Root=1-mine" in connection.getresponse().read()
    connection.close()


def test_the_target_with_the_fewest_outstanding_requests_is_next(plane: Plane, ask: Ask) -> None:
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(ask, "/slow")
        assert eventually(
            lambda: sum(each.requests_in_flight for each in plane.balancer.api.servers()) == 1
        )
        quick = {ask("/").body["port"] for _ in range(5)}
        assert quick.isdisjoint({slow.result().body["port"]})


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_targets_own_answer_is_passed_on(ask: Ask, status: int) -> None:
    answer = ask(f"/status/{status}")
    assert (answer.status, answer.body["headers"] != {}) == (status, True)


def test_an_unhealthy_target_gets_no_more_requests(plane: Plane, ask: Ask) -> None:
    os.kill(plane.instances["i-1"].pid, signal.SIGUSR1)
    assert eventually(lambda: server(plane, "i-1").status == "DOWN")
    healthy = str(plane.instances["i-2"].port)
    assert {ask("/").body["port"] for _ in range(4)} == {healthy}


def test_a_target_that_refuses_is_a_502_and_tried_once(plane: Plane, ask: Ask) -> None:
    """Until the checks have found out; an ALB tries no other target either."""
    plane.instances["i-1"].kill()
    statuses = [ask("/").status for _ in range(4)]
    assert sorted(set(statuses)) == [200, 502]
    assert eventually(lambda: server(plane, "i-1").status == "DOWN")
    assert [ask("/").status for _ in range(4)] == [200] * 4


def test_a_request_that_is_lost_with_its_target_fails_once(plane: Plane, ask: Ask) -> None:
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(ask, "/slow")
        assert eventually(lambda: busy(plane) != [])
        for name in busy(plane):
            plane.kill(name)
        assert slow.result().status == 502


def test_on_a_connection_that_has_served_it_is_closed_instead(plane: Plane) -> None:
    """Here HAProxy differs from an ALB, which says 502."""
    connection = http.client.HTTPConnection("127.0.0.1", plane.balancer.port)
    for _ in range(4):  # both targets have answered, and keep a connection
        connection.request("GET", "/")
        connection.getresponse().read()
    connection.request("GET", "/slow")
    assert eventually(lambda: busy(plane) != [])
    for name in busy(plane):
        plane.kill(name)
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()


def busy(plane: Plane) -> list[str]:
    """Targets that have been asked and have not answered."""
    return [each.name for each in plane.balancer.api.servers() if each.requests_in_flight]


def test_without_a_target_in_service_it_is_a_503(plane: Plane, ask: Ask) -> None:
    for name in ("i-1", "i-2"):
        plane.instances[name].kill()
    assert eventually(lambda: {each.status for each in plane.balancer.api.servers()} == {"DOWN"})
    assert ask("/").status == 503


def test_what_it_refuses_is_said(plane: Plane) -> None:
    with pytest.raises(
        SandboxError, match=r"refused `set server targets/i-9 state drain`: No such"
    ):
        plane.balancer.api.drain("i-9")


@pytest.mark.parametrize(
    "ask, said",
    [(RuntimeApi.servers, "# pxname,svname,scur\ntargets,i-"), (lambda api: api.drain("i-1"), "")],
    ids=["half a table", "nothing"],
)
def test_what_it_says_when_it_ends_meanwhile_is_no_answer(
    ask: Callable[[RuntimeApi], object], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "api.sock"
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor() as threads:
        listener.bind(str(path))
        listener.listen()
        threads.submit(answer_once, listener, said)
        with pytest.raises(SandboxError, match=r"does not answer .* cut off"):
            ask(RuntimeApi(path))


def answer_once(listener: socket.socket, said: str) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(1024)
        connection.sendall(said.encode())


def test_its_configuration_is_the_target_groups() -> None:
    group = TargetGroup("/up", timeout=3.0, idle_timeout=4000.0, algorithm="round_robin")
    text = configuration(group, 9, Path("/tmp/api.sock"))
    for line in (
        "balance roundrobin",
        "http-check send meth GET uri /up ver HTTP/1.1",
        "timeout check 3000ms",
        "timeout server 4000000ms",
        "timeout connect 10s",
        "retries 0",
    ):
        assert f"    {line}" in text
