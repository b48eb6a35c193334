"""What each shape promises, for any numbers that a profile may give it."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest import shapes
from loadtest.shapes import Curve, Point

USERS = st.floats(1, 10_000)
SECONDS = st.floats(0.01, 100_000)
SHARE = st.floats(0, 1)


@st.composite
def peaked(draw: st.DrawFn) -> tuple[float, float]:
    low = draw(USERS)
    return low, low * draw(st.floats(1, 100))


def rises(curve: Curve, start: float, end: float, steps: int = 50) -> bool:
    """Whether there are never fewer users than before, between two times."""
    times = [start + (end - start) * step / steps for step in range(steps + 1)]
    users = [curve.users(time) for time in times]
    return all(now >= before - 1e-6 * abs(before) for before, now in pairwise(users))


def falls(curve: Curve, start: float, end: float) -> bool:
    return rises(Curve(lambda time: -curve.users(time), curve.seconds), start, end)


@given(USERS, SECONDS, SECONDS, SHARE)
def test_steady_ramps_from_one_user_and_stays(
    users: float, ramp: float, seconds: float, share: float
) -> None:
    curve = shapes.steady(users, ramp, seconds)
    assert curve.users(0) == pytest.approx(1)
    assert rises(curve, 0, ramp)
    assert curve.users(ramp + share * seconds) == pytest.approx(users)
    assert curve.seconds == pytest.approx(ramp + seconds)


@given(peaked(), SECONDS, st.floats(0.1, 10), st.floats(0, 5))
def test_day_is_a_night_a_noon_and_comes_again(
    users: tuple[float, float], day: float, days: float, when: float
) -> None:
    (low, high), time = users, when * day
    curve = shapes.day(low, high, day, days)
    assert curve.users(0) == pytest.approx(low)
    assert curve.users(day / 2) == pytest.approx(high)
    assert low * (1 - 1e-9) <= curve.users(time) <= high * (1 + 1e-9)
    assert curve.users(time + day) == pytest.approx(curve.users(time), rel=1e-3)
    assert rises(curve, 0, day / 2)
    assert falls(curve, day / 2, day)
    assert curve.seconds == pytest.approx(days * day)


@given(peaked(), SECONDS, SECONDS, SECONDS, SECONDS, SECONDS, SHARE)
def test_spike_goes_up_stays_and_comes_back(
    users: tuple[float, float],
    before: float,
    rise: float,
    hold: float,
    fall: float,
    after: float,
    share: float,
) -> None:
    low, high = users
    curve = shapes.spike(low, high, before, rise, hold, fall, after)
    top = before + rise
    assert curve.users(share * before) == pytest.approx(low)
    assert rises(curve, before, top)
    assert curve.users(top + share * hold) == pytest.approx(high)
    assert falls(curve, top + hold, top + hold + fall)
    assert curve.users(top + hold + fall + share * after) == pytest.approx(low, rel=1e-6)
    assert curve.seconds == pytest.approx(before + rise + hold + fall + after)


@given(peaked(), SECONDS, SECONDS, SECONDS, SECONDS, SECONDS, SHARE)
def test_flash_crowd_multiplies_then_halves(
    users: tuple[float, float],
    before: float,
    rise: float,
    hold: float,
    half_life: float,
    after: float,
    share: float,
) -> None:
    low, high = users
    curve = shapes.flash_crowd(low, high, before, rise, hold, half_life, after)
    top, gone = before + rise, before + rise + hold
    assert curve.users(share * before) == pytest.approx(low)
    assert curve.users(before + rise / 2) == pytest.approx(math.sqrt(low * high), rel=1e-3)
    assert rises(curve, 0, top)
    assert curve.users(top + share * hold) == pytest.approx(high, rel=1e-3)
    assert falls(curve, gone, curve.seconds)
    left = curve.users(gone + share * half_life) - low
    assert curve.users(gone + (1 + share) * half_life) - low == pytest.approx(
        left / 2, rel=1e-3, abs=1e-6
    )
    assert curve.seconds == pytest.approx(gone + after)


@given(USERS, SECONDS, SECONDS, SECONDS, SHARE)
def test_soak_holds_and_then_rests(
    users: float, ramp: float, hold: float, rest: float, share: float
) -> None:
    curve = shapes.soak(users, ramp, hold, 1, rest)
    assert rises(curve, 0, ramp)
    assert curve.users(ramp + share * hold) == pytest.approx(users, rel=1e-6)
    assert falls(curve, ramp + hold, ramp + hold + ramp)
    assert curve.users(ramp + hold + ramp + share * rest) == pytest.approx(1, rel=1e-3)
    assert curve.seconds == pytest.approx(ramp + hold + ramp + rest)


@given(st.lists(st.tuples(SECONDS, USERS), min_size=2, unique_by=lambda point: point[0]), SHARE)
def test_lines_go_through_their_points_and_straight_between(
    points: list[tuple[float, float]], share: float
) -> None:
    points.sort()
    curve = shapes.lines([Point(*point) for point in points])
    assert all(curve.users(at) == pytest.approx(users) for at, users in points)
    (start, low), (end, high) = points[:2]
    between = curve.users(start + share * (end - start))
    assert between == pytest.approx(low + share * (high - low), rel=1e-3)
    assert curve.users(0) == points[0][1]
    assert curve.users(points[-1][0] + 1) == points[-1][1]


@given(USERS, SECONDS, SECONDS)
def test_a_curve_rounds_and_ends(users: float, seconds: float, cap: float) -> None:
    curve = shapes.steady(users, 0, seconds).capped(cap)
    assert curve.seconds == min(seconds, cap)
    assert curve.at(curve.seconds / 2) == math.floor(users + 0.5)
    assert curve.at(-1) is not None
    assert curve.at(curve.seconds) is None


def test_samples_are_one_a_second() -> None:
    assert shapes.spike(1, 5, 1, 2, 2, 2, 1).samples() == [1, 1, 3, 5, 5, 5, 3, 1]
    assert shapes.steady(4, 0, 2.5).samples() == [4, 4, 4]


def test_a_leg_of_no_time_is_a_jump() -> None:
    curve = shapes.spike(2, 20, 5, 0, 5, 0, 5)
    assert [curve.at(time) for time in (4.99, 5, 9.99, 10)] == [2, 20, 20, 2]
