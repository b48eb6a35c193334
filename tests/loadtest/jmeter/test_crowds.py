"""A shape becomes thread groups that add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.jmeter.crowds import Crowd, crowds, tolerance_of, users_by_kind
from loadtest.profile import PROFILES, Kind, load_profile
from loadtest.shapes import spike, steady, steps

USERS = st.lists(st.integers(0, 60), min_size=1, max_size=80)
OURS = sorted(PROFILES.glob("*.yaml"))


def threads(groups: Sequence[Crowd], second: int) -> int:
    """Threads of JMeter at a whole second: started evenly over the ramp, all ended together."""
    starts = [
        (group.delay + number * group.ramp / group.threads, group.delay + group.seconds)
        for group in groups
        for number in range(group.threads)
    ]
    return sum(start <= second + 1e-9 and second < end for start, end in starts)


def furthest(groups: Sequence[Crowd], users: Sequence[int]) -> int:
    return max(abs(threads(groups, second) - count) for second, count in enumerate(users))


@given(USERS, st.integers(1, 12))
def test_threads_are_never_further_from_the_shape_than_the_tolerance(
    users: list[int], tolerance: int
) -> None:
    groups = crowds(users, tolerance)
    assert furthest(groups, users) <= tolerance
    assert [sum(group.at(second) for group in groups) for second in range(len(users))] == [
        threads(groups, second) for second in range(len(users))
    ]


@given(USERS)
def test_nobody_is_left_when_the_shape_is_over(users: list[int]) -> None:
    assert threads(crowds(users, 1), len(users)) == 0


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_each_of_our_profiles_fits_in_few_groups(path: Path) -> None:
    profile = load_profile(path)
    by_kind = users_by_kind(profile.curve("edge"), profile.kinds("edge"))
    for users in by_kind.values():
        assert len(crowds(users, tolerance_of(users))) <= 20


def test_a_steady_load_is_one_group() -> None:
    users = steady(users=50, ramp=10, seconds=60).samples()
    assert crowds(users, 3) == [Crowd(threads=50, delay=0, ramp=10, seconds=70)]


def test_a_jump_there_and_back_is_two_groups() -> None:
    users = steps(10, (30, 10), (0, 100), (30, 100), (0, 10), (30, 10)).samples()
    assert crowds(users, 5) == [Crowd(10, 0, 0, 90), Crowd(90, 30, 0, 30)]


def test_those_who_leave_take_a_group_for_each_tolerance() -> None:
    users = spike(users=10, peak=110, before=5, rise=20, hold=10, fall=20, after=5).samples()
    groups = crowds(users, 10)
    assert 1 + 5 <= len(groups) <= 1 + 10
    assert furthest(groups, users) <= 10


def test_users_of_all_kinds_add_up_and_keep_their_shares() -> None:
    kinds = [Kind("reader", 7, (1, 2)), Kind("player", 2, (1, 2)), Kind("heavy", 1, (1, 2))]
    everybody = steady(users=100, ramp=100, seconds=1).samples()
    by_kind = users_by_kind(steady(users=100, ramp=100, seconds=1), kinds)
    assert [sum(counts) for counts in zip(*by_kind.values(), strict=True)] == everybody
    for kind in kinds:
        for users, count in zip(everybody, by_kind[kind.name], strict=True):
            assert abs(count - users * kind.weight / 10) < 1


def test_users_of_a_kind_do_not_leave_while_others_come() -> None:
    kinds = [Kind("reader", 3, (1, 2)), Kind("player", 2, (1, 2))]
    for counts in users_by_kind(steady(users=40, ramp=40, seconds=1), kinds).values():
        assert counts == sorted(counts)
