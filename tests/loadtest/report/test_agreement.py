"""Page and CSV files say the same: every reading, every cell, every point of every curve.

What is expected is made from the files' text and from the words at the axes, so that it holds
whatever a row's fields are called and however a curve is made.
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from loadtest.events import Activity, Alarm, Capacity, Event, read_events
from loadtest.gate import judge
from loadtest.report import Report
from loadtest.report.page import page_html
from loadtest.report.picture import picture_of
from loadtest.report.scale import clock, milliseconds, number, percent
from loadtest.results import EVERYTHING, INTERVAL_SECONDS
from tests.loadtest.report.example import AWAY, HOME, SECONDS, SLO, START, spike_run
from tests.loadtest.report.pages import Page

Line = Mapping[str, str]
Points = list[tuple[float, float]]

PERCENTILES = {"p50": "p50", "p95": "p95", "p99": "p99", "p99.9": "p999"}
TALL: Mapping[str, float] = {"requests": 96, "latency": 196, "errors": 96, "users": 96}


def rate(line: Line) -> float:
    return int(line["requests"]) / float(line["seconds"])


def errors(line: Line) -> float:
    return 100 * int(line["failures"]) / int(line["requests"])


def column(name: str) -> Callable[[Line], float]:
    return lambda line: float(line[name])


DRAWN: Mapping[tuple[str, str], Callable[[Line], float]] = {
    ("requests", "requests"): rate,
    **{("latency", tone): column(tone) for tone in PERCENTILES.values()},
    ("errors", "failures"): errors,
    ("users", "users"): column("users"),
}
"""What each curve over all requests shows: by panel and colour, in the legends' order."""
SAID = [number, *[milliseconds] * 4, percent, number]


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def lines_of(report: Report, name: str) -> Sequence[Line]:
    with (report.page.parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def overall(report: Report) -> Sequence[Line]:
    return [line for line in lines_of(report, "intervals.csv") if line["name"] == EVERYTHING]


def points(path: str) -> Points:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.e+-]+) ([\d.e+-]+)", path)]


def curve(html: str, tone: str) -> Points:
    """The points of the only curve of a colour."""
    (found,) = re.findall(rf'<path class="line" style="stroke:var\(--{tone}\)" d="([^"]*)"', html)
    return points(found)


def value_of(words: str) -> float:
    """What a label at an axis says."""
    text, _, unit = words.replace(",", "").partition(" ")
    return float(text) * (1000 if unit == "s" else 1)


def panel(report: Report, key: str) -> str:
    found = re.search(rf'<figure[^>]*id="{key}">.*?</figure>', text_of(report.page), re.DOTALL)
    assert found
    return found[0]


def heights(values: Sequence[float], low: float, high: float, tall: float) -> list[float]:
    """Pixels below the top; an axis that does not begin at 0 is logarithmic."""
    if low:
        return [tall * (1 - math.log(value / low) / math.log(high / low)) for value in values]
    return [tall * (1 - value / high) for value in values]


def expected(
    lines: Sequence[Line], values: Sequence[float], low: float, high: float, tall: float
) -> Points:
    """Through the middles of intervals, out to both ends."""
    middles = [float(line["start"]) - START + float(line["seconds"]) / 2 for line in lines]
    at = heights(values, low, high, tall)
    return [(0, at[0]), *zip(middles, at, strict=True), (SECONDS, at[-1])]


def assert_drawn(found: Points, wanted: Points) -> None:
    """To a tenth of a pixel."""
    assert [time for time, _ in found] == pytest.approx([time for time, _ in wanted])
    assert [down for _, down in found] == pytest.approx([down for _, down in wanted], abs=0.06)


def test_every_reading_is_what_the_csv_file_says(example: Report) -> None:
    readings = Page(text_of(example.page)).embedded("readings")
    lines = overall(example)
    assert len(lines) == SECONDS / INTERVAL_SECONDS
    measured = readings[: len(DRAWN)]
    for (times, texts), value, say in zip(measured, DRAWN.values(), SAID, strict=True):
        assert times == [float(line["start"]) - START for line in lines]
        assert texts == [say(value(line)) for line in lines]


def events(report: Report) -> Sequence[Event]:
    """All of events.jsonl; what was before the run is the state that it began with."""
    found = read_events(report.page.parent / "events.jsonl")
    return [replace(event, time=max(0.0, event.time - START)) for event in found]


def entries(report: Report, key: str) -> Mapping[str, Any]:
    """What each entry of a panel's legend reads, by its words: moments and texts."""
    readings = Page(text_of(report.page)).embedded("readings")
    found = re.findall(r'<span title="([^"]*)">[^<]*</span><output id="r(\d+)"', panel(report, key))
    return {words: readings[int(at)] for words, at in found}


def states(report: Report) -> Mapping[str, list[tuple[float, str]]]:
    """Since when an alarm had which state, by the words of its legend."""
    found = defaultdict(list)
    for event in events(report):
        if isinstance(event, Alarm):
            name = f"{event.name.removeprefix('gtm-dev-')} {event.place}"
            found[name].append((event.time, event.state))
    return found


def test_every_reading_of_the_capacity_is_what_the_events_say(example: Report) -> None:
    expected = {}
    for place in (HOME, AWAY):
        own = [e for e in events(example) if isinstance(e, Capacity) and e.place == place]
        said = [f"{event.in_service} of {event.desired}" for event in own]
        expected[place] = [[0, *(event.time for event in own)], ["–", *said]]
    assert entries(example, "capacity") == expected


def test_every_reading_of_an_alarm_is_what_the_events_say(example: Report) -> None:
    words = {"INSUFFICIENT_DATA": "no data"}
    assert entries(example, "alarms") == {
        name: [[time for time, _ in own], [words.get(state, state) for _, state in own]]
        for name, own in states(example).items()
    }


def test_every_state_of_an_alarm_lasts_from_its_event_to_the_next(example: Report) -> None:
    found = re.findall(
        r'class="state (\w+)" style="--at:(\d+);left:([\d.]+)%;width:([\d.]+)%"',
        panel(example, "alarms"),
    )
    for at, name in enumerate(entries(example, "alarms")):
        drawn = [(state, left, wide) for state, lane, left, wide in found if lane == str(at)]
        own = [*states(example)[name], (SECONDS, "")]
        assert [(state, float(left), float(wide)) for state, left, wide in drawn] == [
            (state, share(time), share(until - time)) for (time, state), (until, _) in pairwise(own)
        ]


def share(seconds: float) -> Any:
    """Percent of the time axis, as far as they are written."""
    return pytest.approx(100 * seconds / SECONDS, abs=0.0006)


def test_the_moments_of_spike_and_answer_are_marked_on_every_plot(example: Report) -> None:
    html = text_of(example.page)
    loads = [(float(line["start"]) - START, int(line["users"])) for line in overall(example)]
    middle = (loads[0][1] + max(users for _, users in loads)) / 2
    rises = next(time for time, users in loads if users >= middle)
    grows = next(e.time for e in events(example) if isinstance(e, Capacity) and e.in_service > 2)
    words = re.findall(r'class="when[^"]*" style="left:([\d.]+)%">([^<]*)<', html)
    assert [(float(left), told) for left, told in words] == [
        (share(rises), f"load rises {clock(rises)}"),
        (share(grows), f"more capacity {clock(grows)}"),
    ]
    lines = [float(left) for left in re.findall(r'class="moment" style="left:([\d.]+)%"', html)]
    assert lines == [share(rises), share(grows)] * html.count('<div class="plot"')


@pytest.mark.parametrize(("key", "tone"), DRAWN)
def test_every_point_lies_where_its_axis_says(example: Report, key: str, tone: str) -> None:
    html, lines = panel(example, key), overall(example)
    labels = re.findall(r'<span class="value" style="bottom:([\d.]+)%">([^<]*)<', html)
    at = {float(share): value_of(words) for share, words in labels}
    values = [DRAWN[key, tone](line) for line in lines]
    assert_drawn(curve(html, tone), expected(lines, values, at[0], at[100], TALL[key]))


def test_what_is_filled_lies_below_its_curve(example: Report) -> None:
    html = panel(example, "requests")
    (area,) = re.findall(r'<path class="area" [^>]*d="([^"]*)Z"', html)
    corners: Points = [(SECONDS, TALL["requests"]), (0, TALL["requests"])]
    assert_drawn(points(area), curve(html, "requests") + corners)


def test_every_point_of_every_name_lies_where_its_column_says(example: Report) -> None:
    table = text_of(example.page).partition('<table class="small">')[2].partition("</table>")[0]
    scales = [
        (value_of(low), value_of(high))
        for low, high in re.findall(r"<small>([^<]*) – ([^<]*?)(?:, logarithmic)?</small>", table)
    ]
    names = re.findall(r'<th scope="row">([^<]*)</th>(.*?)</tr>', table, re.DOTALL)
    assert len(names) == 5
    for name, cells in names:
        lines = [
            line
            for line in lines_of(example, "intervals.csv")
            if f"{line['method']} {line['name']}" == name
        ]
        for at, tone, value in (
            (0, "requests", rate),
            (1, "p50", column("p50")),
            (1, "p99", column("p99")),
            (2, "failures", errors),
        ):
            values = [value(line) for line in lines]
            assert_drawn(curve(cells, tone), expected(lines, values, *scales[at], 40))


def test_the_highest_of_every_name_is_told(example: Report) -> None:
    text = Page(text_of(example.page)).text
    for total in spike_run().totals:
        rows = [row for row in spike_run().intervals if row.name == total.name]
        slowest = max(rows, key=lambda row: row.p99)
        told = f"p99 peak {milliseconds(slowest.p99)} at {clock(slowest.start - START + 2.5)}"
        assert (told in text) is (total.name != EVERYTHING)


def test_what_is_asked_lies_where_its_axis_says(example: Report) -> None:
    levels = {
        ("latency", "p50"): heights([60], 10, 10_000, 100),
        ("latency", "p99"): heights([400], 10, 10_000, 100),
        ("errors", "failures"): heights([0.5], 0, 20, 100),
    }
    for (key, tone), (down,) in levels.items():
        (up,) = re.findall(
            rf'class="limit" style="bottom:([\d.]+)%;color:var\(--{tone}\)', panel(example, key)
        )
        assert float(up) == pytest.approx(100 - down, abs=0.01)


def test_every_cell_of_the_totals_is_what_the_csv_file_says(example: Report) -> None:
    table = text_of(example.page).partition("Requests by name")[2].partition("</table>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*)</tr>", table)]
    totals = {line["name"] + line["method"]: line for line in lines_of(example, "totals.csv")}
    assert len(rows) - 1 == len(totals) == 6
    for label, *cells in rows[1:]:
        method, _, name = re.sub("<[^>]*>", "", label).partition(" ")
        line = totals[EVERYTHING if label == "all requests" else name + method]
        latencies = (line[key] for key in ("p50", "p90", "p95", "p99", "p999", "longest"))
        assert cells == [
            f"{int(line['requests']):,}",
            f"{number(rate(line))} /s",
            percent(errors(line)),
            *(milliseconds(float(latency)) for latency in latencies),
        ]


def test_every_failure_is_told_with_its_reason(example: Report) -> None:
    table = text_of(example.page).partition(">Failures<")[2].partition("</table>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*)</tr>", table)]
    lines = lines_of(example, "failures.csv")
    total = sum(int(line["requests"]) for line in lines)
    assert [re.sub("<[^>]*>", "", "|".join(row)) for row in rows[1:]] == [
        f"{line['method']} {line['name']}|{line['reason']}|{int(line['requests']):,}|"
        f"{percent(100 * int(line['requests']) / total)}"
        for line in lines
    ]


def test_every_activity_stands_at_its_moment(example: Report) -> None:
    """The first of those that are told together."""
    begun = [event.time for event in events(example) if isinstance(event, Activity)]
    found = re.findall(r'class="mark[^>]*left:([\d.]+)%', panel(example, "activities"))
    at = [float(left) / 100 * SECONDS for left in found]
    assert at
    assert all(min(abs(time - moment) for time in begun) < 0.01 for moment in at)


def test_capacity_steps_when_it_changed(example: Report) -> None:
    html = panel(example, "capacity")
    changes = [e.time for e in events(example) if isinstance(e, Capacity) and e.place == AWAY]
    (path,) = re.findall(r'class="line" style="stroke:var\(--place1\)"[^>]* d="([^"]*)"', html)
    assert {time for time, _ in points(path)} == {*changes, SECONDS}


def test_a_day_at_work_is_a_page_that_can_be_sent() -> None:
    """And its highest peak, of one interval in 5760, is drawn."""
    long = spike_run(seconds=8 * 3600.0)
    html = page_html(long, picture_of(long, SLO), judge(long, SLO))
    assert len(html.encode()) < 3_000_000
    (latency,) = re.findall(r'id="latency">.*?</figure>', html, re.DOTALL)
    highest = max(row.p999 for row in long.overall)
    low, high = 10.0, 10_000.0
    (top,) = heights([highest], low, high, TALL["latency"])
    assert min(down for _, down in curve(latency, "p999")) == pytest.approx(top, abs=0.06)
