"""How a run ended, as the process that keeps its results knows."""

from __future__ import annotations

from pathlib import Path

from loadtest.harness import Harness
from loadtest.target import Load
from tests.loadtest.profiles import profile


def test_a_run_whose_shape_is_over_is_not_completed_where_something_broke_it(
    tmp_path: Path,
) -> None:
    """And of several reasons the first is told, for the others follow from it."""
    harness = Harness(Load(profile=profile(tmp_path)))
    harness.begin(0.0)
    assert harness.ended == "interrupted"
    harness.completed = True
    assert harness.ended == "completed"
    harness.break_off("lost 1 of 2 workers")
    harness.break_off("whoever started it is gone")
    assert harness.ended == "lost 1 of 2 workers"
    harness.begin(1.0)
    assert harness.ended == "interrupted"
