"""`demo`: from settings to a page, on one machine and with nothing left running."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli.demo_profile import DEMO, at_length, peak_seconds
from generator.cli.hand import REASON, Hand
from generator.errors import SandboxError
from generator.sandbox.data_plane.plane import Plane
from loadtest.events import Activity, Capacity
from loadtest.profile import find_profile, load_profile
from tests.browser import Chromium
from tests.cli.conftest import Run
from tests.cli.demo.conftest import Shown, environment
from tests.loadtest.report.pixels import share
from tests.sandbox.test_process import eventually, is_listening

HOME = "ap-northeast-2"


# --- all of it


def test_it_deploys_serves_and_loads(shown: Shown) -> None:
    said = [line[9:] for line in shown.said.splitlines()]
    assert "build --env dev" in said
    assert "deploy --env dev --yes" in said
    assert f"{HOME}: HAProxy on {shown.run.about.host}, 2 services, Valkey" in said
    assert shown.run.about.ended == "completed"
    assert shown.run.total is not None
    assert shown.run.total.failures == 0, shown.said


def test_its_exit_code_is_the_gates(shown: Shown) -> None:
    missed = [line for line in shown.said.splitlines() if line.startswith("MISSED")]
    assert shown.code == (1 if missed else 0), shown.said


def test_all_kinds_of_users_were_there(shown: Shown) -> None:
    """Through the check of the origin secret: without it all would be refused."""
    names = {row.name for row in shown.run.totals}
    assert {"/api/sessions", "/static/{name}", "/api/work"} <= names
    assert {"/api/boards/{board}", "/api/boards/{board}/scores"} <= names


def test_an_instance_is_added_at_the_height_and_by_whom_is_said(shown: Shown) -> None:
    (added,) = [
        event
        for event in shown.run.events
        if isinstance(event, Activity) and event.time > shown.run.about.started
    ]
    assert added.text == f"Launching i-3: {REASON}"
    assert "not by Auto Scaling" in shown.said
    capacity = [event for event in shown.run.events if isinstance(event, Capacity)]
    counts = [(event.in_service, event.desired) for event in capacity]
    assert counts[0] == (2, 2)
    assert counts[-2:] == [(2, 3), (3, 3)]
    assert {event.place for event in shown.run.events} == {HOME}


def test_its_page_is_looked_at(shown: Shown, chromium: Chromium, tmp_path: Path) -> None:
    page = shown.folder / "report.html"
    visit = chromium.visit(f"{page.as_uri()}#t=10", tmp_path, size=(1300, 1100))
    assert visit.console == ()
    assert visit.requests == ()
    assert "not by Auto Scaling" in visit.dom
    for tone in ("requests", "p50", "p99"):
        assert share(visit.screenshot, tone) > 0.0001, tone


def test_what_it_leaves_behind(shown: Shown) -> None:
    """Its results beside what real deployments have left, and nothing else anywhere."""
    assert (shown.folder / "graphs" / "all.png").read_bytes().startswith(b"\x89PNG")
    assert "critical path" in (shown.folder / "deploy.html").read_text()
    build = shown.folder.parents[1]
    assert [path.name for path in build.iterdir()] == ["dev-loadtests"]
    assert list((build.parent / "scratch").iterdir()) == []


# --- how it ends early


def test_ctrl_c_ends_everything(checkout: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    with subprocess.Popen(
        [sys.executable, "-m", "generator", "demo"],
        cwd=checkout,
        env=environment(scratch),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        assert is_listening(port)
        assert eventually(lambda: any(scratch.glob("gtm-demo-*/build.log")))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "")
    assert not is_listening(port)
    assert list(scratch.iterdir()) == []


def test_a_build_that_fails_is_told(gtm: Run, checkout: Path) -> None:
    """And nothing is loaded."""
    settings = checkout / "parameters" / "dev.yaml"
    settings.write_text(settings.read_text().replace("zones: 2", "zones: 9"))
    done = gtm("demo")
    assert done.returncode == 2
    assert "dev.yaml" in done.stderr
    assert "zones" in done.stderr
    assert not (checkout / "build").exists()


@pytest.mark.parametrize("seconds", ["9", "91", "long"])
def test_a_length_that_makes_no_sense_is_bad_input(gtm: Run, seconds: str) -> None:
    assert gtm("demo", "--seconds", seconds).returncode == 2


# --- its parts


def test_its_profile_is_as_long_as_one_likes(tmp_path: Path) -> None:
    whole, short = at_length(None, tmp_path), at_length(15.0, tmp_path)
    assert whole == load_profile(find_profile(DEMO))
    assert short.curve("origin").seconds == pytest.approx(15.0)
    assert max(short.curve("origin").samples()) == max(whole.curve("origin").samples())
    assert short.name == whole.name
    assert short.slo.minimum_requests is not None
    assert whole.slo.minimum_requests is not None
    assert 0 < short.slo.minimum_requests < whole.slo.minimum_requests


def test_its_height_is_where_most_users_are(tmp_path: Path) -> None:
    profile = at_length(None, tmp_path)
    curve, peak = profile.curve("origin"), peak_seconds(profile)
    assert (curve.at(peak - 0.5) or 0) < (curve.at(peak) or 0) == max(curve.samples())


def test_the_hand_waits_for_the_first_request(plane: Plane, ask: Callable[[str], object]) -> None:
    with Hand(plane, 0.0):
        assert len(plane.instances) == 2
        ask("/")
        assert eventually(lambda: len(plane.balancer.api.servers()) == 3)


def test_the_hand_does_nothing_after_the_end(plane: Plane, ask: Callable[[str], object]) -> None:
    with Hand(plane, 60.0):
        ask("/")
    assert len(plane.instances) == 2


def test_what_went_wrong_with_the_hand_is_told(plane: Plane) -> None:
    plane.balancer.close()
    with pytest.raises(SandboxError, match="HAProxy does not answer"), Hand(plane, 0.0):
        pass
