"""A Region's data plane: what runs in it, what is done to it, and what is written down of that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from generator.errors import SandboxError, UsageError
from generator.sandbox.data_plane.plane import Plan, Plane, running
from loadtest.events import Activity, Capacity, read_events
from tests.sandbox.data_plane import stand_in
from tests.sandbox.data_plane.conftest import ENVIRONMENT, GROUP, Ask
from tests.sandbox.test_process import eventually, listening_ports

LOOPBACK_IN_HEX = "0100007F"


def capacities(path: Path) -> list[tuple[int, int]]:
    events = read_events(path)
    return [(event.in_service, event.desired) for event in events if isinstance(event, Capacity)]


def activities(path: Path) -> list[str]:
    return [event.text for event in read_events(path) if isinstance(event, Activity)]


# --- what runs


def test_its_instances_serve(plane: Plane, ask: Ask) -> None:
    ports = {str(instance.port) for instance in plane.instances.values()}
    assert {ask("/").body["port"] for _ in range(4)} == ports


def test_a_service_is_told_where_it_is_and_where_its_cache_is(tmp_path: Path) -> None:
    told = "; ".join(["import os, sys", "print(sorted(os.environ.items()))", "sys.exit(1)"])
    command = (*stand_in.COMMAND[:-1], "-c", told)
    given = {**ENVIRONMENT, "CACHE_TLS": "true", "CACHE_HOST": "redis.example.com"}
    with (
        pytest.raises(SandboxError),
        running(Plan("eu-west-1", given, 1, command=command), tmp_path),
    ):
        pass
    environment = dict(eval((tmp_path / "i-1.log").read_text()))
    assert environment["HOST"] == environment["CACHE_HOST"] == "127.0.0.1"
    assert environment["CACHE_TLS"] == environment["CACHE_CLUSTER"] == "false"
    assert int(environment["PORT"]) != int(environment["CACHE_PORT"])
    assert "HOME" not in environment


def test_all_of_it_listens_on_loopback_only(plane: Plane) -> None:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    rows += [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    listening = {tuple(row[1].split(":")) for row in rows if row[3] == "0A"}
    for pid, port in processes(plane):
        assert listening_ports(pid) == {port}
        assert {host for host, number in listening if int(number, 16) == port} == {LOOPBACK_IN_HEX}


def processes(plane: Plane) -> list[tuple[int, int]]:
    """Process id and port of all that runs."""
    return [
        (plane.valkey.pid, plane.valkey.port),
        (plane.balancer.pid, plane.balancer.port),
        *((each.pid, each.port) for each in plane.instances.values()),
    ]


def test_two_regions_stand_side_by_side(plane: Plane, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    plan = Plan("us-east-1", ENVIRONMENT, 1, GROUP, command=stand_in.COMMAND)
    with running(plan, folder) as other:
        assert {port for _, port in processes(plane)}.isdisjoint(
            port for _, port in processes(other)
        )
    assert {event.place for event in read_events(other.events_file)} == {"us-east-1"}


def test_an_instance_that_does_not_start_ends_all(tmp_path: Path) -> None:
    command = (*stand_in.COMMAND[:-1], "-c", "import sys; sys.exit('no service today')")
    plan = Plan("eu-west-1", ENVIRONMENT, command=command)
    with pytest.raises(SandboxError, match=r"(?s)i-1 ended with 1.*no service today"):
        running(plan, tmp_path).__enter__()
    assert b"Ready to accept" in (tmp_path / "valkey.log").read_bytes()


# --- what is done to it


def test_an_instance_is_added(plane: Plane, ask: Ask) -> None:
    name = plane.add()
    assert name == "i-3"
    assert str(plane.instances[name].port) in {ask("/").body["port"] for _ in range(6)}


def test_an_instance_is_removed_when_it_has_answered(plane: Plane, ask: Ask) -> None:
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(ask, "/slow")
        assert eventually(lambda: busy(plane) is not None)
        leaving = busy(plane)
        assert leaving is not None
        instance = plane.instances[leaving]
        plane.remove(leaving)
        assert slow.result().status == 200
    assert instance.exit_code == 0
    assert leaving not in plane.instances
    assert leaving not in [server.name for server in plane.balancer.api.servers()]


def busy(plane: Plane) -> str | None:
    servers = plane.balancer.api.servers()
    return next((server.name for server in servers if server.requests_in_flight), None)


def test_an_instance_that_is_not_there_is_bad_input(plane: Plane) -> None:
    with pytest.raises(UsageError, match="there is no instance i-9; there are i-1, i-2"):
        plane.remove("i-9")


# --- what is written down


def test_its_events_are_those_that_a_report_reads(plane: Plane) -> None:
    """Written as it happens, and read by loadtest."""
    assert eventually(lambda: capacities(plane.events_file) == [(2, 2)])
    plane.add()
    assert eventually(lambda: capacities(plane.events_file)[-1] == (3, 3))
    plane.kill("i-1")
    assert eventually(lambda: capacities(plane.events_file)[-1] == (2, 3))
    plane.remove("i-2")
    assert eventually(lambda: capacities(plane.events_file)[-1] == (1, 2))
    assert activities(plane.events_file) == [
        *("Launching i-1", "Launching i-2", "Launching i-3"),
        *("Lost i-1", "Draining i-2", "Terminated i-2"),
    ]
    assert {event.place for event in read_events(plane.events_file)} == {"eu-west-1"}


def test_the_loss_of_the_cache_is_written_down(plane: Plane) -> None:
    plane.kill_valkey()
    plane.restart_valkey()
    assert activities(plane.events_file)[-2:] == ["Lost Valkey", "Valkey is back, empty"]


def test_what_happened_last_is_in_the_file_when_it_has_ended(tmp_path: Path) -> None:
    plan = Plan("eu-west-1", ENVIRONMENT, 1, GROUP, command=stand_in.COMMAND)
    with running(plan, tmp_path) as plane:
        plane.balancer.api.drain("i-1")
    assert capacities(plane.events_file)[-1] == (0, 1)
