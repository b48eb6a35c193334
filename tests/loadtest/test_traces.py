"""A trace becomes users; a malformed one shows all its faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import Exit, SettingsError
from loadtest.traces import read_trace


def written(folder: Path, text: str) -> Path:
    path = folder / "t.csv"
    path.write_text(text)
    return path


def faults(folder: Path, text: str) -> list[str]:
    """`line key: problem` of each fault."""
    with pytest.raises(SettingsError) as caught:
        read_trace(written(folder, text))
    assert caught.value.exit_code == Exit.BAD_INPUT
    return [f"{fault.line} {fault.key}: {fault.problem}" for fault in caught.value.faults]


def test_users_are_taken_as_they_are(tmp_path: Path) -> None:
    trace = read_trace(written(tmp_path, "seconds,users\n0,10\n\n# noon\n60, 40.5\n"))
    curve = trace.curve(speed=1, scale=1, requests_per_user=99)
    assert [curve.users(time) for time in (0, 30, 60)] == [10, 25.25, 40.5]
    assert curve.seconds == 60


def test_requests_become_users_by_the_time_they_think(tmp_path: Path) -> None:
    trace = read_trace(written(tmp_path, "seconds,requests_per_second\n0,10\n60,40\n"))
    curve = trace.curve(speed=1, scale=1, requests_per_user=0.5)
    assert [curve.users(time) for time in (0, 60)] == [20, 80]


def test_a_trace_is_replayed_faster_and_larger(tmp_path: Path) -> None:
    trace = read_trace(written(tmp_path, "seconds,users\n0,10\n60,40\n"))
    curve = trace.curve(speed=6, scale=2, requests_per_user=1)
    assert curve.seconds == 10
    assert curve.users(10) == 80


def test_all_faults_are_shown_at_once(tmp_path: Path) -> None:
    text = "second,users\n0,10\n5,x\n4,2\n7\n8,nan\n9,-1\n10,1e9\n"
    assert faults(tmp_path, text) == [
        '1 header: found "second,users"',
        '3 value: found "x"',
        "4 seconds: found 4 after 5",
        '5 row: found "7"',
        '6 value: found "nan"',
        '7 value: found "-1"',
        '8 value: found "1e9"',
    ]


@pytest.mark.parametrize("text", ["", "seconds,users\n", "seconds,users\n0,1\n"])
def test_a_trace_needs_two_rows(tmp_path: Path, text: str) -> None:
    assert any("rows" in fault for fault in faults(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.csv:1:1: .*there is no such file"):
        read_trace(tmp_path / "none.csv")
