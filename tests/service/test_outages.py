"""What is out takes no more along than it has to, and comes back by itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from generator.sandbox.data_plane.valkey import Valkey
from generator.service import aws
from tests.sandbox.data_plane.standing import HOME
from tests.service.conftest import Launch
from tests.service.faulty_table import CONFLICT, OUT, THROTTLED, FaultyTable, faulty_table
from tests.service.local import Place, Service, new_valkey, until


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    valkey = new_valkey(tmp_path_factory.mktemp("valkey"))
    valkey.wait_until_ready()
    yield valkey
    valkey.close()


@pytest.fixture(scope="module")
def table(stores: Place) -> Iterator[FaultyTable]:
    with faulty_table(stores.account.sandbox.endpoint) as server:
        yield server


@pytest.fixture(scope="module")
def shared(
    stores: Place, valkey: Valkey, table: FaultyTable, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    environment = stores.environment(HOME, valkey.port, AWS_ENDPOINT_URL_DYNAMODB=table.endpoint)
    service = Service("broken", tmp_path_factory.mktemp("broken"), environment)
    service.instance.wait_until_healthy()
    yield service
    service.instance.close()


@pytest.fixture
def service(shared: Service, valkey: Valkey, table: FaultyTable) -> Iterator[Service]:
    """Between a cache and a table that can be broken; the next test finds them well and empty."""
    yield shared
    table.fault = ""
    valkey.restart()
    until(lambda: shared.cache_is("ok"))


def test_without_a_cache_everything_is_served_and_nothing_lost(
    service: Service, valkey: Valkey
) -> None:
    before = service.new_session(level=1)
    service.record("cup", "kim", 5)
    valkey.kill()
    during = service.new_session(level=2)
    assert service.get(f"/api/sessions/{before['id']}") == before
    written = service.write_session(before["id"], level=3)
    assert service.get(f"/api/sessions/{before['id']}") == written
    assert service.record("cup", "lee", 7) == 7
    assert [each["player"] for each in service.get("/api/boards/cup")["top"]] == ["lee", "kim"]
    assert service.get("/readyz") | {"region": ""} == {"region": "", "cache": "down", "table": "ok"}
    valkey.restart()
    until(lambda: service.cache_is("ok"))
    assert service.get(f"/api/sessions/{during['id']}") == during
    assert service.get(f"/api/sessions/{before['id']}") == written


def test_a_cache_that_comes_back_with_what_it_held_is_put_right(
    service: Service, launch: Launch, valkey: Valkey
) -> None:
    """Also for another instance, which did not notice that it was gone."""
    other = launch(valkey.port)
    made, gone = service.new_session(level=1), service.new_session()
    paths = [f"/api/sessions/{each['id']}" for each in (made, gone)]
    os.kill(valkey.pid, signal.SIGSTOP)
    service.write_session(made["id"], level=2)  # waits, and finds out
    written = service.write_session(made["id"], level=3)
    assert service.ask("DELETE", paths[1]).status == 204
    os.kill(valkey.pid, signal.SIGCONT)
    assert service.get(paths[0]) == written
    until(lambda: service.cache_is("ok"))
    for each in (service, other):
        assert each.get(paths[0]) == written
        assert each.ask("GET", paths[1]).status == 404


def test_a_cache_that_is_out_is_asked_by_one_probe_a_second(
    service: Service, valkey: Valkey
) -> None:
    """Nobody else waits for it: a stopped server would hold up each request for half a second."""
    session = service.new_session()
    os.kill(valkey.pid, signal.SIGSTOP)
    service.get(f"/api/sessions/{session['id']}")
    began = time.monotonic()
    for _ in range(20):
        service.get(f"/api/sessions/{session['id']}")
    assert time.monotonic() - began < 5, "requests waited for a cache that is known to be out"
    os.kill(valkey.pid, signal.SIGCONT)
    until(lambda: service.cache_is("ok"))


def test_a_throttled_table_is_asked_a_few_times_and_then_refuses(
    service: Service, table: FaultyTable
) -> None:
    session = service.new_session()
    service.write_session(session["id"], level=1)
    table.fault, table.calls = THROTTLED, 0
    answer = service.ask("PUT", f"/api/sessions/{session['id']}", {"data": {}})
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert answer.json == {"error": "the table is busy"}
    assert table.calls == aws.ATTEMPTS
    cached = service.get(f"/api/sessions/{session['id']}")
    assert cached["data"] == {"level": 1}, "what is cached is served all the same"
    table.fault = ""
    assert service.write_session(session["id"], level=2)["version"] == 3
    assert {"cause": THROTTLED, "status": 503}.items() <= service.log_lines()[-1].items()


def test_a_write_that_another_region_makes_too_may_be_tried_again(
    service: Service, table: FaultyTable
) -> None:
    """Strongly consistent tables refuse it."""
    table.fault = CONFLICT
    answer = service.ask("POST", "/api/sessions", {"player": "kim", "data": {}})
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def test_with_both_out_it_refuses_lives_and_recovers(
    service: Service, valkey: Valkey, table: FaultyTable
) -> None:
    """Nor does it take ever more requests that all wait."""
    session = service.new_session(level=1)
    path = f"/api/sessions/{session['id']}"
    valkey.kill()
    table.fault = OUT
    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(lambda _: service.ask("GET", path), range(80)))
    assert {(each.status, each.headers["retry-after"]) for each in answers} == {(503, "1")}
    ready = service.ask("GET", "/readyz")
    assert (ready.status, ready.json["cache"], ready.json["table"]) == (503, "down", "down")
    assert service.ask("GET", "/healthz").status == 200
    assert service.instance.exit_code is None
    table.fault = ""
    valkey.restart()
    until(lambda: service.ask("GET", "/readyz").json["cache"] == "ok")
    assert service.get(path) == session
