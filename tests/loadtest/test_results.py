"""The folder of a run: whole where it is read, and refused in words where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.errors import Exit, UsageError
from loadtest.results import ABOUT, EVENTS, Failure, read_about, read_run, write_run
from tests.loadtest.runs import row, run


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    failed = Failure(method="GET", name="/", reason="503 Service Unavailable", requests=2)
    made = run(row(), row("a,\n\u2028"), intervals=(row(),), environment="dev", workers=4)
    made = made._replace(failures=(failed,))
    write_run(tmp_path, made)
    assert read_run(tmp_path) == made


def test_where_its_files_are_not_all_written_there_is_no_run(tmp_path: Path) -> None:
    """run.json is the proof that the others are whole, so it comes last."""
    (tmp_path / EVENTS).mkdir()
    with pytest.raises(IsADirectoryError):
        write_run(tmp_path, run(row()))
    assert not (tmp_path / ABOUT).exists()
    with pytest.raises(UsageError, match="no run lies there"):
        read_run(tmp_path)


def test_nothing_unfinished_lies_beside_a_run(tmp_path: Path) -> None:
    write_run(tmp_path, run(row()))
    assert not [*tmp_path.glob("*.part")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"format": 1}', "of another version; format 2 is read here"),
        ('{"format": 2}', "not what a run writes"),
        ("[]", "not what a run writes"),
        ("{", "not what a run writes"),
    ],
)
def test_what_no_run_wrote_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / ABOUT).write_text(text)
    with pytest.raises(UsageError, match=said) as refused:
        read_run(tmp_path)
    assert refused.value.exit_code == Exit.BAD_INPUT


def test_what_was_run_is_told_whatever_became_of_the_other_files(tmp_path: Path) -> None:
    made = run(row())
    write_run(tmp_path, made)
    (tmp_path / EVENTS).write_text("{")
    assert read_about(tmp_path) == made.about


def test_a_value_of_another_type_is_named(tmp_path: Path) -> None:
    write_run(tmp_path, run(row()))
    about = json.loads((tmp_path / ABOUT).read_text())
    (tmp_path / ABOUT).write_text(json.dumps(about | {"seconds": "60"}))
    with pytest.raises(UsageError, match='seconds is "60"'):
        read_run(tmp_path)
