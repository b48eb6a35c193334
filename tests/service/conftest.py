"""One service a Region, each with a cache of its own, for a whole test process.

A test that breaks something has instances of its own: `launch`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from generator.sandbox.data_plane.valkey import Valkey
from generator.sandbox.process import Sandbox
from tests.local_aws import Account
from tests.sandbox.data_plane.standing import HOME, OTHER, make_stores
from tests.service.local import Place, Service, new_valkey

ACCOUNT_ID = "300000000001"

Launch = Callable[..., Service]


@pytest.fixture(scope="session")
def stores(sandbox: Sandbox) -> Place:
    """The stores, made once: tests have sessions and boards of their own."""
    if sys.platform != "linux":
        pytest.skip("the local data plane keeps its ports and processes in Linux' ways")
    account = Account(sandbox, ACCOUNT_ID)
    make_stores(account)
    return Place(account)


@pytest.fixture(scope="session")
def regions(
    stores: Place, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Service]]:
    """By Region. Not to be broken."""
    with ExitStack() as stack:
        services = {}
        for region in (HOME, OTHER):
            folder = tmp_path_factory.mktemp(region)
            valkey = new_valkey(folder)
            stack.callback(valkey.close)
            services[region] = Service(region, folder, stores.environment(region, valkey.port))
            stack.callback(services[region].instance.close)
        for service in services.values():
            service.instance.wait_until_healthy()
        yield services


@pytest.fixture
def service(regions: dict[str, Service]) -> Service:
    """The one at home."""
    return regions[HOME]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A cache that may be broken."""
    valkey = new_valkey(tmp_path)
    valkey.wait_until_ready()
    yield valkey
    valkey.close()


@pytest.fixture
def launch(stores: Place, tmp_path: Path) -> Iterator[Launch]:
    """Starts a service of the test's own at home; its environment may differ."""
    numbers = count(1)
    with ExitStack() as stack:

        def start(cache_port: int, **more: str) -> Service:
            environment = stores.environment(HOME, cache_port, **more)
            service = Service(f"own-{next(numbers)}", tmp_path, environment)
            stack.callback(service.instance.close)
            service.instance.wait_until_healthy()
            return service

        yield start
