"""The environment is checked whole, before anything starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from generator.service.__main__ import bind
from generator.service.settings import BadEnvironment, read_settings

COMPLETE = {
    "AWS_REGION": "eu-west-1",
    "PLATFORM": "gtm-dev",
    "PORT": "8080",
    "HEALTH_PATH": "/healthz",
    "STATIC_PATH": "/static/",
    "KEEP_ALIVE_SECONDS": "70",
    "DRAIN_SECONDS": "30",
    "NOTICE_SECONDS": "20",
    "CACHE_HOST": "cache",
    "CACHE_PORT": "6379",
    "CACHE_TLS": "true",
    "CACHE_CLUSTER": "false",
    "SESSIONS_TABLE": "gtm-dev-sessions",
    "RANKING_TABLE": "gtm-dev-ranking",
    "METRIC_NAMESPACE": "gtm-dev/service",
}


def test_a_complete_environment_is_read() -> None:
    settings = read_settings(COMPLETE | {"WORKERS": "3", "CACHE_SECRET": "gtm-dev/cache"})
    assert (settings.region, settings.port, settings.workers) == ("eu-west-1", 8080, 3)
    assert (settings.cache_tls, settings.cache_cluster) == (True, False)
    assert settings.cache_secret == "gtm-dev/cache"


def test_what_may_be_left_out_has_a_default() -> None:
    settings = read_settings(COMPLETE)
    assert (settings.host, settings.workers) == ("0.0.0.0", os.cpu_count())
    assert (settings.cache_secret, settings.origin_secret, settings.cache_ca_file) == ("", "", "")


@pytest.mark.parametrize("given", ["/static", "/static/", "/static//"])
def test_the_static_path_ends_in_one_slash(given: str) -> None:
    assert read_settings(COMPLETE | {"STATIC_PATH": given}).static_path == "/static/"


@pytest.mark.parametrize("name", COMPLETE)
def test_nothing_else_may_be_missing(name: str) -> None:
    with pytest.raises(BadEnvironment, match=f"^{name} is missing"):
        read_settings(COMPLETE | {name: ""})


def test_all_faults_are_told_at_once() -> None:
    wrong = {"PORT": "0", "CACHE_TLS": "yes", "HEALTH_PATH": "healthz", "DRAIN_SECONDS": "1e3"}
    with pytest.raises(BadEnvironment) as caught:
        read_settings({**COMPLETE, **wrong, "PLATFORM": ""})
    assert str(caught.value).splitlines() == [
        "PLATFORM is missing",
        "PORT is '0', and has to be a whole number from 1 to 65535",
        "HEALTH_PATH is 'healthz', and has to be a path: it starts with / and has no spaces",
        "DRAIN_SECONDS is '1e3', and has to be a whole number from 2 to 3600",
        "CACHE_TLS is 'yes', and has to be true or false",
    ]


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """asyncio turns Nagle's algorithm off where the socket says that it is TCP."""
    with bind(read_settings(COMPLETE | {"HOST": "127.0.0.1", "PORT": str(free_port())})) as found:
        assert found.proto == socket.IPPROTO_TCP


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    """The program, for as long as it takes to say no."""
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-P", "-m", "generator.service"]
    return subprocess.run(
        command, env={"PYTHONPATH": root, **environment}, capture_output=True, text=True, timeout=20
    )


def test_the_program_says_what_is_wrong_and_ends_with_2() -> None:
    ended = run(**COMPLETE | {"PORT": "many"})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "PORT is 'many'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_address_that_can_not_be_had_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run(**COMPLETE | {"PORT": port, "HOST": "127.0.0.1"})
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "can't listen" in ended.stderr
