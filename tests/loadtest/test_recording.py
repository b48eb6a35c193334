"""Percentiles against numpy on the raw samples; parts put together are the whole."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.buckets import PER_MILLE, bucket_of, latency_of, percentiles
from loadtest.recording import GRACE_INTERVALS, Recorder
from loadtest.results import EVERYTHING, INTERVAL_SECONDS, Failure, Row

START = 1_774_000_000.0
LATENCIES = st.floats(0.001, 600_000)
ERROR = 0.005

Request = tuple[float, str, float, bool]
"""Seconds after the start at which it ended, its name, milliseconds, and whether it failed."""
REQUESTS = st.lists(
    st.tuples(
        st.floats(0, 29.99), st.sampled_from(("/a", "/b")), st.floats(0.01, 30_000), st.booleans()
    )
)


def record(recorder: Recorder, request: Request) -> None:
    ended, name, milliseconds, failed = request
    recorder.record(
        request_type="GET",
        name=name,
        response_time=milliseconds,
        response_length=7,
        start_time=START + ended - milliseconds / 1000,
        exception=OSError() if failed else None,
        context={},
    )


def recorded(requests: Sequence[Request]) -> Recorder:
    recorder = Recorder()
    recorder.begin(START)
    for request in requests:
        record(recorder, request)
    return recorder


def named(rows: Sequence[Row], name: str) -> list[Row]:
    return [row for row in rows if row.name == name]


@given(LATENCIES)
def test_a_bucket_is_told_within_half_a_percent(milliseconds: float) -> None:
    assert latency_of(bucket_of(milliseconds)) == pytest.approx(milliseconds, rel=ERROR)


@pytest.mark.parametrize("milliseconds", [0.0, 0.0009, -1.0])
def test_below_a_microsecond_is_nothing(milliseconds: float) -> None:
    assert latency_of(bucket_of(milliseconds)) == 0.0


@given(st.lists(LATENCIES, min_size=1, max_size=3000))
def test_percentiles_are_those_of_the_raw_samples(samples: list[float]) -> None:
    counts: dict[int, int] = {}
    for sample in samples:
        counts[bucket_of(sample)] = counts.get(bucket_of(sample), 0) + 1
    ours = percentiles(counts, max(samples))
    theirs = np.percentile(samples, [share / 10 for share in PER_MILLE], method="inverted_cdf")
    assert ours == pytest.approx(list(theirs), rel=ERROR)
    assert ours == sorted(ours)
    assert ours[-1] <= max(samples)


def test_a_thousand_samples_have_exact_ranks() -> None:
    """Where a share of the samples is a whole number, numpy's own rounding is not to be trusted."""
    samples = [1.5**power for power in range(-10, 30)] * 25
    recorder = recorded([(1.0, "/a", sample, False) for sample in samples])
    row = recorder.rows(5.0)[0][-1]
    ranked = sorted(samples)
    shown = (row.p50, row.p75, row.p90, row.p95, row.p99, row.p999)
    assert shown == pytest.approx([ranked[share - 1] for share in PER_MILLE], rel=ERROR)
    assert row.longest == pytest.approx(max(samples), rel=1e-5)


@given(REQUESTS)
def test_intervals_have_what_ended_in_them(requests: list[Request]) -> None:
    intervals, totals = recorded(requests).rows(30.0)
    overall = named(intervals, EVERYTHING)
    assert [row.start - START for row in overall] == [0, 5, 10, 15, 20, 25]
    for row in overall:
        inside = [r for r in requests if row.start - START <= r[0] < row.start - START + 5]
        # Sums of floats: a request at an edge may count on its other side.
        edge = sum(abs(r[0] - round(r[0] / 5) * 5) < 1e-5 for r in requests)
        assert abs(row.requests - len(inside)) <= edge
    assert sum(row.requests for row in overall) == len(requests)
    assert sum(row.failures for row in totals) == 2 * sum(failed for *_, failed in requests)
    (whole,) = named(totals, EVERYTHING)
    assert (whole.requests, whole.bytes, whole.seconds) == (len(requests), 7 * len(requests), 30)


@given(st.lists(REQUESTS, min_size=1, max_size=4))
def test_workers_put_together_are_as_if_one_had_recorded_all(
    parts: list[list[Request]],
) -> None:
    together = recorded([])
    for part in parts:
        worker = recorded(part[::2])
        together.add(json.loads(json.dumps(worker.take())))
        for request in part[1::2]:
            record(worker, request)
        together.add(json.loads(json.dumps(worker.take())))
        assert worker.take() == []
    alone = recorded([request for part in parts for request in part])
    assert together.rows(30.0) == alone.rows(30.0)


@given(REQUESTS, st.floats(60, 200))
def test_what_is_settled_early_is_the_same(requests: list[Request], later: float) -> None:
    """Rows are made while a run goes on, and do not differ from those made at its end."""
    settled, plain = recorded(requests), recorded(requests)
    settled.settle(START + later)
    for recorder in (settled, plain):
        record(recorder, (later, "/late", 5.0, False))
    assert settled.rows(later + 1) == plain.rows(later + 1)


def test_a_report_that_comes_too_late_still_counts() -> None:
    worker, master = recorded([(1.0, "/a", 5.0, False)]), recorded([])
    late = START + (GRACE_INTERVALS + 3) * INTERVAL_SECONDS
    master.settle(late)
    master.add(worker.take())
    intervals, totals = master.rows(late - START)
    assert sum(row.requests for row in named(intervals, EVERYTHING)) == 1
    assert totals[0].requests == 1


def test_what_ends_after_the_end_counts_in_the_last_interval() -> None:
    intervals, _ = recorded([(7.0, "/a", 1.0, False), (11.0, "/a", 1.0, False)]).rows(8.0)
    assert [(row.requests, row.seconds) for row in named(intervals, EVERYTHING)] == [(0, 5), (2, 3)]


@pytest.mark.parametrize(
    ("seconds", "lengths"),
    [(0.5, [0.5]), (5, [5]), (10, [5, 5]), (10.001, [5, 5.001]), (12.4, [5, 7.4]), (13, [5, 5, 3])],
)
def test_the_last_interval_is_as_long_as_it_lasted_and_no_sliver(
    seconds: float, lengths: list[float]
) -> None:
    """A request in a thousandth of a second is no thousand requests a second."""
    intervals, _ = recorded([(seconds - 0.0005, "/a", 1.0, False)]).rows(seconds)
    whole = named(intervals, EVERYTHING)
    assert [row.seconds for row in whole] == pytest.approx(lengths)
    assert sum(row.requests for row in whole) == 1


def test_cells_are_told_in_intervals_of_five_seconds_to_the_end() -> None:
    """Also where the last row is longer: whoever puts several places together makes rows anew."""
    told: list[tuple[int, int, int]] = []
    recorder = recorded([(3.0, "/a", 1.0, False), (6.0, "/a", 1.0, False), (11.0, "/a", 1.0, True)])
    recorder.on_closed = lambda interval, users, by_name: told.append(
        (interval, users, sum(cell.requests for cell in by_name.values()))
    )
    for time, users in ((4, 9), (9, 20), (11, 5)):
        recorder.users_at(START + time, users)
    intervals, _ = recorder.rows(11.5)
    assert told == [(0, 9, 1), (1, 20, 1), (2, 5, 1)]
    assert [row.requests for row in named(intervals, EVERYTHING)] == [1, 2]


def test_an_interval_has_the_users_at_its_end_and_the_whole_their_most() -> None:
    recorder = recorded([])
    for time, users in ((0, 0), (4, 9), (6, 30), (9, 20), (21, 5)):
        recorder.users_at(START + time, users)
    intervals, totals = recorder.rows(25.0)
    assert [row.users for row in intervals] == [9, 20, 20, 20, 5], "as many while nothing is heard"
    assert totals[-1].users == 30


def test_units_and_throttles_are_summed() -> None:
    recorder = recorded([])
    for units, error in (
        ((0.5, 0.0), None),
        ((0.5, 0.0), None),
        ((0.0, 2.0), None),
        (None, OSError()),
    ):
        recorder.record(
            request_type="Query",
            name="ranking",
            response_time=1.0,
            response_length=0,
            start_time=START,
            exception=error,
            units=units,
            throttled=error is not None,
        )
    row = recorder.rows(5.0)[1][0]
    assert (row.read_units, row.write_units, row.throttles, row.failures) == (1.0, 2.0, 1, 1)


def test_failures_are_told_by_name_and_reason_the_most_frequent_first() -> None:
    recorder = recorded([(1.0, "/a", 5.0, True)])
    worker = recorded([(1.0, "/a", 5.0, True), (2.0, "/b", 5.0, True), (2.0, "/b", 5.0, False)])
    recorder.add(json.loads(json.dumps(worker.take())))
    recorder.rows(5.0)
    assert recorder.failures() == [
        Failure(method="GET", name="/a", reason="OSError", requests=2),
        Failure(method="GET", name="/b", reason="OSError", requests=1),
    ]


def test_progress_is_of_the_whole_run_so_far() -> None:
    recorder = recorded([(1.0, "/a", 10.0, False)] * 99 + [(40.0, "/b", 500.0, True)])
    recorder.settle(START + 90)
    recorder.users_at(START + 90, 7)
    progress = recorder.progress(START + 90)
    assert (progress.seconds, progress.users) == (90, 7)
    assert (progress.requests, progress.failures) == (100, 1)
    assert progress.p99 == pytest.approx(10, rel=ERROR)


def test_a_new_run_forgets_the_last_one() -> None:
    recorder = recorded([(1.0, "/a", 10.0, False)])
    recorder.users_at(START + 1, 7)
    recorder.begin(START + 100)
    _, (whole,) = recorder.rows(5.0)
    assert (whole.requests, whole.users, whole.start) == (0, 0, START + 100)
