"""What a load says that it will send, before it sends it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.forecast import announce, forecast
from loadtest.target import Load
from tests.loadtest.profiles import profile

SPIKE = {
    "kind": "spike",
    "users": 10,
    "peak_users": 100,
    "before_seconds": 10,
    "rise_seconds": 10,
    "hold_seconds": 60,
    "fall_seconds": 10,
    "after_seconds": 10,
}


def load(folder: Path, **changes: object) -> Load:
    return Load(profile=profile(folder, shape=SPIKE, **changes), host="http://127.0.0.1")


def test_it_names_target_users_rate_length_and_requests(tmp_path: Path) -> None:
    thinks = {"reader": [1, 3], "player": [1, 3]}
    assert announce(load(tmp_path, think_seconds=thinks)) == (
        "profile short: For a test.",
        "against edge: http://127.0.0.1",
        "100 users at the peak, for 1 min 40 s",
        "about 50 requests/s at the peak, never above 1,000",
        "7,500 requests at most",
    )


def test_a_table_is_named_by_its_prefix_and_region(tmp_path: Path) -> None:
    table = Load(profile=profile(tmp_path), target="table", prefix="gtm-dev", region="eu-west-1")
    assert announce(table)[1] == "against table: gtm-dev in eu-west-1"


def test_the_ceiling_bounds_what_users_would_send(tmp_path: Path) -> None:
    ceiling = {"requests_per_second": 20, "seconds": 50}
    seen = forecast(load(tmp_path, ceiling=ceiling))
    assert (seen.seconds, seen.expected_rate, seen.greatest_rate) == (50, 20, 20)
    assert seen.most_requests == 20 * 51 + 100


def test_users_who_never_wait_are_bounded_by_the_ceiling(tmp_path: Path) -> None:
    thinks = {"reader": [0, 0], "player": [0, 1]}
    seen = forecast(load(tmp_path, think_seconds=thinks))
    assert seen.expected_rate == 1000
    assert seen.most_requests == 1000 * 101 + 100


@given(st.floats(0.1, 5), st.floats(0, 5), st.integers(0, 1000))
def test_no_run_of_such_users_sends_more(least: float, more: float, seed: int) -> None:
    """Users who come and go as the shape says, each with think times of its own."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        thinks = {"reader": [least, least + more]}
        mine = load(Path(folder), think_seconds=thinks, users={"reader": 1, "player": 0})
    dice, curve, sent = random.Random(seed), mine.profile.curve("edge"), 0
    due: list[float] = []
    for second in range(101):
        users = curve.at(min(second, 99)) or 0
        due = due[:users] + [float(second)] * (users - len(due))
        for user, time in enumerate(due):
            while time < second + 1:
                sent += 1
                time += dice.uniform(least, least + more)
            due[user] = time
    assert sent <= forecast(mine).most_requests


@pytest.mark.parametrize("target", ["edge", "cache"])
def test_it_is_told_by_target(tmp_path: Path, target: str) -> None:
    mine = profile(
        tmp_path, think_seconds={"reader": [1, 1], "player": [1, 1], "cache": [0.5, 0.5]}
    )
    seen = forecast(Load(profile=mine, target="cache" if target == "cache" else "edge"))
    assert seen.expected_rate == (8 if target == "cache" else 4)
