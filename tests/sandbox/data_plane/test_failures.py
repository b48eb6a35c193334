"""The real service behind a real HAProxy, with a real Valkey and the sandbox's DynamoDB, when
things are lost: what was acknowledged is there, and errors end where the health check ends them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.sandbox.data_plane.plane import Plane
from loadtest.events import Capacity, read_events
from tests.local_aws import Account
from tests.sandbox.data_plane.load import CLIENTS, Client, Load, load
from tests.sandbox.data_plane.standing import GROUP, ORIGIN_SECRET, OTHER, make_stores, serving
from tests.sandbox.test_process import eventually

DRAIN_WITHIN = 20.0
SLACK = 5.0
"""Seconds that a busy machine may take to check, and to write down what was found out."""


@pytest.fixture
def stores(account: Account) -> Account:
    make_stores(account)
    return account


@pytest.fixture
def region(stores: Account, tmp_path: Path) -> Iterator[Plane]:
    with serving(stores, tmp_path / "home") as plane:
        yield plane


def told(load: Load) -> str:
    """For the message of a failed assertion: which requests failed, and how."""
    return "\n".join(f"{each.sent:.3f} {each.what}: {each.status}" for each in load.failed)


# --- the cache


def test_no_acknowledged_write_is_lost_with_the_cache(region: Plane) -> None:
    with load(region.balancer.port, ORIGIN_SECRET) as played:
        played.wait_for(60)
        region.kill_valkey()
        played.wait_for(60)
        region.restart_valkey()
        played.wait_for(60)
    assert not played.failed, told(played)
    for _ in range(2):
        assert lost_sessions(region, played) == []
        assert lost_scores(region, played) == []
        region.restart_valkey()  # what a cache may have hidden is seen the second time
    assert sum(len(client.sessions) for client in played.clients) > CLIENTS


def lost_sessions(region: Plane, played: Load) -> list[str]:
    """Sessions that are now older than what a client was told, or not there."""
    reader = Client(region.balancer.port, ORIGIN_SECRET, "reader")
    versions = {id_: v for client in played.clients for id_, v in client.sessions.items()}
    found = {id_: reader.ask("GET", f"/api/sessions/{id_}") for id_ in versions}
    reader.close()
    return [id_ for id_, v in versions.items() if not found[id_] or found[id_]["version"] < v]


def lost_scores(region: Plane, played: Load) -> list[str]:
    """Players whose best score is now lower than what they were told."""
    reader = Client(region.balancer.port, ORIGIN_SECRET, "reader")
    players = {client.player: client.best for client in played.clients}
    found = {name: reader.ask("GET", f"/api/boards/main/players/{name}") for name in players}
    reader.close()
    return [name for name, best in players.items() if found[name]["score"] < best]


# --- an instance


def test_the_loss_of_an_instance_costs_what_the_health_check_allows(region: Plane) -> None:
    """A target that refuses connections has the fewest outstanding requests: in the worst case
    every request goes there until it is out of service. Afterwards none does, and another takes
    its place.
    """
    with load(region.balancer.port, ORIGIN_SECRET) as played:
        played.wait_for(60)
        lost = time.time()
        region.kill("i-1")
        assert eventually(lambda: capacity(region) == (1, 2))
        out_of_service = time.time()
        region.forget("i-1")
        region.add()
        assert eventually(lambda: requests_of(region, "i-3") > 10)
    assert out_of_service - lost <= GROUP.detection + SLACK
    assert 0 < len(played.failed) <= played.rate * (out_of_service - lost) + CLIENTS
    assert [each for each in played.failed if each.sent > out_of_service] == [], told(played)
    assert [each for each in played.failed if each.done < lost] == [], told(played)
    assert lost_sessions(region, played) == []


def capacity(region: Plane) -> tuple[int, int]:
    """In service and desired, as the events file says last."""
    found = [each for each in read_events(region.events_file) if isinstance(each, Capacity)]
    return (found[-1].in_service, found[-1].desired) if found else (0, 0)


def requests_of(region: Plane, name: str) -> int:
    return next(each.requests for each in region.balancer.api.servers() if each.name == name)


# --- stopping


def test_an_instance_that_is_terminated_fails_no_request(region: Plane) -> None:
    """SIGTERM with no word to the load balancer, which finds out by its health checks."""
    with load(region.balancer.port, ORIGIN_SECRET) as played:
        played.wait_for(50)
        stopping = region.instances["i-1"]
        stopping.terminate()
        assert stopping.wait(DRAIN_WITHIN)
        played.wait_for(50)
    assert stopping.exit_code == 0
    assert played.failed == [], told(played)


def test_an_instance_that_is_scaled_in_fails_no_request(region: Plane) -> None:
    """Deregistered first, and then stopped, as Auto Scaling does."""
    with load(region.balancer.port, ORIGIN_SECRET) as played:
        played.wait_for(50)
        region.remove("i-1")
        played.wait_for(50)
    assert played.failed == [], told(played)


# --- another Region


def test_a_session_of_one_region_is_read_in_the_other(
    region: Plane, stores: Account, tmp_path: Path
) -> None:
    here = Client(region.balancer.port, ORIGIN_SECRET, "ann")
    body = {"player": "ann", "data": {"level": 7}}
    made = here.ask("POST", "/api/sessions", body)
    here.ask("POST", "/api/boards/main/scores", {"player": "ann", "score": 7})
    here.close()
    with serving(stores, tmp_path / "other", OTHER, instances=1) as other:
        there = Client(other.balancer.port, ORIGIN_SECRET, "ann")
        found = there.ask("GET", f"/api/sessions/{made['id']}")
        best = there.ask("GET", "/api/boards/main/players/ann")
        there.close()
    assert found == made
    assert best["score"] == 7
