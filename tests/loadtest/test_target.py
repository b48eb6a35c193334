"""The environment of a load: read as it was written, faulty all at once, refused where unnamed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import Exit, Refused, UsageError
from loadtest.profile import find_profile, load_profile
from loadtest.target import TARGETS, Load, load_from
from tests.loadtest.profiles import profile

DEMO = load_profile(find_profile("demo"))
SECRETS = st.text("abcXYZ019-_=/+", max_size=20)
LOADS = st.one_of(
    st.builds(
        Load,
        profile=st.just(DEMO),
        target=st.sampled_from(("edge", "origin")),
        host=st.sampled_from(("http://127.0.0.1:8080", "https://localhost")),
        allowed=st.sampled_from(((), ("a.example.com", "b.example.com"))),
        environment=st.sampled_from(("", "dev")),
        origin_secret=SECRETS,
    ),
    st.builds(
        Load,
        profile=st.just(DEMO),
        target=st.just("table"),
        prefix=st.just("gtm-dev"),
        allowed=st.just(("gtm-dev",)),
        region=st.just("eu-west-1"),
        out=st.just(Path("/tmp/out")),
    ),
    st.builds(
        Load,
        profile=st.just(DEMO),
        target=st.just("cache"),
        host=st.sampled_from(("127.0.0.1:6379", "localhost:1")),
        cache_username=SECRETS,
        cache_password=SECRETS,
        cache_tls=st.booleans(),
    ),
)


@given(LOADS)
def test_a_load_is_read_as_it_was_written(load: Load) -> None:
    assert load_from(load.variables()) == load


def test_no_secret_is_in_its_text() -> None:
    load = Load(profile=DEMO, origin_secret="s3cret", cache_password="s3cret")
    assert "s3cret" not in repr(load)


def test_the_profile_is_steady_and_the_target_edge_unless_said_otherwise() -> None:
    load = load_from(
        {"LOADTEST_HOST": "https://d1.example.net", "LOADTEST_ALLOWED": "d1.example.net"}
    )
    assert (load.profile.name, load.target, load.out) == ("steady", "edge", None)


@pytest.mark.parametrize(
    ("environment", "faults"),
    [
        ({}, ["LOADTEST_HOST: missing"]),
        (
            {"LOADTEST_HOST": "http://127.0.0.1", "LOADTEST_CACHE_TLS": "yes"},
            ["LOADTEST_CACHE_TLS: found yes"],  # whatever the target
        ),
        (
            {"LOADTEST_TARGET": "egde", "LOADTEST_PROFILE": "spkie"},
            ["LOADTEST_TARGET: found egde", "LOADTEST_PROFILE: there is no profile spkie"],
        ),
        (
            {"LOADTEST_TARGET": "table", "LOADTEST_PROFILE": "spkie"},
            ["LOADTEST_PREFIX: missing", "AWS_REGION: missing", "LOADTEST_PROFILE: there is no"],
        ),
        (
            {"LOADTEST_TARGET": "cache", "LOADTEST_HOST": "c", "LOADTEST_CACHE_TLS": "yes"},
            ["LOADTEST_HOST: found c", "LOADTEST_CACHE_TLS: found yes"],
        ),
        *(
            ({"LOADTEST_HOST": host}, [f"LOADTEST_HOST: found {host}"])
            for host in (
                "www.example.com",
                "ftp://www.example.com",
                "https://",
                "https://www.example.com/path",
                "https://www.example.com?a=b",
                "https://me:pw@www.example.com",
                "https://www.example.com:port",
                "https://[::1",
            )
        ),
    ],
)
def test_all_faults_are_shown_at_once(environment: dict[str, str], faults: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        load_from(environment)
    assert caught.value.exit_code == Exit.BAD_INPUT
    lines = [line for line in str(caught.value).splitlines() if not line.startswith(" ")]
    assert [line[: len(fault)] for line, fault in zip(lines, faults, strict=True)] == faults


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("https://www.example.com", "www.example.com"),
        ("https://WWW.example.com.:8443", "www.example.com"),
        ("http://[::1]:80", "::1"),
    ],
)
def test_a_named_host_is_allowed_on_any_port(tmp_path: Path, host: str, named: str) -> None:
    Load(profile=profile(tmp_path, hosts=[named]), host=host).check()
    Load(profile=profile(tmp_path, hosts=[]), host=host, allowed=(named,)).check()


@pytest.mark.parametrize("target", TARGETS)
def test_an_unnamed_target_is_refused(tmp_path: Path, target: str) -> None:
    mine = profile(
        tmp_path,
        hosts=["www.example.com", "gtm-dev"],
        ceiling={"requests_per_second": 1, "seconds": 1},
    )
    hosts = {"cache": "evil.example.com:1"}
    environment = {
        "LOADTEST_PROFILE": str(mine.path),
        "LOADTEST_TARGET": target,
        "LOADTEST_HOST": hosts.get(target, "https://example.com"),
        "LOADTEST_PREFIX": "gtm-prod",
        "AWS_REGION": "eu-west-1",
    }
    with pytest.raises(Refused, match="named neither in the profile short nor in the") as caught:
        load_from(environment)
    assert caught.value.exit_code == Exit.REFUSED


@pytest.mark.parametrize("host", ["", "https://", "www.example.com.evil.com", "://", "http://[::1"])
def test_what_only_looks_like_a_named_host_is_refused(tmp_path: Path, host: str) -> None:
    load = Load(
        profile=profile(tmp_path, hosts=["www.example.com"]), host="https://www.example.com"
    )
    with pytest.raises(Refused):
        load.check(host)
