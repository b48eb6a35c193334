"""The ceiling holds for any arrivals; shares of several processes add up to it."""

from __future__ import annotations

import gevent
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.pacing import LATE_SECONDS, LONGEST_SLEEP, Pacer

TICK = 0.01
"""Seconds."""


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def pacer(ceiling: float, clock: Clock, processes: int = 1) -> Pacer:
    made = Pacer(ceiling, clock.sleep, clock)
    made.share_among(processes)
    return made


def most_within(times: list[float], window: float) -> int:
    """The most requests in any half-open window of this length."""
    return max(sum(start <= time < start + window for time in times) for start in times)


@given(st.floats(0.5, 1000), st.integers(1, 5), st.lists(st.floats(0, 2), min_size=2, max_size=60))
def test_the_ceiling_holds_in_every_window(
    ceiling: float, processes: int, pauses: list[float]
) -> None:
    clock = Clock()
    mine, sent = pacer(ceiling, clock, processes), list[float]()
    for pause in pauses:
        clock.now += pause / ceiling
        mine.wait()
        sent.append(clock.now)
    share = ceiling / processes
    for slots in (1, 3, 10):
        most = slots + 1 + share * LATE_SECONDS
        assert most_within(sent, slots / share * (1 - 1e-6)) <= most


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 90)), min_size=1, max_size=6))
def test_the_ceiling_holds_for_all_who_waited_through_a_stall(
    stalls: list[tuple[int, int]],
) -> None:
    """Many wait in one process, which now and then has no time for any of them: in ticks, of which
    a slot takes four."""
    clock, sent = Clock(), list[float]()

    def sleep(seconds: float) -> None:
        until = clock.now + seconds
        while clock.now < until:
            gevent.sleep(0)

    mine = Pacer(1 / (4 * TICK), sleep, clock)
    mine.share_among(1)

    def go() -> None:
        while True:
            mine.wait()
            sent.append(clock.now)

    users = [gevent.spawn(go) for _ in range(10)]
    for calm, stall in stalls:
        for ticks in (*[1] * calm, stall):
            clock.now += ticks * TICK
            for _ in users:
                gevent.sleep(0)
    gevent.killall(users)
    for slots in (1, 3, 10):
        assert most_within(sent, slots * 4 * TICK * (1 - 1e-6)) <= slots + 1


def test_a_load_below_the_ceiling_never_waits() -> None:
    clock = Clock()
    mine = pacer(10, clock)
    for _ in range(100):
        clock.now += 0.1001
        mine.wait()
    assert not clock.slept


def test_all_of_the_ceiling_is_used_where_more_is_wanted() -> None:
    clock = Clock()
    mine, began = pacer(50, clock), clock.now
    for _ in range(501):
        mine.wait()
    assert abs(clock.now - began - 10) < 0.001


def test_who_leaves_takes_no_slot_from_those_behind() -> None:
    """Of twenty in the queue eighteen leave while the first one waits: the two others keep the
    pace."""
    clock, sent = Clock(), list[float]()
    leaving = set(range(1, 19))

    def sleep(seconds: float) -> None:
        gevent.sleep(0)  # the others queue up
        clock.sleep(seconds)

    mine = Pacer(10, sleep, clock)
    mine.share_among(1)
    mine.wait()
    began = clock.now

    def go(number: int) -> bool:
        passed = mine.wait(lambda: number in leaving)
        if passed:
            sent.append(clock.now - began)
        return passed

    users = [gevent.spawn(go, number) for number in range(20)]
    gevent.joinall(users, timeout=10)
    assert [user.value for user in users] == [number not in leaving for number in range(20)]
    assert sent == pytest.approx([0.1, 0.2])


def test_who_is_next_may_leave_while_it_waits() -> None:
    """At the latest after the longest sleep."""
    clock = Clock()
    mine = pacer(0.1, clock)
    mine.wait()
    began = clock.now
    assert not mine.wait(lambda: clock.now >= began + 1)
    assert clock.now - began <= 1 + LONGEST_SLEEP


def test_what_was_not_used_is_not_saved_up() -> None:
    clock = Clock()
    mine = pacer(10, clock)
    clock.now += 60
    began = clock.now
    for _ in range(11):
        mine.wait()
    assert clock.now - began > 0.99


def test_nothing_passes_before_the_share_is_known() -> None:
    clock = Clock()
    mine = Pacer(10, clock.sleep, clock)
    told_at = clock.now + 3

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.now >= told_at:
            mine.share_among(1)

    mine._sleep = sleep
    mine.wait()
    assert told_at <= clock.now <= told_at + 2 * LONGEST_SLEEP


def test_who_waits_is_moved_when_workers_leave() -> None:
    """Of four workers three leave while this one's request waits for its slot."""
    clock = Clock()
    mine = pacer(1, clock, processes=4)
    mine.wait()
    began = clock.now

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        mine.share_among(1)

    mine._sleep = sleep
    mine.wait()
    assert clock.now - began <= 1 + 2 * LONGEST_SLEEP


def test_who_waits_is_moved_when_workers_join() -> None:
    clock = Clock()
    mine = pacer(1, clock)
    mine.wait()
    began = clock.now

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        mine.share_among(2)

    mine._sleep = sleep
    mine.wait()
    assert clock.now - began > 2 - 2 * LONGEST_SLEEP
