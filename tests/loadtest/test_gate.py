"""The gate: a run that must fail fails, one that must pass passes, and nothing passes silently."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.gate import Slo, judge, notes
from loadtest.results import Row
from tests.loadtest.runs import row, run

ALL = Slo(
    p50_milliseconds=10,
    p95_milliseconds=40,
    p99_milliseconds=50,
    p999_milliseconds=60,
    error_percent=0.5,
    minimum_requests=1000,
)
"""What `row()` just keeps."""


def test_a_run_at_its_limits_passes() -> None:
    verdict = judge(run(row()), ALL)
    assert verdict.kept
    assert len(verdict.objectives) == 7


@pytest.mark.parametrize(
    ("worse", "words"),
    [
        ({"p50": 10.1}, "p50 10.1 ms (asked: at most 10 ms)"),
        ({"p95": 40.1}, "p95 40.1 ms (asked: at most 40 ms)"),
        ({"p99": 50.1}, "p99 50.1 ms (asked: at most 50 ms)"),
        ({"p999": 1234.5}, "p99.9 1,234.5 ms (asked: at most 60 ms)"),
        ({"failures": 6}, "errors 0.6 % (asked: at most 0.5 %)"),
        ({"requests": 999, "failures": 0}, "requests 999 (asked: at least 1,000, too few to tell)"),
    ],
)
def test_each_objective_can_fail_and_says_how(worse: dict[str, Any], words: str) -> None:
    verdict = judge(run(row(**worse)), ALL)
    assert not verdict.kept
    assert [objective.words for objective in verdict.missed] == [words]


def test_what_is_not_asked_is_not_judged() -> None:
    verdict = judge(run(row(p999=1e9, failures=1000)), Slo())
    assert verdict.kept
    assert [objective.what for objective in verdict.objectives] == ["the run was", "requests"]


@pytest.mark.parametrize("ended", ["interrupted", "lost 1 of 2 workers", ""])
def test_a_run_that_ended_early_fails(ended: str) -> None:
    verdict = judge(run(row(), ended=ended), Slo())
    assert [objective.measured for objective in verdict.missed] == [ended]


@pytest.mark.parametrize("totals", [(), (row(requests=0, failures=0),), (row("/only/a/name"),)])
def test_a_run_without_requests_fails(totals: tuple[Row, ...]) -> None:
    assert not judge(run(*totals), Slo()).kept


@pytest.mark.parametrize("latency", ["p50", "p95", "p99", "p999"])
def test_what_is_no_number_fails(latency: str) -> None:
    assert not judge(run(row(**{latency: math.nan})), ALL).kept


def test_a_name_is_asked_for_more_than_the_whole() -> None:
    slo = Slo(by_name={"/api": Slo(p99_milliseconds=49)})
    verdict = judge(run(row(), row("/api"), row("/other", p99=1e6)), slo)
    assert [o.words for o in verdict.missed] == ["GET /api: p99 50 ms (asked: at most 49 ms)"]
    assert judge(run(row(), row("/api", p99=49)), slo).kept


def test_every_method_of_a_name_is_judged() -> None:
    slo = Slo(by_name={"/api": Slo(p99_milliseconds=50)})
    verdict = judge(run(row(), row("/api"), row("/api", method="PUT", p99=51)), slo)
    assert [objective.name for objective in verdict.missed] == ["PUT /api"]


def test_a_name_that_was_never_asked_for_fails() -> None:
    verdict = judge(run(row(), row("/api")), Slo(by_name={"/apj": Slo()}))
    assert [objective.name for objective in verdict.missed] == ["/apj"]


def test_a_saturated_generator_is_told_and_not_judged() -> None:
    tired = run(row(), saturated=True)
    assert judge(tired, ALL).kept
    (note,) = notes(tired)
    assert "no CPU time left: latencies include its own waiting" in note
    assert notes(run(row())) == ()


MEASURED = st.floats(0, 1e6)
LIMITS = st.none() | MEASURED
SLOS = st.builds(
    Slo,
    p50_milliseconds=LIMITS,
    p95_milliseconds=LIMITS,
    p99_milliseconds=LIMITS,
    p999_milliseconds=LIMITS,
    error_percent=st.none() | st.floats(0, 100),
    minimum_requests=st.none() | st.integers(1, 2000),
)
ROWS = st.builds(
    lambda latencies, requests, failures: row(
        **latencies, requests=requests, failures=min(requests, failures)
    ),
    st.fixed_dictionaries(dict.fromkeys(("p50", "p95", "p99", "p999"), MEASURED)),
    st.integers(0, 2000),
    st.integers(0, 2000),
)


@given(ROWS, SLOS, st.sampled_from(["p50", "p95", "p99", "p999"]), MEASURED)
def test_worse_latency_never_turns_a_miss_into_a_pass(
    measured: Row, slo: Slo, latency: str, by: float
) -> None:
    slower: dict[str, Any] = {latency: asdict(measured)[latency] + by}
    worse = replace(measured, **slower)
    assert judge(run(worse), slo).kept <= judge(run(measured), slo).kept


@given(ROWS, SLOS, st.integers(1, 2000))
def test_more_failures_never_turn_a_miss_into_a_pass(measured: Row, slo: Slo, by: int) -> None:
    worse = replace(measured, failures=min(measured.requests, measured.failures + by))
    assert judge(run(worse), slo).kept <= judge(run(measured), slo).kept


@given(ROWS, SLOS, SLOS)
def test_asking_for_a_name_besides_never_makes_it_easier(
    measured: Row, slo: Slo, more: Slo
) -> None:
    named = replace(measured, name="/api", method="GET")
    harder = replace(slo, by_name={"/api": more})
    assert judge(run(measured, named), harder).kept <= judge(run(measured, named), slo).kept
