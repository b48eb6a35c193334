"""A plan that we export is opened and run by a real JMeter, and its results come back.

With a journey of another's besides: transactions whose requests are inside them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.errors import UsageError
from loadtest.gate import Slo, judge
from loadtest.jmeter.importing import import_results
from loadtest.jmeter.plan import export_plan
from loadtest.jmeter.requests import STATIC
from loadtest.results import EVERYTHING, Run, read_run
from tests.loadtest.counting import Counted, counting
from tests.loadtest.jmeter.example import example
from tests.loadtest.jmeter.journey import JOURNEY, ROUNDS, add_journey
from tests.loadtest.jmeter.real import jmeter_command, run_jmeter

LOST = "PUT /api/sessions/{id}"
"""A route whose sessions are always gone."""


class Loaded(NamedTuple):
    counted: Counted
    run: Run
    folder: Path
    csv: Path
    """The same run as CSV, which has nothing of what is inside transactions."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The example and the journey, run once against a server that counts."""
    jmeter_command()
    folder = tmp_path_factory.mktemp("jmeter")
    export_plan(example(), folder / "plan.jmx", "origin")
    add_journey(folder / "plan.jmx", folder / "results.csv")
    with counting() as counted:
        counted.statuses = {LOST: 404, JOURNEY[1]: 503}
        where: dict[str, str | int] = {
            "host": "127.0.0.1",
            "port": counted.port,
            "protocol": "http",
        }
        results = run_jmeter(folder, folder / "plan.jmx", "hush", **where)
    run = import_results(results, folder / "run", example(), "origin", counted.host)
    return Loaded(counted, run, folder / "run", folder / "results.csv")


def rows(run: Run) -> dict[str, int]:
    return {
        f"{row.method} {row.name}": row.requests for row in run.totals if row.name != EVERYTHING
    }


def measured(run: Run) -> dict[str, tuple[float, ...]]:
    return {
        f"{row.method} {row.name}": (row.requests, row.failures, row.bytes, row.p50, row.longest)
        for row in run.totals
        if row.name != EVERYTHING
    }


def test_its_results_have_each_request_that_the_server_had(loaded: Loaded) -> None:
    assert rows(loaded.run) == loaded.counted.routes
    assert loaded.run.total is not None
    assert loaded.run.total.requests == loaded.counted.total > 100


def test_all_kinds_of_users_do_all_that_they_do(loaded: Loaded) -> None:
    assert set(loaded.counted.routes) == {
        "GET /static/{name}",
        "GET /api/boards/{board}",
        "GET /api/boards/{board}/players/{player}",
        "POST /api/boards/{board}/scores",
        "POST /api/sessions",
        "GET /api/sessions/{id}",
        "PUT /api/sessions/{id}",
        "GET /api/work",
        *JOURNEY,
    }


def test_a_status_that_is_not_right_is_a_failure_and_nothing_else_is(loaded: Loaded) -> None:
    failures = {f"{each.method} {each.name}": each.reason for each in loaded.run.failures}
    assert failures == {LOST: "404 Not Found", JOURNEY[1]: "503 Service Unavailable"}
    counts = [each.requests for each in loaded.run.failures]
    assert counts == [loaded.counted.routes[LOST], ROUNDS]


def test_what_is_inside_transactions_is_counted(loaded: Loaded) -> None:
    found = rows(loaded.run)
    assert [found[name] for name in JOURNEY] == [ROUNDS, ROUNDS]


def test_as_csv_transactions_without_their_requests_are_refused(loaded: Loaded) -> None:
    with pytest.raises(UsageError, match=r"csv:2: a transaction without its requests\n"):
        import_results(loaded.csv, loaded.folder, example())


def test_as_csv_it_has_all_else(loaded: Loaded, tmp_path: Path) -> None:
    lines = loaded.csv.read_text().splitlines(keepends=True)
    rest = tmp_path / "results.csv"
    rest.write_text("".join(line for line in lines if "samples in transaction" not in line))
    run = import_results(rest, tmp_path / "run", example(), "origin")
    of_xml = {name: found for name, found in measured(loaded.run).items() if name not in JOURNEY}
    assert measured(run) == of_xml


def test_a_session_that_is_gone_is_made_again(loaded: Loaded) -> None:
    peak = 10
    made, lost = (loaded.counted.routes[name] for name in ("POST /api/sessions", LOST))
    assert lost - peak <= made <= lost + peak


def test_every_request_has_the_secret(loaded: Loaded) -> None:
    headers = Counter(b"X-Origin-Secret: hush" in head for head in loaded.counted.heads)
    assert headers == {True: loaded.counted.total}


def test_paths_have_values_where_the_plan_has_variables(loaded: Loaded) -> None:
    paths = {head.split(b" ")[1].decode() for head in loaded.counted.heads}
    assert not [path for path in paths if "$" in path or "%" in path]
    static = {path for path in paths if path.startswith("/static/")}
    assert static == {f"/static/{name}" for name in STATIC.values()}


def test_the_ceiling_holds(loaded: Loaded) -> None:
    """The users would send several times as much."""
    seconds = loaded.counted.ended[-1] - loaded.counted.ended[0]
    assert len(loaded.counted.ended) <= 60 * seconds + 10


def test_as_many_users_as_the_shape_has_at_its_peak(loaded: Loaded) -> None:
    assert loaded.run.total is not None
    assert loaded.run.total.users == 10


def test_the_run_is_one_that_report_and_gate_take(loaded: Loaded) -> None:
    run = read_run(loaded.folder)
    assert (run.about.tool, run.about.ended, run.about.profile) == (
        "jmeter",
        "completed",
        "example",
    )
    assert judge(run, Slo(error_percent=0)).missed


def test_a_run_lasts_as_long_as_its_plan(loaded: Loaded) -> None:
    planned = example().curve("origin").seconds
    assert planned - 1 < loaded.run.about.seconds < planned + 30
