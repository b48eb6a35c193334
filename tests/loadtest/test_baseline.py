"""A run against its baseline: what is worse is found, noise is not, and unlike runs are refused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import Exit, UsageError
from loadtest.baseline import Comparison, Tolerances, compare
from loadtest.results import Row
from tests.loadtest.runs import row, run

STRICT = Tolerances(
    p50_percent=10,
    p95_percent=10,
    p99_percent=10,
    p999_percent=10,
    milliseconds=1,
    error_points=0.5,
    rate_percent=10,
    minimum_requests=100,
)


def against(now: Row, before: Row, tolerances: Tolerances = STRICT) -> Comparison:
    return compare(run(now), run(before), tolerances)


def test_the_same_again_is_no_worse() -> None:
    comparison = compare(run(row(), row("/api")), run(row(), row("/api")), STRICT)
    assert comparison.kept
    assert [compared.label for compared in comparison.rows] == ["Aggregated", "GET /api"]


@pytest.mark.parametrize(
    ("worse", "within"),
    [
        ({"p50": 11.1}, {"p50": 11.0}),
        ({"p95": 44.1}, {"p95": 44.0}),
        ({"p99": 55.1}, {"p99": 55.0}),
        ({"p999": 66.1}, {"p999": 66.0}),
        ({"failures": 11}, {"failures": 10}),
        ({"requests": 899, "failures": 0}, {"requests": 901, "failures": 0}),
        ({"p99": math.nan}, {"p99": 1.0}),
    ],
)
def test_what_is_beyond_its_tolerance_is_worse(
    worse: dict[str, Any], within: dict[str, Any]
) -> None:
    assert not against(row(**worse), row()).kept
    assert against(row(**within), row()).kept


def test_what_is_worse_is_said() -> None:
    comparison = compare(run(row(), row("/api", p99=80)), run(row(), row("/api")), STRICT)
    assert comparison.regressions == ("GET /api: p99 80 ms, it was 50",)


def test_a_rise_of_almost_nothing_is_noise() -> None:
    assert against(row(p50=1.9), row(p50=1.0)).kept
    assert not against(row(p50=2.1), row(p50=1.0)).kept


def test_what_is_not_judged_may_be_anything() -> None:
    lenient = Tolerances(
        p50_percent=None, p95_percent=None, p99_percent=None, error_points=None, rate_percent=None
    )
    poor = row(p50=1e6, p95=1e6, p99=1e6, p999=1e6, failures=900, requests=901)
    assert against(poor, row(), lenient).kept


def test_a_name_that_was_rare_is_shown_and_not_judged() -> None:
    slow, fast = row("/rare", failures=900, p99=1e6), row("/rare", requests=99)
    comparison = compare(run(row(), slow), run(row(), fast), STRICT)
    (rare,) = (compared for compared in comparison.rows if compared.label == "GET /rare")
    assert comparison.kept
    assert rare.note == "fewer than 100 requests in the baseline: not judged"
    assert next(change.now for change in rare.changes if change.what == "p99") == 1e6


def test_a_name_that_became_rare_is_judged_but_for_its_percentiles() -> None:
    """Else a target that hardly answers any more would pass."""
    comparison = against(row(requests=99, failures=99, p99=1e6), row())
    assert [text.split(",")[0] for text in comparison.regressions] == [
        "errors 100 %",
        "rate 1.65 /s",
    ]
    assert comparison.rows[0].note == "fewer than 100 requests: percentiles not judged"
    few = replace(STRICT, rate_percent=None)
    assert against(row(requests=99, failures=0, p99=1e6), row(), few).kept


def test_a_new_name_is_shown_and_not_judged() -> None:
    comparison = compare(run(row(), row("/new", p99=1e6)), run(row()), STRICT)
    assert comparison.kept
    assert comparison.rows[-1].note == "not in the baseline"


def test_a_name_that_is_gone_is_worse_unless_it_was_rare() -> None:
    comparison = compare(run(row()), run(row(), row("/api"), row("/rare", requests=99)), STRICT)
    assert comparison.regressions == ("GET /api: no longer asked for",)


def test_a_run_that_sent_nothing_is_worse() -> None:
    assert not compare(run(), run(row()), STRICT).kept


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"profile_sha256": "aa" * 32}, "profile: aaaaaaaaaaaa here, 5f5f5f5f5f5f in the baseline"),
        ({"code_sha256": "bb" * 32}, "code: bbbbbbbbbbbb here, c0c0c0c0c0c0 in the baseline"),
        ({"target": "edge"}, "target: edge here, origin in the baseline"),
        ({"tool": "jmeter"}, "tool: jmeter here, locust in the baseline"),
        ({"workers": 8}, "workers: 8 here, 1 in the baseline"),
        (
            {"generators": "eu-west-1"},
            "sent from: generators in eu-west-1 here, a machine of one's own in the baseline",
        ),
    ],
)
def test_unlike_runs_are_refused_and_told_apart(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError) as refused:
        compare(run(row(), **changes), run(row()), STRICT)
    assert named in str(refused.value)
    assert refused.value.exit_code == Exit.BAD_INPUT


def test_all_that_differs_is_named_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        compare(run(row(), target="edge", tool="jmeter"), run(row()), STRICT)
    assert str(refused.value).count("in the baseline") == 2


def test_the_same_profile_against_another_host_is_compared() -> None:
    assert compare(run(row(), host="https://green.example.com"), run(row()), STRICT).kept


@pytest.mark.parametrize("baseline", [run(row(), ended="interrupted"), run()])
def test_half_a_run_is_no_baseline(baseline: Any) -> None:
    with pytest.raises(UsageError, match="is no measure"):
        compare(run(row()), baseline, STRICT)


LATENCIES = st.fixed_dictionaries(dict.fromkeys(("p50", "p95", "p99", "p999"), st.floats(0, 1e6)))


@given(LATENCIES, LATENCIES, st.sampled_from(["p50", "p95", "p99", "p999"]), st.floats(0, 1e6))
def test_a_slower_run_is_never_judged_better(
    now: dict[str, Any], before: dict[str, Any], latency: str, by: float
) -> None:
    measured, baseline = row(**now), row(**before)
    slower = replace(measured, **{latency: now[latency] + by})
    assert against(slower, baseline).kept <= against(measured, baseline).kept


@given(LATENCIES, st.integers(0, 1000))
def test_a_run_is_never_worse_than_itself(latencies: dict[str, float], failures: int) -> None:
    measured = row(**latencies, failures=failures)
    assert against(measured, measured).kept
