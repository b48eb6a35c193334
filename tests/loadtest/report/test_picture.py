"""A run as panels: what is drawn where, what is read when, and what is made of its events."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.events import Activity, Alarm, Capacity, Event
from loadtest.gate import Slo
from loadtest.report.axes import axis_of, height_of
from loadtest.report.during import during
from loadtest.report.facts import numbers_of, peak_in_service, response_of, response_words, spike_of
from loadtest.report.happened import CHARACTERS, headline
from loadtest.report.panels import Chart, Lanes, Line, Mark, Marks, Panel, Window
from loadtest.report.picture import picture_of
from loadtest.report.scale import (
    clock,
    duration,
    linear_ticks,
    log_ticks,
    milliseconds,
    number,
    percent,
    plain,
    time_ticks,
)
from loadtest.report.thinning import thinned
from loadtest.results import Row, Run
from tests.loadtest.report.example import HOME, SLO, SPIKE, spike_run
from tests.loadtest.runs import START, row, run


def intervals(*loads: int, seconds: float = 10.0) -> tuple[Row, ...]:
    """An interval for each number of users, who send ten requests a second each."""
    return tuple(
        row(start=START + at * seconds, seconds=seconds, users=users, requests=users * 100)
        for at, users in enumerate(loads)
    )


def panels(made: Run, slo: Slo = SLO) -> dict[str, Panel]:
    """A run's panels by their keys."""
    return {panel.key: panel for panel in picture_of(made, slo).panels}


def chart(made: Run, key: str) -> Chart:
    found = panels(made)[key]
    assert isinstance(found, Chart)
    return found


def line(made: Run, key: str, label: str) -> Line:
    return next(each for each in chart(made, key).lines if each.label == label)


def lanes(*events: Event) -> Lanes:
    found = panels(run(row(), events=events, seconds=100.0))["alarms"]
    assert isinstance(found, Lanes)
    return found


def marks(*events: Event) -> tuple[Mark, ...]:
    found = panels(run(row(), events=events, seconds=1000.0))["activities"]
    assert isinstance(found, Marks)
    return found.marks


def test_a_line_goes_through_the_middles_of_intervals() -> None:
    made = run(row(), intervals=intervals(1, 2, 3))
    assert line(made, "users", "users").segments == (((0, 1), (5, 1), (15, 2), (25, 3), (30, 3)),)


def test_a_line_is_broken_where_an_interval_is_missing() -> None:
    first, _, third = intervals(1, 2, 3)
    users = line(run(row(), intervals=(first, third)), "users", "users")
    assert [segment[0][0] for segment in users.segments] == [0, 20]
    assert [(each.time, each.text) for each in users.readings] == [(0, "1"), (10, "–"), (20, "3")]


def test_without_requests_there_is_no_latency_and_a_rate_of_nothing() -> None:
    made = run(row(), intervals=intervals(1, 0, 3))
    assert [each.text for each in line(made, "latency", "p99").readings] == ["50 ms", "–", "50 ms"]
    assert len(line(made, "latency", "p99").segments) == 2
    assert [each.text for each in line(made, "requests", "requests/s").readings][1] == "0"


def test_objectives_are_levels_of_the_latency() -> None:
    slo = Slo(p50_milliseconds=60, p999_milliseconds=4000)
    found = panels(run(row(), intervals=intervals(1)), slo)["latency"]
    assert isinstance(found, Chart)
    assert [each.key for each in found.lines] == [
        "p50 · SLO 60 ms",
        "p95",
        "p99",
        "p99.9 · SLO 4 s",
    ]
    assert [each.limit for each in found.lines] == [60, None, None, 4000]
    assert axis_of(found).ticks[-1] >= 4000


def test_errors_are_percent_of_the_requests() -> None:
    """Few of many failed requests are seen as well as the level that was asked for."""
    rows = (row(failures=1), row(start=START + 60, requests=0), row(start=START + 120, failures=5))
    found = chart(run(row(), intervals=rows), "errors")
    (failed,) = found.lines
    assert [each.text for each in failed.readings] == ["0.1 %", "–", "0.5 %"]
    assert (failed.key, failed.limit, failed.summary) == ("failed · SLO 0.5 %", 0.5, "peak 0.5 %")
    assert axis_of(found).labels[-1] == "0.6 %"


def test_a_table_shows_what_it_consumed() -> None:
    rows = (row(seconds=10.0, read_units=50.0, write_units=20.0, throttles=5),)
    made = run(row(), intervals=rows, target="table")
    assert [each.summary for each in chart(made, "table").lines] == ["peak 5", "peak 2", "peak 0.5"]
    assert "table" not in panels(run(row(), intervals=intervals(1)))


def capacity(at: float, in_service: int, desired: int, place: str = "a") -> Capacity:
    return Capacity(time=START + at, place=place, in_service=in_service, desired=desired)


def test_capacity_is_a_step_from_the_beginning_to_the_end() -> None:
    events = (capacity(-60, 2, 2), capacity(40, 2, 4), capacity(70, 4, 4), capacity(200, 9, 9))
    made = run(row(), events=events, seconds=100.0)
    desired, serving = chart(made, "capacity").lines
    assert desired.dashed
    assert list(serving.segments[0]) == [(0, 2), (40, 2), (40, 2), (70, 2), (70, 4), (100, 4)]
    assert max(value for _, value in desired.segments[0]) == 4
    assert [each.text for each in serving.readings][1:] == ["2 of 2", "2 of 4", "4 of 4"]


def test_equal_places_lie_side_by_side() -> None:
    events = [capacity(0, 2, 2, place) for place in "abc"]
    lines = chart(run(row(), events=tuple(events)), "capacity").keys
    assert [each.label for each in lines] == ["a", "b", "c"]
    assert len({each.shift for each in lines}) == 3
    assert sum(each.shift for each in lines) == pytest.approx(0)
    assert len({each.tone for each in lines}) == 3


def alarm(at: float, state: str, name: str = "cpu", place: str = "a") -> Alarm:
    return Alarm(time=START + at, place=place, name=name, state=state)


def test_a_lane_has_its_alarms_states_one_after_the_other() -> None:
    (lane,) = lanes(alarm(-5, "OK"), alarm(30, "ALARM"), alarm(60, "OK"), alarm(900, "ALARM")).lanes
    assert [span[:3] for span in lane.spans] == [
        (0, 30, "OK"),
        (30, 60, "ALARM"),
        (60, 100, "OK"),
    ]


def test_a_state_that_cloudwatch_does_not_have_is_drawn_as_no_data() -> None:
    (lane,) = lanes(alarm(0, "page"), alarm(50, "ALARM")).lanes
    assert [(span.state, span.tone) for span in lane.spans] == [
        ("page", "INSUFFICIENT_DATA"),
        ("ALARM", "ALARM"),
    ]


def test_alarms_that_rang_come_first_and_the_rest_as_there_is_room() -> None:
    quiet = [alarm(0, "OK", f"gtm-dev-quiet-{number}") for number in range(30)]
    found = lanes(*quiet, alarm(50, "ALARM", "gtm-dev-z"), alarm(20, "ALARM", "gtm-dev-zz"))
    assert [lane.label for lane in found.lanes][:3] == ["zz", "z", "quiet-0"]
    assert found.title == "Alarms gtm-dev-…"
    assert found.note == "and 16 more"


def activity(at: float, text: str, place: str = "a") -> Activity:
    return Activity(time=START + at, place=place, text=text)


def test_alike_activities_of_a_moment_are_one_mark() -> None:
    launching = "Launching a new EC2 instance: i-0123456789abcde{}\nbecause of an alarm"
    events = [activity(at, launching.format(at % 10)) for at in (10, 12, 14, 200)]
    assert [(mark.time, mark.label) for mark in marks(*events)] == [
        (10, "3 × Launching a new EC2 instance"),
        (200, "Launching a new EC2 instance"),
    ]


def test_activities_of_several_places_say_whose_they_are() -> None:
    found = marks(activity(10, "stopped", "a"), activity(11, "stopped", "b"))
    assert [mark.label for mark in found] == ["a: stopped", "b: stopped"]
    assert found[0].tone != found[1].tone


def test_what_happened_outside_the_run_is_no_mark() -> None:
    assert [m.label for m in marks(activity(-1, "a"), activity(5, "b"), activity(1001, "c"))] == [
        "b"
    ]


@given(st.lists(st.tuples(st.floats(0, 1000), st.text("abc ", max_size=80)), min_size=1))
def test_no_two_labels_lie_on_each_other(happened: list[tuple[float, str]]) -> None:
    ends = [0.0] * 10
    for mark in marks(*(activity(at, text) for at, text in happened)):
        width, at = (len(mark.label) + 2) / CHARACTERS, mark.time / 1000
        start = max(0.0, at - width) if mark.flipped else at
        if mark.row is not None:
            assert ends[mark.row] <= start
            ends[mark.row] = start + width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Launching a new EC2 instance: i-0123456789abcdef0", "Launching a new EC2 instance"),
        ("Terminating i-0123456789abcdef0 now\nmore", "Terminating now"),
        ("i-0123456789abcdef0", "i-0123456789abcdef0"),
        ("a" * 61, "a" * 59 + "…"),
        ("", ""),
    ],
)
def test_a_headline_leaves_out_which_instance(text: str, shown: str) -> None:
    assert headline(text) == shown


def test_the_spike_is_the_middle_of_the_rise() -> None:
    made = run(row(), intervals=intervals(10, 10, 10, 30, 80, 100, 100))
    assert spike_of(made) == START + 40


@pytest.mark.parametrize("loads", [(), (0, 0), (10, 10, 10), (10, 15, 19), (100, 10)])
def test_a_load_that_does_not_double_has_no_spike(loads: tuple[int, ...]) -> None:
    assert spike_of(run(row(), intervals=intervals(*loads))) is None


def test_without_users_the_rate_is_the_load() -> None:
    rows = tuple(row(start=START + at, seconds=1.0, users=0, requests=at * 10) for at in range(9))
    assert spike_of(run(row(), intervals=rows)) == START + 4


def test_the_response_is_what_follows_the_spike() -> None:
    events = (
        alarm(5, "ALARM", "before"),
        capacity(5, 2, 2),
        alarm(50, "ALARM"),
        capacity(55, 2, 3),
        capacity(60, 3, 3, "late"),
        capacity(65, 1, 3),
        capacity(70, 2, 3),
        capacity(90, 3, 3),
    )
    made = run(row(), intervals=intervals(10, 10, 100, 100), events=events, seconds=100.0)
    assert response_of(made) == (START + 20, START + 50, START + 55, START + 90)
    assert response_words(made).startswith("The load rose at 0:20; the first alarm rang after 30 s")
    assert dict(numbers_of(made))["spike to more capacity"] == "1 min 10 s"


def test_what_was_before_and_after_the_run_is_not_of_it() -> None:
    """But for the state that it began with."""
    events = (
        capacity(-120, 9, 9),
        capacity(-60, 2, 2),
        alarm(-50, "ALARM", "before"),
        alarm(-40, "OK", "before"),
        alarm(500, "ALARM"),
        capacity(510, 8, 8),
        activity(520, "after"),
    )
    made = run(row(), intervals=intervals(10, 10, 100, 100), events=events, seconds=40.0)
    assert during(made.events, Window(START, START + 40)) == (
        capacity(0, 2, 2),
        alarm(0, "OK", "before"),
    )
    assert response_of(made) == (START + 20, None, None, None)
    assert dict(numbers_of(made))["peak in service"] == "2"
    assert set(panels(made)) >= {"capacity", "alarms"}
    assert "activities" not in panels(made)


CURVES = st.lists(st.lists(st.floats(-100, 100), min_size=1, max_size=60), min_size=1, max_size=8)


@given(CURVES, st.integers(1, 30))
def test_a_curve_in_fewer_points_loses_no_peak(values: list[list[float]], pixels: int) -> None:
    """Segments a second a point, and a second apart."""
    times = iter(range(1000))
    segments = tuple(
        tuple((float(next(times)), value) for value in each) for each in values if next(times) >= 0
    )
    end = float(next(times))
    found = thinned(segments, end, pixels)
    before, after = ([p for points in lines for p in points] for lines in (segments, found))
    assert set(after) <= set(before)
    assert [time for time, _ in after] == sorted(time for time, _ in after)
    assert len(after) <= 4 * (pixels + 1 + len(found))
    for pixel in range(pixels + 1):
        of_pixel = [
            [value for time, value in each if time // (end / pixels) == pixel]
            for each in (before, after)
        ]
        assert min(of_pixel[0], default=0) == min(of_pixel[1], default=0)
        assert max(of_pixel[0], default=0) == max(of_pixel[1], default=0)


@given(st.lists(st.tuples(st.sampled_from((1, 3, 90)), st.integers(0, 4)), min_size=1))
def test_a_level_stays_level_in_fewer_points(levels: list[tuple[int, int]]) -> None:
    """From one pixel to another, no slope is drawn that never was."""
    line, end = [], 0
    for seconds, value in levels:
        line += [(end, value), (end + seconds, value)]
        end += seconds
    (found,) = thinned((tuple(line),), end, 5)
    for before, after in pairwise(found):
        if before[0] // (end / 5) != after[0] // (end / 5):
            assert before[1] == after[1]


def test_a_gap_is_closed_only_where_nobody_could_see_it() -> None:
    line = (
        tuple((float(at), 1.0) for at in range(50)),
        tuple((float(at), 1.0) for at in range(60, 99)),
    )
    assert thinned(line, 100.0, 1000) == line
    assert [len(each) for each in thinned(line, 100.0, 20)] == [20, 16]
    assert len(thinned(line, 100.0, 5)) == 1


@pytest.mark.parametrize(
    ("rises", "grows", "flipped", "words"),
    [
        (200, 700, False, ["load rises 3:20", "more capacity 11:40"]),
        (700, 800, False, ["load rises 11:40", "more capacity 13:20"]),
        (300, 900, True, ["load rises 5:00", "more capacity 15:00"]),
        (800, 900, True, ["load rises 13:20, more capacity 15:00", ""]),
    ],
)
def test_no_moments_words_lie_on_anothers(
    rises: int, grows: int, flipped: bool, words: list[str]
) -> None:
    """The first one's end at its line; late in a run the other's do so too."""
    loads = [10] * (rises // 10) + [100] * (100 - rises // 10)
    events = (capacity(0, 2, 2), capacity(grows, 3, 3))
    made = run(row(), intervals=intervals(*loads), events=events, seconds=1000.0)
    first, second = picture_of(made, SLO).moments
    assert (first.time, second.time) == (rises, grows)
    assert (first.flipped, second.flipped) == (True, flipped)
    assert [first.words, second.words] == words


def test_without_events_nothing_is_said_of_a_response() -> None:
    made = spike_run()._replace(events=())
    assert response_words(made) == ""
    assert "spike to more capacity" not in dict(numbers_of(made))
    assert peak_in_service(made) is None


def test_the_example_is_what_it_says() -> None:
    response = response_of(spike_run())
    assert response
    assert response.spike - START == pytest.approx(SPIKE, abs=15)
    assert peak_in_service(spike_run((HOME,))) == 6


def test_a_panel_has_room_for_its_legend() -> None:
    wide = run(row(), events=tuple(capacity(0, 1, 1, str(place)) for place in range(30)))
    assert height_of(chart(wide, "capacity")) > 30 * 17


@given(st.floats(1e-6, 1e12), st.booleans())
def test_a_linear_axis_holds_its_values_and_is_no_taller_than_needed(
    most: float, whole: bool
) -> None:
    ticks = linear_ticks(most, whole=whole)
    assert ticks[0] == 0
    assert ticks[-1] >= most * (1 - 1e-9)
    assert ticks[-2] <= most
    assert 2 <= len(ticks) <= 6
    assert not whole or all(tick == round(tick) for tick in ticks)


@given(st.floats(1e-3, 1e7), st.floats(1, 1e6))
def test_a_logarithmic_axis_holds_its_values(least: float, times: float) -> None:
    ticks = log_ticks(least, least * times)
    assert ticks[0] <= least * (1 + 1e-6)
    assert ticks[-1] >= least * times * (1 - 1e-6)
    assert all(before < after for before, after in pairwise(ticks))
    assert len(ticks) <= 20


@given(st.floats(0.1, 1e7))
def test_times_are_round_and_few(seconds: float) -> None:
    ticks = time_ticks(seconds)
    assert ticks[0] == 0
    assert ticks[-1] <= seconds * (1 + 1e-9)
    assert len(ticks) <= 12


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=4))
def test_a_higher_value_is_never_drawn_lower(values: list[float]) -> None:
    rows = tuple(row(start=START + at, seconds=1.0, p99=v) for at, v in enumerate(values))
    axis = axis_of(chart(run(row(), intervals=rows), "latency"))
    shares = [axis.share(value) for value in sorted(values)]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (clock(95), "1:35"),
        (clock(3700), "1:01:40"),
        (clock(-30), "-0:30"),
        (duration(4.25), "4.25 s"),
        (duration(100), "1 min 40 s"),
        (duration(7500), "2 h 5 min"),
        (number(1234.5), "1,234"),
        (number(12.34), "12.3"),
        (number(0.2456), "0.246"),
        (number(math.nan), "–"),
        (milliseconds(840), "840 ms"),
        (milliseconds(1250), "1.25 s"),
        (percent(0), "0 %"),
        (percent(0.001), "< 0.01 %"),
        (percent(2.5), "2.5 %"),
        (percent(100), "100 %"),
        (plain("a\n\tb\x00\ud800\u202ec 대기열"), "a b c 대기열"),
    ],
)
def test_numbers_and_words_are_written_for_people(shown: str, expected: str) -> None:
    assert shown == expected
