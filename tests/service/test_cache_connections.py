"""How the service gets to its cache: as its user, through TLS, to one node or to several."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from generator.sandbox.data_plane.valkey import Valkey
from tests.sandbox.data_plane.standing import HOME
from tests.service.caches import Node, behind_tls, cluster, node
from tests.service.conftest import Launch
from tests.service.local import CACHE_USER, Place, Service, until

OWN_SECRET = "gtm-test/own-cache"
PASSWORD, NEW_PASSWORD = "the-first-password", "the-second-password"


@pytest.fixture
def own_secret(stores: Place) -> Iterator[str]:
    """A password that a test may change."""
    client = stores.account.client("secretsmanager", HOME)
    value = {"username": CACHE_USER.name, "password": PASSWORD}
    client.create_secret(Name=OWN_SECRET, SecretString=json.dumps(value))
    yield OWN_SECRET
    client.delete_secret(SecretId=OWN_SECRET, ForceDeleteWithoutRecovery=True)


def use_everything(service: Service) -> None:
    """Each path that asks the cache for something."""
    sessions = [service.new_session(number=number) for number in range(20)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda s: service.get(f"/api/sessions/{s['id']}"), sessions))
    assert found == sessions
    assert service.write_session(sessions[0]["id"])["version"] == 2
    assert service.ask("DELETE", f"/api/sessions/{sessions[1]['id']}").status == 204
    board = sessions[0]["id"]
    for score in (1, 2):
        assert service.record(board, "kim", score) == score
        assert service.get(f"/api/boards/{board}")["top"] == [{"player": "kim", "score": score}]
        assert service.get(f"/api/boards/{board}/players/kim")["rank"] == 1
    assert service.cache_is("ok")


def test_a_cluster_is_used_and_with_the_rights_of_its_user(launch: Launch, tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster") as nodes:
        service = launch(nodes[0].port, CACHE_CLUSTER="true")
        use_everything(service)
        held = [each.admin.dbsize() for each in nodes]
        assert all(held), "both shards hold some of it"
        denied = [each.admin.acl_log() for each in nodes]
        assert denied == [[], []]
        assert "cache lost" not in service.log()


def test_a_changed_password_is_read_again(
    launch: Launch, tmp_path: Path, own_secret: str, stores: Place
) -> None:
    with node(tmp_path / "node", password=PASSWORD) as cache:
        service = launch(cache.port, CACHE_SECRET=own_secret)
        use_everything(service)
        change_password(cache, stores)
        use_everything_but_the_cache(service)
        until(lambda: service.cache_is("ok"))
        assert cache.admin.acl_log() != [], "the old one was refused"
        for password in (PASSWORD, NEW_PASSWORD):
            assert password not in service.log()


def change_password(cache: Node, stores: Place) -> None:
    """As somebody does who knows what the cache layer says about it, but all at once."""
    client = stores.account.client("secretsmanager", HOME)
    value = json.dumps({"username": CACHE_USER.name, "password": NEW_PASSWORD})
    client.put_secret_value(SecretId=OWN_SECRET, SecretString=value)
    cache.run("ACL", "SETUSER", CACHE_USER.name, "resetpass", f">{NEW_PASSWORD}")
    cache.run("CLIENT", "KILL", "USER", CACHE_USER.name)


def use_everything_but_the_cache(service: Service) -> None:
    """Nobody notices."""
    session = service.new_session()
    assert service.get(f"/api/sessions/{session['id']}") == session


def test_tls_is_spoken_and_certificates_are_checked(
    launch: Launch, valkey: Valkey, tmp_path: Path
) -> None:
    with behind_tls(valkey.port, tmp_path) as (port, certificate):
        trusting = launch(port, CACHE_TLS="true", CACHE_CA_FILE=str(certificate))
        use_everything(trusting)
        suspicious = launch(port, CACHE_TLS="true")
        assert suspicious.cache_is("down")
        use_everything_but_the_cache(suspicious)
