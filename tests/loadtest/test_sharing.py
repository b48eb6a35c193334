"""Parts of a load: together they are the whole of it, and what they measured adds up."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import UsageError
from loadtest.keeping_cells import keep_cells, read_cells, start_cells
from loadtest.recording import Recorder
from loadtest.remote.driving import Brought
from loadtest.remote.merging import merge
from loadtest.results import Run, read_run, write_run
from loadtest.shapes import Curve
from loadtest.sharing import Share, read_share
from tests.loadtest.runs import START, about


@given(st.integers(0, 1_000_000), st.integers(1, 10))
def test_the_parts_of_users_are_the_whole_and_nearly_equal(users: int, of: int) -> None:
    parts = [Share(part, of).users(users) for part in range(1, of + 1)]
    assert sum(parts) == users
    assert max(parts) - min(parts) <= 1
    assert sum(Share(part, of).ceiling(90.0) for part in range(1, of + 1)) == pytest.approx(90)


def test_a_part_ends_when_the_shape_does() -> None:
    curve = Curve(lambda time: 5.0, 10.0)
    assert [Share(part, 2).at(curve, 9.9) for part in (1, 2)] == [3, 2]
    assert Share(1, 2).at(curve, 10.0) is None


def test_a_part_is_written_as_it_is_read() -> None:
    assert read_share(str(Share(2, 3))) == Share(2, 3)


@pytest.mark.parametrize("text", ["", "2", "0/3", "4/3", "a/b", "1/2/3", "-1/2"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="as in 2/3"):
        read_share(text)


# --- put together ---------------------------------------------------------------------------------


def part(
    folder: Path,
    started: float,
    users: int,
    requests: list[tuple[float, float]],
    seconds: float = 20.0,
    **changes: Any,
) -> Path:
    """The folder of a part: its requests are seconds after the start, and milliseconds."""
    recorder = Recorder()
    recorder.on_closed = lambda *closed: keep_cells(folder, *closed)
    start_cells(folder)
    recorder.begin(started)
    send(recorder, started, requests)
    for second in range(int(seconds)):
        recorder.users_at(started + second, users)
    told = about(started=started, seconds=seconds, **changes)
    write_run(folder, Run(told, *recorder.rows(seconds)))
    return folder


def send(recorder: Recorder, started: float, requests: list[tuple[float, float]]) -> None:
    for second, milliseconds in requests:
        recorder.record("GET", "/", milliseconds, 10, started + second - milliseconds / 1000)


def some_requests(seed: int) -> list[tuple[float, float]]:
    chance = random.Random(seed)
    return sorted((chance.uniform(0.5, 19.5), chance.lognormvariate(3, 1)) for _ in range(500))


def test_two_regions_are_what_one_machine_would_have_measured(tmp_path: Path) -> None:
    """Percentiles too, which do not add up: their counts do."""
    first, second = some_requests(1), some_requests(2)
    folders = {
        "eu-west-1": part(tmp_path / "a", START, 3, first),
        "us-east-1": part(tmp_path / "b", START, 2, second),
    }
    merged = merge(Brought(folders, {}), tmp_path / "out")
    alone = Recorder()
    alone.begin(START)
    send(alone, START, first + second)
    for second_of_run in range(20):
        alone.users_at(START + second_of_run, 5)
    intervals, totals = alone.rows(20.0)
    assert merged.intervals == intervals
    assert list(merged.totals) == list(totals)
    assert (merged.about.ended, merged.about.seconds) == ("completed", 20.0)
    assert read_run(tmp_path / "out").totals == tuple(merged.totals)


def test_a_region_that_started_later_is_put_where_it_belongs(tmp_path: Path) -> None:
    folders = {
        "eu-west-1": part(tmp_path / "a", START, 1, [(1.0, 5.0)]),
        "us-east-1": part(tmp_path / "b", START + 5.4, 1, [(1.0, 5.0)]),
    }
    merged = merge(Brought(folders, {}), tmp_path / "out")
    assert [row.requests for row in merged.overall] == [1, 1, 0, 0, 0]
    assert [row.users for row in merged.overall] == [1, 2, 2, 2, 1]
    assert merged.about.seconds == pytest.approx(25.4)


@pytest.mark.parametrize(
    ("spans", "lasts"),
    [
        (((0.0, 22.4), (0.0, 22.6)), 2.6),
        (((0.0, 20.1), (0.0, 19.9)), 5.1),
        (((0.0, 20.4), (2.6, 20.4)), 5.4),
        (((0.0, 20.4), (1.5, 21.2)), 6.2),
    ],
)
def test_the_end_of_several_regions_is_as_busy_as_the_rest(
    tmp_path: Path, spans: tuple[tuple[float, float], ...], lasts: float
) -> None:
    """However little of their last five seconds was left to each, and whoever ended first."""
    folders = {
        f"region-{at}": part(tmp_path / str(at), START + later, 10, steadily(seconds), seconds)
        for at, (later, seconds) in enumerate(spans)
    }
    merged = merge(Brought(folders, {}), tmp_path / "out")
    *_, before, last = merged.overall
    assert before.rate == pytest.approx(40, rel=0.01)
    assert last.seconds == pytest.approx(lasts)
    assert 20 <= last.rate < 41
    assert last.users == 20
    assert merged.total is not None
    assert merged.total.seconds == merged.about.seconds
    assert merged.total.requests == sum(row.requests for row in merged.overall)


def steadily(seconds: float) -> list[tuple[float, float]]:
    """Twenty requests a second."""
    return [(0.025 + at / 20, 5.0) for at in range(int(seconds * 20))]


def test_a_run_without_one_of_its_regions_is_not_complete(tmp_path: Path) -> None:
    folders = {"eu-west-1": part(tmp_path / "a", START, 1, [(1.0, 5.0)])}
    merged = merge(Brought(folders, {"us-east-1": "no capacity"}), tmp_path / "out")
    assert merged.about.ended == "without us-east-1: no capacity"


def test_the_whole_tells_who_sent_it_and_what_befell_its_parts(tmp_path: Path) -> None:
    """Only where a person broke it off is it interrupted: a Region may have been for itself."""
    folders = {
        "us-east-1": part(tmp_path / "a", START, 1, [], workers=4, ended="interrupted"),
        "eu-west-1": part(tmp_path / "b", START, 1, [], workers=3, saturated=True),
    }
    by_itself = merge(Brought(folders, {}), tmp_path / "out").about
    assert by_itself.ended == "us-east-1: interrupted"
    assert (by_itself.workers, by_itself.generators) == (7, "eu-west-1, us-east-1")
    assert by_itself.saturated
    by_a_person = merge(Brought(folders, {}, interrupted=True), tmp_path / "out").about
    assert by_a_person.ended == "interrupted"


def test_a_folder_that_is_no_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cells\.jsonl: not the cells"):
        list(read_cells(tmp_path))
