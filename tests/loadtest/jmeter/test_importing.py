"""A result file of JMeter becomes a run like any other."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import UsageError
from loadtest.jmeter.importing import import_results
from loadtest.results import EVERYTHING, INTERVAL_SECONDS, Row, Run, read_run
from tests.loadtest.jmeter.example import PLAN, example
from tests.loadtest.jmeter.result_files import COLUMNS, START, Made, write_csv, write_xml

PERCENTILES = {"p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99, "p999": 99.9}
MADE = st.builds(
    Made,
    after=st.integers(0, 20_000),
    elapsed=st.one_of(st.integers(0, 40), st.integers(0, 10_000)),
    label=st.sampled_from(["GET /api/time", "POST /api/sessions", 'Welt, "größer" & <mehr>']),
    succeeded=st.booleans(),
    bytes=st.integers(0, 5000),
    threads=st.integers(0, 500),
    message=st.just("OK"),
)
MANY = st.lists(MADE, min_size=1, max_size=150)


def imported(file: Path, folder: Path, **more: Path) -> Run:
    return import_results(file, folder, example(), "origin", "https://www.example.com", **more)


def ended(made: Made) -> int:
    return made.after + made.elapsed


def key(row: Row) -> tuple[float, str]:
    return row.start, f"{row.method} {row.name}".strip()


def row_of(run: Run, made: Made, first: Made) -> tuple[float, str]:
    """Where a sample belongs. In binary, where a thousandth of a second has no exact number."""
    ended_at = (START + made.after) / 1000 + made.elapsed / 1000
    at = int((ended_at - (START + first.after) / 1000) / INTERVAL_SECONDS)
    return run.overall[max(0, min(at, len(run.overall) - 1))].start, made.label


def check_row(row: Row, samples: Sequence[Made]) -> None:
    """Latencies are within 0.5 % of numpy's (and six digits); what is counted is exact."""
    times = [made.elapsed for made in samples]
    assert row.requests == len(samples)
    assert row.failures == sum(not made.succeeded for made in samples)
    assert row.bytes == sum(made.bytes for made in samples)
    assert row.longest == pytest.approx(max(times), rel=1e-5)
    for name, percent in PERCENTILES.items():
        exact = float(np.percentile(times, percent, method="inverted_cdf"))
        assert getattr(row, name) == pytest.approx(exact, rel=0.00502, abs=1e-9)


@settings(max_examples=40)
@given(MANY, st.permutations(COLUMNS), st.sampled_from(",;\t"))
def test_every_row_is_what_numpy_says_of_its_samples(
    samples: list[Made], columns: list[str], delimiter: str
) -> None:
    samples.sort(key=ended)
    with TemporaryDirectory() as name:
        file = write_csv(Path(name) / "results.jtl", samples, columns, delimiter)
        run = imported(file, Path(name) / "run")
    for row in run.intervals:
        if row.name != EVERYTHING:
            check_row(row, [made for made in samples if row_of(run, made, samples[0]) == key(row)])
    assert sum(row.requests for row in run.overall) == len(samples)
    assert run.total is not None
    check_row(run.total, samples)


@settings(max_examples=20)
@given(MANY)
def test_both_forms_of_a_result_file_say_the_same(samples: list[Made]) -> None:
    samples.sort(key=ended)
    with TemporaryDirectory() as name:
        of_csv = imported(write_csv(Path(name) / "a.jtl", samples), Path(name) / "a")
        of_xml = imported(write_xml(Path(name) / "b.jtl", samples), Path(name) / "b")
    assert of_csv == of_xml


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 10), Made(7000, 20, threads=5)])
    run = imported(file, tmp_path / "run")
    kept = read_run(tmp_path / "run")
    assert (kept.about, tuple(kept.intervals), tuple(kept.totals)) == (
        run.about,
        tuple(run.intervals),
        tuple(run.totals),
    )
    assert (run.about.tool, run.about.profile, run.about.target) == ("jmeter", "example", "origin")
    assert (run.about.started, run.about.seconds) == (START / 1000, 7.02)
    assert [row.users for row in run.overall] == [5]


def test_labels_are_methods_and_names_where_they_say_so(tmp_path: Path) -> None:
    samples = [Made(0, 1, label=label) for label in ("PUT /api/sessions/{id}", "Log in")]
    run = imported(write_csv(tmp_path / "results.jtl", samples), tmp_path / "run")
    names = [(row.method, row.name) for row in run.totals]
    assert names == [("", "Log in"), ("PUT", "/api/sessions/{id}"), ("", EVERYTHING)]


def test_a_stall_is_an_interval_without_requests(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 5), Made(1, 16_000)])
    requests = [row.requests for row in imported(file, tmp_path / "run").overall]
    assert requests == [1, 0, 1]


@pytest.mark.parametrize("write", [write_csv, write_xml])
def test_what_sums_up_others_is_not_counted_besides(
    write: Callable[[Path, list[Made]], Path], tmp_path: Path
) -> None:
    of_two = "Number of samples in transaction : 2, number of failing samples : 0"
    samples = [Made(0, 5), Made(5, 5), Made(0, 10, label="Log in", message=of_two)]
    run = imported(write(tmp_path / "results.jtl", samples), tmp_path / "run")
    assert run.total is not None
    assert run.total.requests == 2


def test_a_run_that_was_broken_off_is_not_completed(tmp_path: Path) -> None:
    """The example lasts for four seconds; less than an interval is not told from that."""
    profile = example()
    shape = profile.shape.model_copy(update={"after_seconds": 56.0})
    long = profile.model_copy(update={"shape": shape})
    for seconds, said in ((59, "completed"), (40, "over after 40 of 59 seconds")):
        file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(1000 * seconds, 0)])
        run = import_results(file, tmp_path / "run", long)
        assert run.about.ended == said


def test_runs_of_another_plan_are_told_apart(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 5)])
    (tmp_path / "own.jmx").write_text("<jmeterTestPlan/>")
    exported = imported(file, tmp_path / "run")
    as_exported = imported(file, tmp_path / "run", plan=PLAN)
    own = imported(file, tmp_path / "run", plan=tmp_path / "own.jmx")
    assert exported.about.code_sha256 == as_exported.about.code_sha256 != own.about.code_sha256


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        samples = (Made(at * 60_000 // count, at % 300) for at in range(count))
        file = write_csv(tmp_path / "results.jtl", samples)
        tracemalloc.start()
        imported(file, tmp_path / "run")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(12_000) < 1.3 * peak(3000)


def test_times_out_of_order_are_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(100_000, 0), Made(10_000, 0)])
    with pytest.raises(UsageError, match=r"jtl:4: a sample that ended 90 s before one above it\n"):
        imported(file, tmp_path / "run")


def test_two_runs_in_one_file_are_refused(tmp_path: Path) -> None:
    weeks = 3 * 7 * 86_400_000
    file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(weeks, 0)])
    with pytest.raises(UsageError, match=r"jtl:3: a sample 1814400 s after the first\n.*each"):
        imported(file, tmp_path / "run")


def test_a_file_without_a_request_is_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [])
    with pytest.raises(UsageError, match=r"jtl:1: no sample of a request\n"):
        imported(file, tmp_path / "run")
    assert not (tmp_path / "run").exists()
