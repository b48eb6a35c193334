"""`loadtest`: from a profile to a verdict, as it is typed."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.cli.loading import aim_at_stacks
from generator.errors import UsageError
from loadtest.profile import Profile, load_profile
from loadtest.results import read_run
from tests.cli.conftest import CHECKOUT
from tests.cli.typed import type_in
from tests.loadtest.counting import Counted, counting
from tests.standing import OTHER, Standing

PROFILE = """
description: A moment of load.
users: {{reader: 1, player: 1}}
think_seconds: {{reader: [0.01, 0.02], player: [0.01, 0.02]}}
shape: {{kind: steady, users: 4, ramp_seconds: 0, seconds: {seconds}}}
hosts: [127.0.0.1]
ceiling: {{requests_per_second: 200, seconds: 60}}
slo: {{p99_milliseconds: 5000, error_percent: 1, minimum_requests: {minimum}}}
"""


def profile(folder: Path, *, seconds: float = 2, minimum: int = 20) -> Path:
    path = folder / "short.yaml"
    path.write_text(PROFILE.format(seconds=seconds, minimum=minimum))
    return path


class Measured(NamedTuple):
    """What was said, where it lies, and how many requests came."""

    done: subprocess.CompletedProcess[str]
    folder: Path
    came: int


@pytest.fixture(scope="module")
def server() -> Iterator[Counted]:
    with counting() as counted:
        yield counted


@pytest.fixture(scope="module")
def measured(server: Counted, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """One run, for all who look at what one leaves."""
    folder = tmp_path_factory.mktemp("measured")
    before = server.total
    done = subprocess.run(
        typed(profile(folder), server, folder / "run", "--yes"),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Measured(done, folder / "run", server.total - before)


def typed(path: Path, server: Counted, out: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "generator", "loadtest", "--profile", str(path)]
    return [*command, "--host", server.host, "--out", str(out), *more]


# --- a run ----------------------------------------------------------------------------------------


def test_it_says_what_it_will_send_then_sends_it_and_shows_what_came_back(
    measured: Measured,
) -> None:
    done, folder, came = measured
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("never above 200") < done.stdout.index("requests/s  p99 so far")
    total = read_run(folder).total
    assert total is not None
    assert total.requests == came > 20
    assert f"{came:,}" in done.stdout


def test_it_leaves_a_page_graphs_and_csv_files(measured: Measured) -> None:
    _, folder, _ = measured
    assert {path.name for path in folder.iterdir()} >= {
        *("report.html", "graphs", "intervals.csv", "locust_stats.csv", "run.json")
    }
    assert (folder / "graphs" / "all.png").read_bytes().startswith(b"\x89PNG")


def test_an_earlier_run_is_reported_on_again_with_what_the_platform_did(
    measured: Measured, tmp_path: Path
) -> None:
    started = read_run(measured.folder).about.started
    happened = tmp_path / "events.jsonl"
    happened.write_text(
        json.dumps({"time": started + 1, "kind": "activity", "place": "here", "text": "Lost i-7"})
    )
    path, folder = str(profile(tmp_path)), str(measured.folder)
    done = type_in("loadtest", "--profile", path, "--again", folder, "--events", str(happened))
    assert done.code == 0, done.err
    assert not done.err
    assert "Lost i-7" in (measured.folder / "report.html").read_text()


def test_a_missed_objective_is_exit_1(tmp_path: Path) -> None:
    """Of JMeter's results here: the gate is the same."""
    jtl = tmp_path / "results.jtl"
    jtl.write_text(
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,allThreads\n"
        "1774000000000,12,GET /,200,OK,readers 1-1,true,10,1\n"
    )
    plan = tmp_path / "own.jmx"
    plan.write_text("<jmeterTestPlan/>")
    words = ("--profile", str(profile(tmp_path)), "--out", str(tmp_path / "run"))
    done = type_in("loadtest", *words, "--jtl", str(jtl), "--plan", str(plan))
    assert done.code == 1, done.err
    assert "MISSED  requests 1" in done.out
    about, made_by = read_run(tmp_path / "run").about, hashlib.sha256(plan.read_bytes())
    assert (about.code_sha256, about.environment) == (made_by.hexdigest(), "")


def test_ctrl_c_keeps_what_was_measured(server: Counted, tmp_path: Path) -> None:
    command = typed(profile(tmp_path, seconds=60), server, tmp_path / "run", "--yes")
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = next(
            line for line in process.stdout if "users  " in line and " 0 requests" not in line
        )
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert said
    assert process.returncode == 130
    run = read_run(tmp_path / "run")
    assert run.about.ended == "interrupted"
    assert run.total is not None
    assert (tmp_path / "run" / "report.html").is_file()


# --- what is refused ------------------------------------------------------------------------------


def test_a_host_that_nobody_named_is_refused(tmp_path: Path) -> None:
    path = profile(tmp_path)
    done = type_in("loadtest", "--profile", str(path), "--host", "https://example.org", "--yes")
    assert done.code == 3
    assert "example.org is named neither in the profile" in done.err


def test_nothing_is_sent_before_somebody_agrees(server: Counted, tmp_path: Path) -> None:
    before = server.total
    done = type_in("loadtest", "--profile", str(profile(tmp_path)), "--host", server.host)
    assert done.code == 1
    assert server.total == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--profile", "none"), "there is no profile none"),
        (("--target", "moon"), "edge, origin, table, cache"),
        (("--host", "http://127.0.0.1:9", "--target", "table"), "a table has none"),
    ],
)
def test_bad_input_is_exit_2(words: tuple[str, ...], said: str) -> None:
    done = type_in("loadtest", *words)
    assert done.code == 2
    assert said in done.err


def test_a_bad_file_of_events_is_told_before_anything_is_sent(
    server: Counted, tmp_path: Path
) -> None:
    before, events = server.total, tmp_path / "events.jsonl"
    events.write_text("{}")
    words = ("--profile", str(profile(tmp_path)), "--host", server.host, "--yes")
    done = type_in("loadtest", *words, "--events", str(events))
    assert done.code == 2
    assert f"{events}:1: no event" in done.err
    assert server.total == before


def test_a_profile_shows_all_its_faults(tmp_path: Path) -> None:
    path = profile(tmp_path)
    path.write_text(path.read_text().replace("steady", "stedy").replace("reader: 1", "reader: -1"))
    done = type_in("loadtest", "--profile", str(path))
    assert done.code == 2
    assert f"{path}:3:17" in done.err
    assert f"{path}:5:" in done.err


# --- JMeter ---------------------------------------------------------------------------------------


def test_a_profile_is_exported_for_jmeter(tmp_path: Path) -> None:
    done = type_in("loadtest", "--profile", "spike", "--export", str(tmp_path / "spike.jmx"))
    assert done.code == 0, done.err
    assert (tmp_path / "spike.jmx").read_text().startswith("<?xml")


def test_no_plan_is_made_for_a_host_that_nobody_named(tmp_path: Path) -> None:
    plan = tmp_path / "plan.jmx"
    words = ("--profile", "spike", "--export", str(plan), "--host", "https://example.org")
    assert type_in("loadtest", *words).code == 3
    assert not plan.exists()


# --- what stands ----------------------------------------------------------------------------------


@pytest.fixture
def asked(tmp_path: Path) -> Profile:
    return load_profile(profile(tmp_path))


def test_the_stacks_outputs_name_the_target_and_its_secret(
    standing: Standing, asked: Profile, tmp_path: Path
) -> None:
    built = standing.checkout / "build" / "prod"
    load = aim_at_stacks(built, asked, "origin", OTHER, tmp_path)
    load.check()
    assert load.host == f"https://{OTHER}.origin.example.com"
    assert load.environment == "prod"
    assert len(load.origin_secret) >= 32
    assert load.origin_secret not in json.dumps(repr(load))


def test_the_cache_is_loaded_as_its_user(
    standing: Standing, asked: Profile, tmp_path: Path
) -> None:
    built = standing.checkout / "build" / "prod"
    load = aim_at_stacks(built, asked, "cache", "", tmp_path)
    load.check()
    assert load.cache_username == "app"
    assert load.cache_tls
    assert load.host.endswith(":6379")


def test_tables_are_those_of_the_environment(
    standing: Standing, asked: Profile, tmp_path: Path
) -> None:
    load = aim_at_stacks(standing.checkout / "build/prod", asked, "table", OTHER, tmp_path)
    load.check()
    assert (load.prefix, load.region) == ("gtm-prod", OTHER)


def test_what_was_not_built_is_told(asked: Profile, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not built"):
        aim_at_stacks(tmp_path / "nowhere", asked, "edge", "", tmp_path)
