"""A real Valkey on loopback: who may enter, and what is left of it when it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from generator.layers.cache.users import APP_RIGHTS
from generator.sandbox.data_plane.valkey import User, Valkey
from tests.sandbox.test_process import is_listening

PASSWORD = "not a real one"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path, User("app", PASSWORD, APP_RIGHTS))
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.close()


def client(valkey: Valkey, password: str = PASSWORD) -> redis.Redis:
    """Says at once what is wrong."""
    once = Retry(NoBackoff(), 0)
    return redis.Redis(port=valkey.port, username="app", password=password, retry=once)


def test_its_user_may_do_what_the_service_needs(valkey: Valkey) -> None:
    with client(valkey) as app:
        app.set("session", "1", ex=60)
        app.zadd("board", {"ann": 7})
        assert app.zrevrange("board", 0, -1) == [b"ann"]


def test_its_user_may_do_no_more(valkey: Valkey) -> None:
    with client(valkey) as app, pytest.raises(redis.exceptions.NoPermissionError):
        app.flushall()


@pytest.mark.parametrize("password", ["wrong", ""])
def test_nobody_else_may_enter(valkey: Valkey, password: str) -> None:
    with client(valkey, password) as stranger, pytest.raises(redis.exceptions.RedisError):
        stranger.get("session")


def test_without_a_user_everybody_may(tmp_path: Path) -> None:
    server = Valkey(tmp_path)
    try:
        server.wait_until_ready()
        with redis.Redis(port=server.port) as anybody:
            assert anybody.ping()
    finally:
        server.close()


def test_it_comes_back_empty_on_the_same_port(valkey: Valkey) -> None:
    port = valkey.port
    with client(valkey) as app:
        app.set("session", "1")
        valkey.kill()
        assert not is_listening(port)
        valkey.restart()
        assert valkey.port == port
        assert app.get("session") is None


def test_nothing_of_it_stays(valkey: Valkey, tmp_path: Path) -> None:
    with client(valkey) as app:
        app.set("session", "1")
    valkey.close()
    assert not is_listening(valkey.port)
    assert [path.name for path in tmp_path.iterdir()] == ["valkey.log"]
    assert PASSWORD not in (tmp_path / "valkey.log").read_text()


def test_the_password_is_not_on_its_command_line(valkey: Valkey) -> None:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert PASSWORD.encode() not in process.read_bytes()
        except OSError:
            continue  # it has ended meanwhile
