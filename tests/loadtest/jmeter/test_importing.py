"""A result file of JMeter becomes a run like any other."""

from __future__ import annotations

import re
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
from loadtest.profile import Profile, load_profile
from loadtest.results import EVERYTHING, INTERVAL_SECONDS, Failure, Row, Run, read_run
from tests.loadtest.jmeter.example import PLAN, PROFILE, example
from tests.loadtest.jmeter.result_files import (
    COLUMNS,
    START,
    TRANSACTION,
    Made,
    transaction,
    write_csv,
    write_xml,
)

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
    code=st.sampled_from(["200", "404", "503"]),
    thread=st.sampled_from(["reader 1-1", "reader 1-2"]),
    idle=st.just(0),
    inside=st.just(()),
)
MANY = st.lists(MADE, min_size=1, max_size=100)


def imported(file: Path, folder: Path, plan: Path | None = None) -> Run:
    return import_results(file, folder, example(), "origin", "https://www.example.com", plan)


def a_minute() -> Profile:
    """The example, which lasts for 59 seconds here instead of for three."""
    profile = example()
    shape = profile.shape.model_copy(update={"after_seconds": 56.0})
    return profile.model_copy(update={"shape": shape})


def ended(made: Made) -> int:
    return made.after + made.elapsed + made.idle


def in_order_of_ends(made: Made) -> tuple[int, bool]:
    """As JMeter writes them: a transaction after its requests."""
    return ended(made), made.label == TRANSACTION


def in_order_of_starts(made: Made) -> tuple[int, bool]:
    """As `sort` may leave them: a transaction before its requests."""
    return made.after, made.label != TRANSACTION


def key(row: Row) -> tuple[float, str]:
    return row.start, f"{row.method} {row.name}".strip()


def row_of(run: Run, made: Made, samples: Sequence[Made]) -> tuple[float, str]:
    """Where a sample belongs. In binary, where a thousandth of a second has no exact number."""
    ended_at = (START + made.after) / 1000 + made.elapsed / 1000
    first = min(each.after for each in samples)
    at = int((ended_at - (START + first) / 1000) / INTERVAL_SECONDS)
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
            check_row(row, [made for made in samples if row_of(run, made, samples) == key(row)])
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
    file = write_csv(tmp_path / "results.jtl", [Made(0, 10, threads=5), Made(7000, 20, threads=5)])
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


def test_a_stall_is_an_interval_without_requests_but_with_its_users(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 5, threads=7), Made(1, 31_000, threads=7)])
    rows = imported(file, tmp_path / "run").overall
    assert [(row.requests, row.users) for row in rows] == [(1, 7), *[(0, 7)] * 4, (1, 7)]


def test_a_run_begins_with_who_began_first_not_with_who_ended_first(tmp_path: Path) -> None:
    slow = Made(0, 8100, label="GET /slow")
    file = write_csv(tmp_path / "results.jtl", [Made(8000, 10), slow, Made(18_900, 10)])
    run = imported(file, tmp_path / "run")
    assert (run.about.started, run.about.seconds) == (START / 1000, 18.91)
    assert [row.requests for row in run.overall] == [0, 2, 0, 1]


ORDERS = pytest.mark.parametrize("order", [in_order_of_ends, in_order_of_starts])
Order = Callable[[Made], tuple[int, bool]]


@ORDERS
def test_lines_may_be_in_order_of_ends_or_of_starts(order: Order, tmp_path: Path) -> None:
    """Each sample is in the interval in which it ended, however long it took."""
    samples = [Made(0, 900_000), *(Made(10_000 * at, 50) for at in range(100))]
    run = imported(write_csv(tmp_path / "a.jtl", sorted(samples, key=order)), tmp_path / "a")
    requests = {row.start - START / 1000: row.requests for row in run.overall}
    assert [requests[at] for at in (0.0, 5.0, 10.0, 890.0, 900.0)] == [1, 0, 1, 1, 2]


@ORDERS
def test_transactions_may_be_in_either_order(order: Order, tmp_path: Path) -> None:
    """One whose thread thinks before each request, then one that takes no time at all."""
    thoughtful = transaction(0, of=2)._replace(elapsed=12, idle=3000)
    swift = transaction(3012, of=1)._replace(elapsed=0)
    samples = [thoughtful, Made(1500, 5), Made(3005, 7), swift, Made(3012, 0), Made(4000, 1)]
    run = imported(write_csv(tmp_path / "a.jtl", sorted(samples, key=order)), tmp_path / "a")
    assert run.total is not None
    assert run.total.requests == 4


def test_a_run_ends_with_who_ended_last_not_with_who_began_last(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 8100), Made(7000, 10)])
    assert imported(file, tmp_path / "run").about.seconds == 8.1


@pytest.mark.parametrize("write", [write_csv, write_xml])
def test_what_sums_up_others_is_not_counted_besides(
    write: Callable[[Path, list[Made]], Path], tmp_path: Path
) -> None:
    """Transactions within each other sum up the same requests; one may have had none to send."""
    outer = inner = transaction(0, of=2)
    samples = [Made(0, 5), Made(5, 5), inner, outer, transaction(10, of=0)]
    run = imported(write(tmp_path / "results.jtl", samples), tmp_path / "run")
    assert run.total is not None
    assert run.total.requests == 2


def test_what_a_transaction_has_inside_is_counted_instead_of_it(tmp_path: Path) -> None:
    first, second = Made(0, 5, "GET /a"), Made(5, 7, "GET /b", succeeded=False, code="503")
    inner = transaction(20, Made(20, 9, "GET /c"))
    nobody = transaction(50, transaction(50, of=0))
    samples = [transaction(0, first, second), transaction(20, inner), Made(40, 1, "GET /d"), nobody]
    run = imported(write_xml(tmp_path / "results.jtl", samples), tmp_path / "run")
    counted = [(row.name, row.requests, row.failures, row.longest) for row in run.totals]
    assert counted == [
        *[("/a", 1, 0, 5), ("/b", 1, 1, 7), ("/c", 1, 0, 9), ("/d", 1, 0, 1)],
        (EVERYTHING, 4, 1, 9),
    ]


@pytest.mark.parametrize("later", [(), (Made(15, 5),)], ids=["at the end", "before others"])
@pytest.mark.parametrize(("write", "line"), [(write_csv, 4), (write_xml, 9)])
def test_a_transaction_that_stands_instead_of_its_requests_is_refused(
    write: Callable[[Path, list[Made]], Path], line: int, later: Sequence[Made], tmp_path: Path
) -> None:
    """As `Generate parent sample` has it in CSV, and in XML without sub-results.

    Requests of other threads are not its own, nor are those before it and after it.
    """
    samples = [Made(0, 5), Made(4, 20, thread="reader 1-2"), transaction(5, of=2), *later]
    file = write(tmp_path / "results.jtl", samples)
    said = rf"jtl:{line}: a transaction without its requests\n.*output_format=xml .*subresults=true"
    with pytest.raises(UsageError, match=said):
        imported(file, tmp_path / "run")


def test_so_is_one_within_another(tmp_path: Path) -> None:
    samples = [transaction(0, Made(0, 5), transaction(5, of=2))]
    with pytest.raises(UsageError, match="jtl:7: a transaction without its requests\n"):
        imported(write_xml(tmp_path / "results.jtl", samples), tmp_path / "run")


@pytest.mark.parametrize("label", [EVERYTHING, f"GET {EVERYTHING}"])
def test_no_request_is_called_as_all_together_are(label: str, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 5), Made(9, 5, label=label)])
    with pytest.raises(UsageError, match=r"jtl:3: a request is called Aggregated, .*\n.*label"):
        imported(file, tmp_path / "run")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("503", "503 Service Unavailable"),
        ("200", "200 OK, but failed a check"),
        ("599", "599"),
        ("Non HTTP response code: java.net.SocketTimeoutException", "SocketTimeoutException"),
        ("Non HTTP response code: a.b.Outer$Inner: 10.0.0.7", "Inner"),
        ("", "no response code"),
        ("x" * 500, "x" * 60),
    ],
)
def test_failures_have_a_reason_that_many_share(code: str, reason: str, tmp_path: Path) -> None:
    """What a message says, as an address, is not in it."""
    samples = [
        Made(at, 1, succeeded=at == 0, code=code, message=f"Connect to 10.0.0.{at} refused")
        for at in range(4)
    ]
    run = imported(write_csv(tmp_path / "results.jtl", samples), tmp_path / "run")
    assert run.failures == [Failure(method="GET", name="/api/time", reason=reason, requests=3)]


def test_a_run_that_was_broken_off_is_not_completed(tmp_path: Path) -> None:
    """Less than an interval is not told from that."""
    for seconds, said in ((59, "completed"), (40, "over after 40 of 59 seconds")):
        file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(1000 * seconds, 0)])
        assert import_results(file, tmp_path / "run", a_minute()).about.ended == said


def test_nor_are_two_runs_that_jmeter_wrote_into_one_file(tmp_path: Path) -> None:
    """A minute longer than planned may be one whose last answers hung."""
    said = "123 of 59 seconds long: several runs in one file?"
    for seconds, ended in ((119, "completed"), (123, said)):
        file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(1000 * seconds, 0)])
        assert import_results(file, tmp_path / "run", a_minute()).about.ended == ended


def test_users_may_think_before_their_first_request_and_after_their_last(tmp_path: Path) -> None:
    profile = a_minute()
    think = profile.think_seconds.model_copy(update={"reader": [0.0, 10.0]})
    slow = profile.model_copy(update={"think_seconds": think})
    for seconds, said in ((35, "completed"), (33, "over after 33 of 59 seconds")):
        file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(1000 * seconds, 0)])
        assert import_results(file, tmp_path / "run", slow).about.ended == said


def test_a_plan_with_nobody_at_its_ends_is_over_with_its_last_thread(tmp_path: Path) -> None:
    """The trace lasts for a minute, and has users from its 20th second to its 40th."""
    (tmp_path / "trace.csv").write_text("seconds,users\n0,0\n20,0\n21,4\n40,4\n41,0\n60,0\n")
    before, after = re.split(r"shape:(?s:.*)(?=hosts:)", PROFILE.read_text())
    shape = "shape: {kind: trace, file: trace.csv}\n"
    (tmp_path / "quiet.yaml").write_text(before + shape + after)
    for seconds, said in ((19, "completed"), (10, "over after 10 of 20 seconds")):
        file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(1000 * seconds, 0)])
        run = import_results(file, tmp_path / "run", load_profile(tmp_path / "quiet.yaml"))
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
    assert peak(2000) < 1.3 * peak(500)


def test_times_out_of_order_are_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(900_000, 0), Made(10_000, 0)])
    said = r"jtl:4: a sample that ended 890 s before one above it began\n"
    with pytest.raises(UsageError, match=said):
        imported(file, tmp_path / "run")


def test_runs_of_other_days_in_one_file_are_refused(tmp_path: Path) -> None:
    weeks = 3 * 7 * 86_400_000
    file = write_csv(tmp_path / "results.jtl", [Made(0, 0), Made(weeks, 0)])
    with pytest.raises(UsageError, match=r"jtl:3: a sample 1814400 s after the first\n.*each"):
        imported(file, tmp_path / "run")


def test_a_file_without_a_request_is_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "results.jtl", [])
    with pytest.raises(UsageError, match=r"jtl:1: no sample of a request\n"):
        imported(file, tmp_path / "run")
    assert not (tmp_path / "run").exists()
