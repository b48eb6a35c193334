"""`loadtest --again`: an earlier run, judged by its own profile, with what is known by now."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from generator.build.release import build_release
from generator.build.write import replace_tree
from generator.cli.loading import GROUP_OUTPUT, what_to_watch
from generator.deploy.around.outputs import Output
from generator.deploy.built_files import read_release
from loadtest.events import Activity, Alarm, Event, event_line
from loadtest.profile import find_profile, load_profile
from loadtest.results import EVENTS, read_run, write_run
from tests.cli.typed import Typed, type_in
from tests.layers.support import over
from tests.loadtest.jmeter.result_files import Made, write_csv
from tests.loadtest.profiles import profile
from tests.loadtest.runs import START, row, run
from tests.standing import HOME, OTHER, Standing

STEADY = load_profile(find_profile("steady"))
KNOWN = Activity(time=START + 5, place="here", text="Lost i-7")


def left(folder: Path, *events: Event, **about: Any) -> Path:
    """What a good run of the profile `steady` has left there."""
    known = {"profile": STEADY.name, "profile_sha256": STEADY.sha256}
    fast = row(requests=100_000, failures=0)
    write_run(folder / "run", run(fast, intervals=(fast,), events=events, **known | about))
    return folder / "run"


def again(folder: Path, *words: str) -> Typed:
    return type_in("loadtest", "--again", str(folder), *words)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where nobody is logged in to AWS, and where that is found out at once."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


# --- what AWS did ---------------------------------------------------------------------------------


def test_aws_is_not_asked_of_a_run_at_none_of_its_stacks(nobody: None, tmp_path: Path) -> None:
    folder = left(tmp_path, KNOWN)
    done = again(folder)
    assert (done.code, done.err) == (0, "")
    assert "--again" not in done.out
    assert read_run(folder).events == (KNOWN,)
    assert "Lost i-7" in (folder / "report.html").read_text(encoding="utf-8")


def test_where_aws_cannot_be_asked_that_is_said_and_the_rest_is_reported(
    standing: Standing, nobody: None, tmp_path: Path
) -> None:
    folder = left(tmp_path, KNOWN, environment="prod")
    done = again(folder)
    assert done.code == 0
    assert "what AWS did meanwhile is missing\n" in done.err
    assert read_run(folder).events == (KNOWN,)
    assert (folder / "report.html").is_file()


def test_the_stacks_that_a_run_was_aimed_at_are_asked(
    standing: Standing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Alarms of the Region of global metrics are among them, and what was known stays."""
    started = time.time() - 90
    folder = left(tmp_path, KNOWN, environment="prod", started=started)
    launching(monkeypatch, started + 30)
    done = again(folder)
    assert (done.code, done.err) == (0, "")
    assert f"python -m generator loadtest --again {folder}\n" in done.out
    events = read_run(folder).events
    assert KNOWN in events
    texts = [(event.place, event.text) for event in events if isinstance(event, Activity)]
    launched = "Launching i-0123\nSuccessful after 20 s\nan alarm rang"
    assert texts == [("here", KNOWN.text), (HOME, launched), (OTHER, launched)]
    alarms = {(event.place, event.name) for event in events if isinstance(event, Alarm)}
    assert {place for place, _ in alarms} == {HOME, OTHER}
    assert any(name.startswith("gtm-prod-global-monitoring-") for _, name in alarms)


def test_a_run_of_jmeter_is_one_at_the_stacks_of_the_environment_that_is_named(
    standing: Standing, nobody: None, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 5)])
    done = type_in("loadtest", "--jtl", str(file), "--env", "prod", "--out", str(tmp_path / "run"))
    assert read_run(tmp_path / "run").about.environment == "prod"
    assert "what AWS did meanwhile is missing\n" in done.err


def launching(monkeypatch: pytest.MonkeyPatch, at: float) -> None:
    """Have each group tell of a launch at this moment: those of the emulator tell of none."""
    began, ended = (datetime.fromtimestamp(time, UTC) for time in (at, at + 20))
    activity = {
        **{"StartTime": began, "EndTime": ended, "StatusCode": "Successful"},
        **{"Description": "Launching i-0123", "Cause": "an alarm rang"},
    }
    session = boto3.Session()
    session.events.register(
        "after-call.auto-scaling.DescribeScalingActivities",
        lambda parsed, **_: parsed.update(Activities=[activity]),
    )
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)


def test_global_alarms_are_watched_where_the_platform_has_no_region(tmp_path: Path) -> None:
    """CloudFront's and health checks' alarms exist in us-east-1 only."""
    replace_tree(tmp_path / "test", build_release(over("eu-west-1", "eu-central-1")).files())
    group = Output("eu-west-1", "compute", GROUP_OUTPUT, "gtm-test-application", "")
    watched = what_to_watch(read_release(tmp_path / "test"), [group])
    groups = {"eu-west-1": "gtm-test-application", "eu-central-1": "", "us-east-1": ""}
    assert watched.groups == groups


def test_events_that_all_lie_outside_the_run_are_told(tmp_path: Path) -> None:
    """Hours that are a time zone's, for instance."""
    folder, events = left(tmp_path), tmp_path / "events.jsonl"
    late = {"time": START + 3600, "kind": "activity", "place": "here", "text": "Lost i-7"}
    events.write_text(json.dumps(late))
    done = again(folder, "--events", str(events))
    assert done.code == 0
    assert f"{events}: nothing in it happened during the run, 2026-03-20 09:46:40 to" in done.err


def test_what_lay_there_of_the_platform_may_be_broken_once_it_is_told_anew(tmp_path: Path) -> None:
    folder, events = left(tmp_path), tmp_path / "events.jsonl"
    (folder / EVENTS).write_text("{")
    assert again(folder).code == 2
    events.write_text(event_line(KNOWN))
    done = again(folder, "--events", str(events))
    assert (done.code, done.err) == (0, "")
    assert read_run(folder).events == (KNOWN,)


# --- by which profile -----------------------------------------------------------------------------


def test_a_run_is_not_judged_by_another_profile(tmp_path: Path) -> None:
    done = again(left(tmp_path), "--profile", "spike")
    assert done.code == 2
    assert "--profile spike: the run was of the profile steady\n    name the file" in done.err


def test_nor_by_its_own_after_that_has_changed_what_it_sends(tmp_path: Path) -> None:
    done = again(left(tmp_path, profile_sha256="0f" * 32))
    assert done.code == 2
    assert "steady.yaml: sends something else than steady did in the run\n    name the" in done.err


def test_a_profile_of_ones_own_is_named(tmp_path: Path) -> None:
    """What it asks may have changed: that is what the run is held against."""
    own = profile(tmp_path)
    folder = left(tmp_path, profile=own.name, profile_sha256=own.sha256)
    done = again(folder)
    assert done.code == 2
    assert "the run was of the profile short\n    name the file" in done.err
    asked = profile(tmp_path, slo={"p99_milliseconds": 1})
    done = again(folder, "--profile", str(asked.path))
    assert done.code == 1
    assert "MISSED  p99 50 ms (asked: at most 1 ms)" in done.out
