"""A rollout on screen: the live tree, the lines of a log, and the end that both share."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.cli.console import REDRAWS_PER_SECOND, Console, PlainConsole, RichConsole
from generator.cli.drawing import Picture, shorten, shorten_path, words
from generator.cli.final_view import final_rows, show_final
from generator.cli.live import RolloutScreen
from generator.cli.live_lines import Lines
from generator.cli.live_tree import Scene, draw_tree
from generator.cli.timeline_view import BROKEN, CRITICAL, OTHER, columns, draw_timeline
from generator.deploy.records.journal import NOTHING_YET, Past
from generator.deploy.records.lanes import regions_of
from generator.deploy.records.recorder import Recorder, Run
from generator.deploy.records.timeline import timeline_of
from generator.deploy.steps import Plan, StackStep
from generator.errors import RolloutFailed
from tests.deploy.made_runs import (
    HOME,
    RESULT,
    START,
    changes,
    ended,
    instances,
    plan,
    run,
    stack,
    three_regions,
    told,
)

NOW = START + 75
TEN = [HOME, *(f"region-{number}" for number in range(2, 11))]


def scene(made: Run, past: Mapping[str, float] | None = None, now: float = NOW) -> Scene:
    return Scene(made, regions_of(made), past or {}, now)


def tree(made: Run, width: int = 100, height: int = 40) -> list[str]:
    return [words(line) for line in draw_tree(scene(made), width, height)]


def ten_regions() -> Run:
    """A root in each of ten Regions, all at work on eight nested stacks but the first, done."""
    inner = [f"Layer{number}Stack" for number in range(8)]
    made = changes(*inner, *(f"{name}/Vpc" for name in inner))
    steps = [stack("storage", region, made=changes("Bucket")) for region in TEN]
    roots = [stack("regional", s.region, [s.id], made) for s in steps]
    stored = [ended(step.id, 0, 3) for step in steps]
    begun = tuple(told(5, name, "CREATE_IN_PROGRESS") for name in ("", *inner))
    return run(
        plan(*steps, *roots),
        *stored,
        ended(roots[0].id, 3, 60),
        began={root.id: 5 for root in roots[1:]},
        events={root.id: begun for root in roots[1:]},
    )


def failed_run() -> Run:
    """How the run of three Regions ended."""
    why = "The maximum number of VPCs\n    ap-south-1: NetworkStack/Vpc (AWS::EC2::VPC)"
    outcomes = [
        ended("regional@us-east-1", 63.5, 90),
        ended("regional@ap-south-1", 64, 95, "failed", f"regional@ap-south-1: {why}"),
        ended("dns@us-east-1", 95, 95, "not started", "the rollout stopped before"),
    ]
    made = three_regions()
    return made._replace(outcomes={**made.outcomes, **dict(outcomes)})


def test_the_tree_shows_regions_stacks_nested_stacks_and_failures() -> None:
    assert tree(three_regions()) == [
        "prod · 3 of 6 steps · 10 of 18 resources · 1 min 15 s",
        "✓ eu-west-1                1 min 03 s  5/5  2 of 2 steps",
        "  ✓ storage                     3.0 s  1/1",
        "  ✓ regional               1 min 00 s  4/4",
        "● us-east-1                1 min 11 s  3/7  1 of 3 steps",
        "  ● regional                     11 s  1/4  NetworkStack/Nat",
        "    ● NetworkStack               10 s  1/2  Nat",
        "    · CacheStack",
        "  ✓ replica/add-instances        16 s  2/2",
        "  · dns                                0/1",
        "↺ ap-south-1               1 min 10 s  2/6  1 of 2 steps",
        "  ↺ regional                     11 s  0/4  rolling back",
        "    ✗ NetworkStack              3.0 s  0/2",
        "    · CacheStack",
        "  ✓ replica/add-instances        27 s  2/2",
        "✗ regional@ap-south-1: NetworkStack/Vpc: The maximum number of VPCs",
    ]


def test_what_is_finished_is_folded_first() -> None:
    shown = tree(three_regions(), height=14)
    assert "✓ eu-west-1" in shown[1]
    assert "● us-east-1" in shown[2]
    assert len(shown) == 14


def test_a_narrow_screen_keeps_what_matters() -> None:
    assert tree(three_regions(), 30, 6) == [
        "prod · 1 min 15 s",
        "✓ eu-west-1   1 min 03 s  5/5",
        "● us-east-1   1 min 11 s  3/7",
        "↺ ap-south-1  1 min 10 s  2/6",
        "✗ regional@ap-south-1: Networ…",
    ]


@pytest.mark.parametrize("height", [12, 24, 31, 60, 200])
def test_ten_regions_fit_a_screen(height: int) -> None:
    shown = tree(ten_regions(), 80, height)
    assert len(shown) <= height
    assert all(any(region in line for line in shown) for region in TEN)


@given(st.integers(20, 200), st.integers(1, 60), st.sampled_from([three_regions(), ten_regions()]))
def test_the_tree_never_goes_beyond_the_screen(width: int, height: int, made: Run) -> None:
    shown = tree(made, width, height)
    assert len(shown) <= height
    assert all(len(line) <= width for line in shown)


def test_progress_says_how_long_it_will_still_take() -> None:
    made = three_regions()
    past = {"regional@us-east-1 create": 40.0, "dns@us-east-1 create": 10.0}
    (head, *_) = draw_tree(scene(made, past, START + 73.5), 100, 40)
    assert words(head).endswith("1 min 13 s · about 40 s left")
    assert "left" not in words(draw_tree(scene(made), 100, 40)[0]), "dns has no history"


def test_what_takes_longer_than_last_time_is_said() -> None:
    step = stack("storage")
    going = run(plan(step), began={step.id: 0})
    (head, *_) = draw_tree(scene(going, {f"{step.id} create": 9.0}), 100, 9)
    assert words(head).endswith("longer than last time")


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_the_timeline_is_scaled_to_the_width(width: int) -> None:
    shown = [words(line) for line in draw_timeline(timeline_of(failed_run()), width)]
    assert all(len(line) <= width for line in shown)
    (failed,) = [line for line in shown if BROKEN in line and CRITICAL in line and "regi" in line]
    assert failed.endswith("31 s")
    assert any(OTHER in line for line in shown)
    assert any(line.startswith(f"{CRITICAL} critical path 1 min 34 s") for line in shown)


@given(st.integers(1, 200), st.floats(0, 95), st.floats(0, 95))
def test_bars_are_within_the_axis_and_never_nothing(axis: int, start: float, end: float) -> None:
    timeline = timeline_of(failed_run())
    span = (
        timeline.regions[0]
        .lanes[0]
        .span._replace(started=START + min(start, end), ended=START + max(start, end))
    )
    before, length = columns(timeline, span, axis)
    assert before >= 0
    assert length >= 1
    assert before + length <= axis


def test_words_are_shortened_where_they_say_least() -> None:
    assert shorten("a  long\nreason", 6) == "a lon…"
    assert shorten_path("NetworkStack/Nat", 6) == "…k/Nat"
    assert shorten_path("Nat", 6) == "Nat"


class Clock:
    """Says what it is set to."""

    def __init__(self) -> None:
        self.second = 0.0

    def __call__(self) -> float:
        return START + self.second


class Log:
    """The lines of a log, and a rollout told to them."""

    def __init__(self, plan: Plan, past: dict[str, float] | None = None) -> None:
        self.said: list[str] = []
        self.clock = Clock()
        recorder = Recorder(plan, self.clock)
        self.lines = Lines(recorder, self.said.append, past or {}, self.clock)


def test_a_log_says_what_begins_fails_and_ends() -> None:
    made = changes("NetworkStack", "NetworkStack/Vpc")
    home = stack("regional", made=made)
    other = stack("regional", "us-east-1", [home.id], made)
    log = Log(plan(home, other))
    lines, clock = log.lines, log.clock
    lines.started(home)
    clock.second = 62
    lines.finished(home, ended(home.id, 0, 62)[1])
    lines.started(other)
    clock.second = 70
    lines.happened(other, told(69, "NetworkStack/Vpc", "CREATE_FAILED", "too many"))
    lines.happened(other, told(69, "NetworkStack", "CREATE_FAILED", "Embedded stack"))
    lines.happened(other, told(70, "", "ROLLBACK_IN_PROGRESS"))
    clock.second = 75
    reason = "us-east-1: NetworkStack/Vpc\n    the stack is ROLLBACK_COMPLETE"
    lines.finished(other, ended(other.id, 62, 75, "failed", reason)[1])
    assert log.said == [
        "  0:00  regional@eu-west-1: started, 2 resources",
        "  1:02  regional@eu-west-1: done in 1 min 02 s, 2 of 2 resources "
        "(1 of 2 steps, about 1 min 02 s left)",
        "  1:02  regional@us-east-1: started, 2 resources",
        "  1:10  regional@us-east-1: NetworkStack/Vpc (AWS::EC2::VPC) CREATE_FAILED: too many",
        "  1:10  regional@us-east-1: rolling back",
        "  1:15  regional@us-east-1: failed in 13 s, 0 of 2 resources: us-east-1: NetworkStack/Vpc "
        "(1 of 2 steps)",
    ]


def test_a_log_says_every_half_minute_that_a_step_goes_on() -> None:
    step = stack("database", made=changes("Table", "Key"))
    log = Log(plan(step))
    log.lines.started(step)
    log.lines.happened(step, told(1, "Key", "CREATE_IN_PROGRESS"))
    log.lines.happened(step, told(2, "Key", "CREATE_COMPLETE"))
    log.lines.happened(step, told(2, "Table", "CREATE_IN_PROGRESS"))
    for log.clock.second in range(95):
        log.lines.remind()
    assert log.said[1:] == [
        "  0:30  database@eu-west-1: running for 30 s, 1 of 2 resources, Table",
        "  1:00  database@eu-west-1: running for 1 min 00 s, 1 of 2 resources, Table",
        "  1:30  database@eu-west-1: running for 1 min 30 s, 1 of 2 resources, Table",
    ]
    log.lines.finished(step, ended(step.id, 0, 95)[1])
    log.clock.second = 500
    log.lines.remind()
    assert "done" in log.said[-1]


def test_a_log_says_where_a_stack_set_stands() -> None:
    step = instances("replica", ("us-east-1", "ap-south-1"))
    log = Log(plan(step))
    log.lines.started(step)
    log.lines.happened(step, told(1, "us-east-1", "RUNNING", type=RESULT))
    log.lines.happened(step, told(2, "us-east-1", "SUCCEEDED", type=RESULT))
    log.lines.happened(step, told(3, "ap-south-1", "FAILED", "no key", type=RESULT))
    assert log.said == [
        "  0:00  replica/add-instances: started, 4 resources",
        "  0:00  replica/add-instances: us-east-1 done",
        f"  0:00  replica/add-instances: ap-south-1 ({RESULT}) FAILED: no key",
    ]


def cells(text: str) -> list[list[str]]:
    """Rows of a table or lines of text, without what frames them."""
    frame = str.maketrans(dict.fromkeys("│┃┏┓┗┛┡┩└┘┳┻╇┴━─┼", " "))
    return [line.translate(frame).split() for line in text.splitlines() if line.strip()]


def test_the_final_view_is_the_same_in_both_consoles(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    out = io.StringIO()
    show_final(PlainConsole(out, out), failed_run())
    show_final(RichConsole(), failed_run())
    live = [row for row in cells(capsys.readouterr().out) if row]
    assert live == cells(out.getvalue())


def test_the_final_view_tells_of_regions_failures_and_what_was_not_started() -> None:
    out = io.StringIO()
    show_final(PlainConsole(out, out), failed_run())
    assert out.getvalue().splitlines() == [
        "prod: 4 of 6 steps done in 1 min 35 s",
        "  Region      step                   outcome            time  resources",
        "  eu-west-1   storage                done              3.0 s        1/1",
        "  eu-west-1   regional               done         1 min 00 s        4/4",
        "  us-east-1   regional               done               26 s        4/4",
        "  us-east-1   replica/add-instances  done               16 s        2/2",
        "  us-east-1   dns                    not started           -        0/1",
        "  ap-south-1  regional               failed             31 s        0/4",
        "  ap-south-1  replica/add-instances  done               27 s        2/2",
        "failed:",
        "  regional@ap-south-1: The maximum number of VPCs",
        "      ap-south-1: NetworkStack/Vpc (AWS::EC2::VPC)",
        "not started:",
        "  dns@us-east-1: the rollout stopped before",
    ]


def test_steps_that_the_rollout_never_came_to_are_not_started() -> None:
    first, last = stack("storage"), stack("dns")
    made = run(plan(first, last), ended(first.id, 0, 1, "failed", "no"))
    out = io.StringIO()
    show_final(PlainConsole(out, out), made)
    assert [row[2] for row in final_rows(made)] == ["failed", "not started"]
    assert out.getvalue().endswith("not started:\n  dns@eu-west-1: the rollout ended before\n")


@pytest.fixture(params=["plain", "rich"])
def open_either(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Console]:
    """Opens each of the consoles, the second as on a terminal of 90 by 20."""
    if request.param == "plain":
        return lambda: PlainConsole(sys.stdout, sys.stderr)
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "90", "LINES": "20"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return RichConsole


def test_a_screen_shows_the_end_even_of_what_failed(
    open_either: Callable[[], Console], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = stack("storage", made=changes("Bucket"))

    def roll_out() -> None:
        with RolloutScreen(open_either(), tmp_path, {"s3:PutObject": 7}) as screen:
            observer = screen.watch(plan(step), NOTHING_YET)
            observer.started(step)
            observer.finished(step, ended(step.id, 0, 4, "failed", "no bucket")[1])
            raise RolloutFailed("no bucket")

    with pytest.raises(RolloutFailed):
        roll_out()
    shown = capsys.readouterr().out
    (page,) = (tmp_path / "reports").iterdir()
    for expected in ("0 of 1 steps done", "no bucket", "critical path", "s3:PutObject 7"):
        assert expected in shown
    assert page.name in "".join(shown.split())
    assert "s3:PutObject" in page.read_text()


def test_a_screen_says_nothing_of_what_never_began(
    open_either: Callable[[], Console], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RolloutScreen(open_either(), tmp_path, {}):
        pass
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_cannot_be_written_hides_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "file"
    taken.touch()
    step = stack("storage")
    with RolloutScreen(PlainConsole(sys.stdout, sys.stderr), taken, {}) as screen:
        observer = screen.watch(plan(step), NOTHING_YET)
        observer.started(step)
        observer.finished(step, ended(step.id, 0, 4)[1])
    said = capsys.readouterr()
    assert "1 of 1 steps done" in said.out
    assert "timeline can't be written" in said.err


def test_the_live_picture_is_calm_and_gone_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "60", "LINES": "9"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TERM", "xterm-256color")
    asked: list[tuple[int, int]] = []

    def draw(width: int, height: int) -> Picture:
        asked.append((width, height))
        return draw_tree(scene(three_regions()), width, height)

    with RichConsole().live(draw) as say:
        say("not said: the picture shows it")
    shown = capsys.readouterr().out
    assert REDRAWS_PER_SECOND <= 4
    assert set(asked) == {(60, 8)}
    assert "us-east-1" in shown
    assert "not said" not in shown
    assert shown.endswith("\x1b[1A\x1b[2K"), "the picture is wiped line by line"


def test_many_may_tell_while_it_is_drawn() -> None:
    steps = [stack("regional", region, made=changes("Vpc", "Nat")) for region in TEN]
    recorder = Recorder(plan(*steps))
    lines = Lines(recorder, lambda text: None, Past((), {}).seconds)
    ids = count()

    def tell(step: StackStep) -> None:
        lines.started(step)
        for _ in range(50):
            lines.happened(step, told(next(ids), "Vpc", "CREATE_IN_PROGRESS"))
        lines.finished(step, ended(step.id, 0, 1)[1])

    threads = [threading.Thread(target=tell, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        draw_tree(scene(recorder.run()), 80, 24)
        lines.remind()
    assert len(recorder.run().outcomes) == len(TEN)
