"""The graphs: a file a panel, and one with all of them; any run can be drawn."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from loadtest.events import Activity, Alarm, Capacity
from loadtest.gate import Slo
from loadtest.report import Report
from loadtest.report.charts import RIGHT, TOP, WIDTH, draw_graphs
from loadtest.report.picture import picture_of
from loadtest.report.strokes import GUTTER
from loadtest.results import Row, Run
from tests.loadtest.report.example import SECONDS, SLO, START, about, spike_run
from tests.loadtest.report.pixels import pixels, where
from tests.loadtest.report.test_page import HOSTILE, TEN
from tests.loadtest.runs import row, run

FINER = 2
"""Pixels of a file for one on the page."""
Axis = tuple[float, float, float]
"""Its lowest and highest value, and pixels between them."""
LATENCY: Axis = (10, 10_000, 196)


def test_there_is_a_file_a_panel_and_one_of_all(example: Report) -> None:
    names = [path.name for path in example.graphs]
    panels = ["requests", "latency", "errors", "users", "capacity", "alarms", "activities"]
    assert names == [f"{name}.png" for name in ("all", *panels)]
    whole, *parts = (imread(path) for path in example.graphs)
    assert whole.shape[0] > max(part.shape[0] for part in parts)
    assert {part.shape[1] for part in (whole, *parts)} == {2 * WIDTH}


def test_each_graph_shows_its_curves(example: Report) -> None:
    drawn = {path.stem: path for path in example.graphs}
    shown = {
        "requests": ("requests",),
        "errors": ("failures",),
        "latency": ("p50", "p95", "p99", "p999"),
        "users": ("users",),
        "capacity": ("place0", "place1"),
        "alarms": ("ALARM", "OK", "INSUFFICIENT_DATA"),
        "activities": ("place0", "place1"),
    }
    for name, tones in shown.items():
        for tone in tones:
            assert pixels(drawn[name], tone) > 100, f"{name}: {tone}"
            assert pixels(drawn["all"], tone) > 100, f"all: {tone}"


def graph(report: Report, name: str) -> Path:
    return next(path for path in report.graphs if path.stem == name)


def height(value: float, low: float, high: float, tall: float) -> float:
    """Pixels below a file's top; an axis that does not begin at 0 is logarithmic."""
    share = math.log(value / low) / math.log(high / low) if low else value / high
    return FINER * (TOP + tall * (1 - share))


@pytest.mark.parametrize(
    ("name", "tone", "value", "axis"),
    [
        ("requests", "requests", lambda row: row.requests / 5, (0, 3000, 96)),
        ("latency", "p95", lambda row: row.p95, LATENCY),
        ("latency", "p999", lambda row: row.p999, LATENCY),
        ("users", "users", lambda row: row.users, (0, 1000, 96)),
    ],
)
def test_a_curve_is_as_high_as_its_axis_says(
    example: Report, name: str, tone: str, value: Callable[[Row], float], axis: Axis
) -> None:
    """To its own thickness: in the middle of an interval of the spike, and of one after it."""
    line = where(graph(example, name), tone)
    for interval in spike_run().overall[80:141:60]:
        at = (interval.start - START + 2.5) / SECONDS
        column = line[:, round(FINER * (GUTTER + at * (WIDTH - GUTTER - RIGHT)))]
        drawn = float(np.nonzero(column)[0].mean())
        assert drawn == pytest.approx(height(value(interval), *axis), abs=8)


def test_what_the_slo_asks_is_a_level_in_its_lines_colour(example: Report) -> None:
    """Dashed from one end to the other: nearly half of a row has its colour."""
    for tone, asked in (("p50", 60), ("p95", None), ("p99", 400), ("p999", None)):
        filled = where(graph(example, "latency"), tone).mean(axis=1)
        assert (float(filled.max()) > 0.3) is bool(asked), tone
        if asked:
            assert int(filled.argmax()) == pytest.approx(height(asked, *LATENCY), abs=3)


def test_a_graph_of_an_earlier_report_is_not_left_behind(tmp_path: Path) -> None:
    for name in ("capacity.png", "notes.txt"):
        (tmp_path / name).touch()
    draw_graphs(tmp_path, picture_of(run(), SLO))
    assert {path.name for path in tmp_path.iterdir()} == {"all.png", "notes.txt"}


def test_how_long_an_alarm_rang_is_how_much_red_there_is(tmp_path: Path) -> None:
    def red(seconds: float) -> int:
        events = (
            Alarm(time=START, place="a", name="cpu", state="ALARM"),
            Alarm(time=START + seconds, place="a", name="cpu", state="OK"),
        )
        folder = tmp_path / f"{seconds:.0f}"
        draw_graphs(folder, picture_of(Run(about(seconds=100), (), (), (), events), Slo()))
        return pixels(folder / "alarms.png", "ALARM")

    assert red(80) == pytest.approx(4 * red(20), rel=0.05)


def test_a_table_has_its_capacity_units_drawn(tmp_path: Path) -> None:
    rows = tuple(
        row(start=START + 60 * at, read_units=300.0, write_units=200.0, throttles=at * 9)
        for at in range(5)
    )
    picture = picture_of(run(row(), intervals=rows, target="table"), Slo())
    draw_graphs(tmp_path, picture._replace(panels=picture.panels[-1:]))
    for tone in ("reads", "writes", "failures"):
        assert pixels(tmp_path / "table.png", tone) > 100


@pytest.mark.parametrize(
    "made",
    [
        run(seconds=0.0),
        run(row(), intervals=(row(),)),
        run(row(requests=0, failures=0), intervals=(row(requests=0, failures=0),)),
        spike_run(TEN),
    ],
    ids=["empty", "one interval", "no answers", "ten"],
)
def test_any_run_can_be_drawn(tmp_path: Path, made: Run) -> None:
    picture = picture_of(made, SLO)
    assert len(draw_graphs(tmp_path, picture)) == 1 + len(picture.panels)


def test_no_text_breaks_a_graph(tmp_path: Path) -> None:
    """Not even mathematics that is none, nor a character that no font here has."""
    events = [
        event
        for text in HOSTILE
        for event in (
            Capacity(time=START, place=text, in_service=1, desired=2),
            Alarm(time=START, place=text, name=text, state="ALARM"),
            Activity(time=START + 5, place=text, text=text),
        )
    ]
    made = Run(about(profile="".join(HOSTILE)), (), (), (), tuple(events))
    draw_graphs(tmp_path, picture_of(made, SLO))
    assert pixels(tmp_path / "alarms.png", "ALARM") > 100


def test_drawing_leaves_no_trace_and_is_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    before = dict(mpl.rcParams.copy())
    picture = picture_of(run(row(), intervals=(row(),)), SLO)
    picture = picture._replace(panels=picture.panels[:1])
    (first, *_), (second, *_) = (draw_graphs(tmp_path / name, picture) for name in "ab")
    assert dict(mpl.rcParams.copy()) == before
    assert first.read_bytes() == second.read_bytes()
