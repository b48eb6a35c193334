"""Profiles: ours are sound, a malformed one gets one message a fault, and what its hash says."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import Exit, SettingsError, UsageError
from loadtest.profile import PROFILES, find_profile, load_profile
from loadtest.sections import Slo, Tolerances
from tests.loadtest.profiles import profile, written

OURS = ("day", "demo", "flash_crowd", "soak", "spike", "steady", "trace")
SPIKE = {
    "kind": "spike",
    "users": 1,
    "peak_users": 9,
    "before_seconds": 1,
    "rise_seconds": 1,
    "hold_seconds": 1,
    "fall_seconds": 1,
    "after_seconds": 1,
}

HEAD = """\
description: x
ceiling: {requests_per_second: 5, seconds: 5}
slo: {}
"""


def faults(folder: Path, text: str) -> list[str]:
    """`line:column key: problem` of each fault, and the first sentence of its remedy."""
    with pytest.raises(SettingsError) as caught:
        load_profile(written(folder, text))
    assert caught.value.exit_code == Exit.BAD_INPUT
    return [
        f"{at.line}:{at.column} {at.key}: {at.problem} | {at.remedy.split('. ')[0].rstrip('.')}"
        for at in caught.value.faults
    ]


def test_these_are_ours() -> None:
    assert {path.stem for path in PROFILES.glob("*.yaml")} == set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_ours_are_sound(name: str) -> None:
    """Each ends by itself before its ceiling, asks for less than it, and can be judged."""
    ours = load_profile(find_profile(name))
    assert ours.name == name
    curve = ours.curve("edge")
    asked = max(curve.samples()) * ours.rate_of_a_user("edge")
    assert curve.seconds < ours.ceiling.seconds
    assert asked <= ours.ceiling.requests_per_second
    assert ours.slo.minimum_requests is not None
    requests = sum(curve.samples()) * ours.rate_of_a_user("edge")
    assert requests > 1.2 * ours.slo.minimum_requests
    assert ours.hosts == (["127.0.0.1", "localhost"] if name == "demo" else [])


def test_the_demo_takes_about_a_minute_and_little() -> None:
    demo = load_profile(find_profile("demo"))
    assert 50 <= demo.curve("edge").seconds <= 70
    assert max(demo.curve("edge").samples()) * demo.rate_of_a_user("edge") <= 100


def test_a_profile_is_found_by_name_or_file(tmp_path: Path) -> None:
    assert find_profile("spike").parent == PROFILES
    mine = written(tmp_path, HEAD)
    assert find_profile(str(mine)) == mine
    with pytest.raises(UsageError, match=r"there is no profile spkie\n.*spike, steady, trace"):
        find_profile("spkie")


def test_every_fault_is_shown_with_its_place(tmp_path: Path) -> None:
    text = """\
description: x
users: {reader: 0, player: 0}
think_seconds: {reader: [5, 1], player: 3}
shape: {kind: spike, users: 10, peak_users: 20, before_second: 3, rise_seconds: -1,
  hold_seconds: 1, fall_seconds: 012, after_seconds: 1}
hosts: ["http://foo/"]
ceiling: {requests_per_second: 0}
slo: {p99_milliseconds: "20", by_name: {/api/work: {p50: 3}}}
"""
    assert faults(tmp_path, text) == [
        "2:8 users: nobody: all weights are 0 | Give one of them a weight above 0",
        "3:25 think_seconds.reader: found [5, 1], the least above the most"
        " | Write the least first: [least, most]",
        "3:41 think_seconds.player: found the number 3 | Allowed: a list of 2 items",
        "4:49 shape.before_second: there is no such key | Did you mean before_seconds?",
        "4:81 shape.rise_seconds: found the number -1 | Allowed: a number from 0 to 604800",
        "5:34 shape.fall_seconds: found 012, which YAML reads as the octal number 10"
        ' | Write a plain decimal number, or quote it if text is meant: "012"',
        '6:9 hosts[0]: found text "http://foo/" | Allowed: text such as www.example.com',
        "7:1 ceiling.seconds: this key is missing | Allowed: a whole number from 1 to 604800",
        "7:32 ceiling.requests_per_second: found the number 0"
        " | Allowed: a number above 0 and up to 1000000",
        '8:25 slo.p99_milliseconds: found text "20" | Allowed: a number above 0 and up to 600000',
        "8:53 slo.by_name./api/work.p50: there is no such key | Keys here: error_percent, "
        "minimum_requests, p50_milliseconds, p95_milliseconds, p999_milliseconds, p99_milliseconds",
    ]


@pytest.mark.parametrize(
    ("shape", "fault"),
    [
        (
            "shape: {kind: stedy}",
            '4:15 shape.kind: found text "stedy"'
            " | Allowed: one of day, flash_crowd, soak, spike, steady, trace",
        ),
        (
            "shape: {users: 3}",
            "4:1 shape.kind: this key is missing"
            " | Allowed: one of day, flash_crowd, soak, spike, steady, trace",
        ),
        (
            "shape: 7",
            "4:8 shape: found the number 7"
            " | Allowed: a section, that is keys on indented lines of their own",
        ),
        (
            "",
            "1:1 shape: this key is missing"
            " | Allowed: a section, that is keys on indented lines of their own",
        ),
        (
            "shape: {kind: day, users: 9, peak_users: 3, day_seconds: 9}",
            "4:42 shape.peak_users: found 3, below the 9 users around the peak"
            " | Raise peak_users or lower users",
        ),
        (
            "shape: {kind: steady, users: 1, seconds: 1}\nname: x",
            "5:1 name: there is no such key | Keys here: ceiling, description, hosts, shape, slo, "
            "think_seconds, tolerances, users, work_cost",
        ),
        (
            "shape: {kind: trace, file: /x.csv}",
            '4:28 shape.file: found text "/x.csv" | Allowed: text of up to 200 characters such '
            "as traces/evening.csv",
        ),
    ],
)
def test_a_shape_is_explained(tmp_path: Path, shape: str, fault: str) -> None:
    assert faults(tmp_path, HEAD + shape + "\n") == [fault]


def test_a_trace_is_read_beside_its_profile(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("seconds,requests_per_second\n0,2\n10,4\n")
    shape = {"kind": "trace", "file": "t.csv"}
    users = {"reader": 1, "player": 0}
    mine = profile(tmp_path, shape=shape, users=users, think_seconds={"reader": [1, 3]})
    assert [mine.curve("edge").at(time) for time in (0, 5)] == [4, 6]


def test_a_malformed_trace_is_a_fault_of_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("seconds,users\n0,2\n0,4\n")
    with pytest.raises(SettingsError, match=r"t\.csv:3:1: seconds: found 0 after 0"):
        profile(tmp_path, shape={"kind": "trace", "file": "t.csv"})


def test_requests_of_users_who_never_wait_can_not_become_users(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("seconds,requests_per_second\n0,2\n9,4\n")
    with pytest.raises(SettingsError, match="users who never wait"):
        profile(
            tmp_path,
            shape={"kind": "trace", "file": "t.csv"},
            think_seconds={"reader": [0, 0]},
        )


def test_the_rate_of_a_user_is_that_of_the_mix(tmp_path: Path) -> None:
    mine = profile(
        tmp_path,
        users={"reader": 3, "player": 1},
        think_seconds={"reader": [1, 3], "player": [0.5, 1.5]},
    )
    assert mine.rate_of_a_user("edge") == pytest.approx(0.75 / 2 + 0.25 / 1)
    assert mine.greatest_rate_of_a_user("origin") == 2
    assert mine.rate_of_a_user("table") == pytest.approx(5)
    assert [kind.name for kind in mine.kinds("edge")] == ["reader", "player"]
    assert [kind.name for kind in mine.kinds("cache")] == ["cache"]


def test_the_ceiling_cuts_a_longer_shape(tmp_path: Path) -> None:
    ceiling = {"requests_per_second": 1, "seconds": 3}
    assert profile(tmp_path, shape=SPIKE, ceiling=ceiling).curve("edge").seconds == 3


@pytest.mark.parametrize(
    "same",
    [
        {"description": "In other words."},
        {"hosts": ["www.example.com"]},
        {"slo": {"p99_milliseconds": 5}},
        {"tolerances": {"p50_percent": 1}},
        {"work_cost": 20},  # the default
    ],
)
def test_what_is_not_sent_does_not_change_the_hash(tmp_path: Path, same: dict[str, object]) -> None:
    assert profile(tmp_path, **same).sha256 == profile(tmp_path).sha256


@pytest.mark.parametrize(
    "other",
    [
        {"shape": SPIKE},
        {"users": {"reader": 9}},
        {"work_cost": 21},
        {"think_seconds": {"heavy": [1, 2]}},
        {"ceiling": {"requests_per_second": 999, "seconds": 60}},
    ],
)
def test_what_is_sent_changes_the_hash(tmp_path: Path, other: dict[str, object]) -> None:
    assert profile(tmp_path, **other).sha256 != profile(tmp_path).sha256


def test_the_points_of_a_trace_are_part_of_what_is_sent(tmp_path: Path) -> None:
    def with_trace(text: str) -> str:
        (tmp_path / "t.csv").write_text(text)
        return profile(tmp_path, shape={"kind": "trace", "file": "t.csv"}).sha256

    assert with_trace("seconds,users\n0,2\n9,4\n") == with_trace("seconds, users\n0,2.0\n\n9,4\n")
    assert with_trace("seconds,users\n0,2\n9,4\n") != with_trace("seconds,users\n0,2\n9,5\n")


def test_objectives_and_tolerances_are_those_of_gate_and_baseline() -> None:
    """A profile's sections become theirs key by key."""
    from loadtest import baseline, gate

    assert set(Slo.model_fields) == set(gate.Slo.__dataclass_fields__)
    assert set(Tolerances.model_fields) == set(baseline.Tolerances.__dataclass_fields__)
    assert baseline.Tolerances(**Tolerances().model_dump()) == baseline.Tolerances()
