"""The page: it agrees with the CSV files, needs nothing else, and lets nothing in."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from generator.errors import UsageError
from loadtest.baseline import Tolerances, compare
from loadtest.events import Activity, Alarm, Capacity
from loadtest.gate import Slo, judge
from loadtest.report import Report, write_report
from loadtest.report.by_name import by_name
from loadtest.report.page import page_html
from loadtest.report.panels import Window
from loadtest.report.picture import picture_of
from loadtest.results import Failure, Run, read_run, write_run
from tests.loadtest.report.example import SLO, START, about, spike_run
from tests.loadtest.report.pages import Page
from tests.loadtest.runs import row, run

TEN = tuple(
    f"{area}-{n}"
    for area in ("eu-west", "us-east", "ap-south", "sa-east", "me-south")
    for n in (1, 2)
)
HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--<script>",
    "'; --x: url(http://192.0.2.7/); '",
    "$\\frac{$ \\undefined",
    "\x00\x1b[31m\ud800\u202e\u2028\n\tx",
    "대기열/플레이어 🎮",
    "a" * 5000,
)


def page_of(made: Run, slo: Slo = SLO) -> Page:
    """The page of a run, read back."""
    html = page_html(made, picture_of(made, slo), judge(made, slo))
    page = Page(html.encode().decode())
    assert page.is_whole
    return page


def test_each_reading_has_its_place_in_a_legend(example: Report) -> None:
    page = Page(example.page.read_text(encoding="utf-8"))
    places = [a["id"] for a in page.of("output") if a["id"].startswith("r")]
    assert places == [f"r{at}" for at in range(len(page.embedded("readings")))]


def test_it_needs_nothing_else(example: Report) -> None:
    html = example.page.read_text(encoding="utf-8")
    attributes = {name for _, given in Page(html).elements for name in given}
    assert not attributes & {"src", "srcset", "data", "action", "poster", "xlink:href"}
    assert {link["href"][0] for link in Page(html).of("a")} == {"#"}
    assert not [name for name in attributes if name.startswith("on")]
    assert not re.search(r"url\(|@import|https?://(?!www\.example\.com)", html)


def test_its_policy_allows_its_own_script_and_nothing_else(example: Report) -> None:
    page = Page(example.page.read_text(encoding="utf-8"))
    (policy,) = (a["content"] for a in page.of("meta") if "http-equiv" in a)
    digest = base64.b64encode(hashlib.sha256(page.scripts["code"].encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert re.findall(r"script-src ([^;]*)", policy) == [f"'sha256-{digest}'"]


def test_the_verdict_stands_at_its_top(example: Report) -> None:
    assert not example.kept
    text = Page(example.page.read_text(encoding="utf-8")).text
    assert "✗ SLO missed 5 of 9 objectives: p50, p99, errors, p99 of GET /api/" in text
    assert "✗ Worse than the baseline in p99, p99 of GET /api/boards/[board]?top=10," in text
    kept = page_of(spike_run(), Slo())
    assert "✓ SLO kept 2 of 2 objectives" in kept.text


def test_its_verdict_leads_to_the_tables(example: Report) -> None:
    page = Page(example.page.read_text(encoding="utf-8"))
    links = [link["href"].removeprefix("#") for link in page.of("a")]
    assert links == [heading["id"] for heading in page.of("h2") if "id" in heading]


def test_a_run_that_was_broken_off_says_so_at_its_top() -> None:
    assert (
        "1 of 2 objectives: the run was interrupted"
        in page_of(run(row(), ended="interrupted"), Slo()).text
    )


def test_what_is_to_be_known_of_its_numbers_is_told() -> None:
    assert (
        "Note: a process that sent the load had no CPU time left"
        in page_of(run(row(), saturated=True)).text
    )
    assert "Note:" not in page_of(run(row())).text


def test_where_capacity_is_sampled_its_moments_are_as_exact_as_that() -> None:
    """CloudWatch's samples lie on whole minutes; a file of events may tell of the same stacks."""
    told = spike_run()._replace(about=about(environment="dev"))
    minutes = [
        replace(event, time=math.ceil(event.time / 60) * 60.0) if event.time > START else event
        for event in told.events
    ]
    sampled = told._replace(events=minutes)
    assert "more were in service after 3 min 10 s ± 1 min." in page_of(sampled).text
    assert "±" not in page_of(told).text
    assert "±" not in page_of(sampled._replace(about=about())).text


@pytest.mark.parametrize(("reasons", "told"), [(50, False), (51, True)])
def test_of_very_many_reasons_the_most_frequent_are_told(reasons: int, told: bool) -> None:
    failures = tuple(
        Failure(method="GET", name="/api", reason=f"reason {at}", requests=99 - at)
        for at in range(reasons)
    )
    text = page_of(run(row())._replace(failures=failures)).text
    assert "reason 49" in text
    assert ("and 1 more: failures.csv has them" in text) is told


def test_of_very_many_names_the_most_asked_for_are_drawn() -> None:
    names = [row(f"/{at}", requests=1000 - at) for at in range(42)]
    text = page_of(run(row(), *names, intervals=(row(), *names))).text
    assert "and 2 more that were asked for less" in text


def test_a_latency_below_what_was_measured_is_no_absence_of_it() -> None:
    """A tool that counts whole milliseconds tells 0 of a fast answer."""
    fast = row("/api", p50=0, p99=0, failures=0)
    text = page_of(run(fast, intervals=(row(), fast))).text
    assert "p99 peak 0 ms" in text
    assert "peak 0 %" in text
    assert "peak 0 ms at" not in text


def test_a_name_that_was_not_asked_for_in_an_interval_had_no_requests_then() -> None:
    """It has no row there, but all requests have one."""
    rows = (
        row(),
        row("/api"),
        row(start=START + 60),
        row(start=START + 120),
        row("/api", start=START + 120),
    )
    (named,) = by_name(run(row("/api"), intervals=rows), Window(START, START + 180))
    assert [each.text for each in named.rate.readings] == ["16.7", "0", "16.7"]
    assert [each.text for each in named.p99.readings] == ["50 ms", "–", "50 ms"]
    assert len(named.errors.segments) == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_what_comes_from_outside_is_shown_and_does_nothing(text: str) -> None:
    hostile = spike_run()._replace(
        about=about(profile=text, host=text, ended=text, tool=text),
        intervals=(row(), row(text)),
        totals=(row(), row(text, method=text)),
        failures=(Failure(method=text, name=text, reason=text, requests=1),),
        events=(
            Capacity(time=START, place=text, in_service=1, desired=2),
            Alarm(time=START, place=text, name=text, state=text),
            Alarm(time=START, place="b", name=text + "b", state="ALARM"),
            Activity(time=START + 5, place=text, text=text),
        ),
    )
    compared = compare(hostile, hostile._replace(about=about(tool=text)), Tolerances())
    html = page_html(hostile, picture_of(hostile, SLO), judge(hostile, SLO), compared)
    page = Page(html.encode().decode())
    assert page.is_whole
    assert [a.get("id") for a in page.of("script")] == ["readings", None]
    assert not page.of("img")
    assert not {name for _, given in page.elements for name in given if name.startswith("on")}
    assert not {c for c in page.text if not c.isprintable()} - {"\n"}


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (run(seconds=0.0), "Nothing was measured"),
        (run(row(), intervals=(row(),)), "p99"),
        (run(row(requests=0, failures=0), intervals=(row(requests=0, failures=0),)), "–"),
        (run(row(), intervals=(row(seconds=0.0),), seconds=0.0), "p99"),
        (spike_run()._replace(events=()), "Latency"),
        (spike_run()._replace(intervals=(), totals=()), "Capacity"),
        (spike_run(TEN), "and 24 more"),
    ],
    ids=["empty", "one interval", "no answers", "no time", "no events", "only events", "ten"],
)
def test_any_run_has_a_page(made: Run, shown: str) -> None:
    assert shown in page_of(made).text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_drawn_and_breaks_nothing(value: float) -> None:
    odd = row(p50=value, p99=value, longest=value)
    made = run(odd, row("/api", p50=value), intervals=(odd, row(start=START + 60)))
    html = page_html(made, picture_of(made, SLO), judge(made, SLO))
    assert not re.search(r' d="[^"]*(nan|inf)', html)
    assert Page(html).embedded("readings")[1:4] == [
        [[0, 60], ["–", "10 ms"]],
        [[0, 60], ["40 ms", "40 ms"]],
        [[0, 60], ["–", "50 ms"]],
    ]


def test_events_are_all_told() -> None:
    page = page_of(spike_run(TEN))
    assert "Events (250)" in page.text
    for place in TEN:
        assert place in page.text


def test_a_comparison_shows_what_became_worse() -> None:
    now, before = run(row(p99=90), row("/api")), run(row(), row("/api"))
    html = page_html(
        now, picture_of(now, SLO), judge(now, Slo()), compare(now, before, Tolerances())
    )
    text = Page(html).text
    assert "90 ms +80 %" in text
    assert "✗ Worse than the baseline in p99 details" in text


def test_what_is_reported_is_what_was_judged(example: Report) -> None:
    made = read_run(example.page.parent)
    assert example.verdict == judge(made, SLO)
    assert example.comparison
    assert example.comparison.regressions[0].startswith("p99 ")


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run lies there"):
        write_report(tmp_path, slo=SLO)
    assert not list(tmp_path.iterdir())


def test_an_unlike_baseline_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    write_run(tmp_path / "now", run(row()))
    write_run(tmp_path / "then", run(row(), target="edge"))
    with pytest.raises(UsageError, match="target: origin here, edge in the baseline"):
        write_report(tmp_path / "now", slo=SLO, baseline=tmp_path / "then")
    assert not (tmp_path / "now" / "report.html").exists()


def test_without_matplotlib_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path, run(row()))
    monkeypatch.delitem(sys.modules, "loadtest.report.charts", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"pip install .*\[loadtest\]"):
        write_report(tmp_path, slo=SLO)


def test_importing_it_is_cheap() -> None:
    heavy = {"matplotlib", "numpy", "botocore"}
    code = f"import sys, loadtest.report; print(sorted({heavy} & {{*sys.modules}}))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
