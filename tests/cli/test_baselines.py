"""`loadtest --baseline`: one that is no measure is told before the load, or beside its report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.cli.baselines import sent_by_us, sent_from_aws
from loadtest.profile import load_profile
from loadtest.results import read_run, write_run
from loadtest.running import Workers
from tests.cli.test_loadtest import profile
from tests.cli.test_loadtest_in_aws import built
from tests.cli.typed import Typed, type_in
from tests.loadtest.counting import Counted, counting
from tests.loadtest.runs import row, run

JTL = """\
timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,allThreads
1774000000000,12,GET /,200,OK,readers 1-1,true,10,1
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Counted]:
    with counting() as counted:
        yield counted


def earlier(folder: Path, **changes: Any) -> Path:
    """An earlier run of the profile, as this machine would make it; any part may be changed."""
    asked = load_profile(profile(folder))
    known = sent_by_us(asked, "edge", Workers())
    write_run(folder / "earlier", run(row(), profile="short", **{**known, **changes}))
    return folder / "earlier"


def held_against(baseline: Path, *words: str) -> Typed:
    path = str(baseline.parent / "short.yaml")
    return type_in("loadtest", "--profile", path, "--baseline", str(baseline), *words)


# --- before the load ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words", "said"),
    [
        ({"profile_sha256": "5f" * 32}, (), "profile: "),
        ({"code_sha256": "5f" * 32}, (), "code: "),
        ({}, ("--target", "origin"), "target: origin here, edge in the baseline"),
        ({}, ("--processes", "2"), "workers: 2 here, 1 in the baseline"),
        ({}, ("--workers", "3"), "workers: 3 here, 1 in the baseline"),
        ({"generators": "eu-west-1"}, (), "a machine of one's own here, generators in eu-west-1"),
        ({"tool": "jmeter"}, (), "tool: locust here, jmeter in the baseline"),
        ({"ended": "interrupted"}, (), "no measure: it was interrupted"),
    ],
)
def test_one_that_is_no_measure_is_told_before_anything_is_sent(
    server: Counted,
    tmp_path: Path,
    changes: dict[str, Any],
    words: tuple[str, ...],
    said: str,
) -> None:
    out, before = tmp_path / "run", server.total
    send = ("--host", server.host, "--out", str(out), "--yes")
    done = held_against(earlier(tmp_path, **changes), *send, *words)
    assert done.code == 2
    assert said in done.err
    assert server.total == before
    assert not out.exists()


def test_so_is_a_folder_without_a_run(tmp_path: Path) -> None:
    profile(tmp_path)
    (tmp_path / "empty").mkdir()
    done = held_against(tmp_path / "empty", "--host", "http://127.0.0.1:9", "--yes")
    assert done.code == 2
    assert "empty: no run lies there" in done.err


def test_load_generators_are_known_by_their_regions(tmp_path: Path) -> None:
    """How many processes each of them starts, only they can tell."""
    told = sent_from_aws(load_profile(profile(tmp_path)), "edge", built(tmp_path))
    assert (told["tool"], told["generators"]) == ("locust", "eu-west-1, us-east-1")
    assert not {"workers", "code_sha256"} & told.keys()


@pytest.mark.parametrize("option", ["--out", "--again"])
def test_no_run_is_held_against_itself(tmp_path: Path, option: str) -> None:
    """By whatever path: what was measured before would be lost, and every run be as good."""
    baseline = earlier(tmp_path)
    (tmp_path / "same").symlink_to(baseline)
    kept = read_run(baseline)
    done = held_against(baseline, option, str(tmp_path / "same"))
    assert done.code == 2
    assert "the run's own folder" in done.err
    assert read_run(baseline) == kept


# --- after it -------------------------------------------------------------------------------------


def test_one_that_turns_out_to_be_no_measure_does_not_cost_the_report(tmp_path: Path) -> None:
    """Of JMeter's results here: which plan made them is known once they are read."""
    (tmp_path / "results.jtl").write_text(JTL)
    baseline = earlier(tmp_path, tool="jmeter", code_sha256="5f" * 32)
    words = ("--jtl", str(tmp_path / "results.jtl"), "--out", str(tmp_path / "run"))
    done = held_against(baseline, *words)
    assert done.code == 2
    assert "the baseline is no measure" in done.err
    assert "code: " in done.err
    assert "MISSED  requests 1" in done.out
    assert (tmp_path / "run" / "report.html").is_file()
