"""Where the time went: spans out of events, the critical path, bars, estimates, the HTML page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.deploy.context import Outcome
from generator.deploy.executing import execute
from generator.deploy.records.estimate import estimate
from generator.deploy.records.lanes import Lane, Memory, regions_of
from generator.deploy.records.recorder import Recorder, Run
from generator.deploy.records.spans import State, read_events, real_failures
from generator.deploy.records.timeline import (
    critical_path,
    in_words,
    makespan_ratio,
    tick_words,
    ticks,
    timeline_of,
)
from generator.deploy.records.timeline_html import render, write_timeline
from generator.deploy.steps import Action, Change, StackStep, timing_key
from tests.deploy.made_runs import (
    HOME,
    START,
    bake,
    changes,
    ended,
    instances,
    plan,
    run,
    stack,
    three_regions,
    told,
    upload,
)


def lanes(made: Run) -> dict[tuple[str, str], Lane]:
    return {(r.name, lane.step): lane for r in regions_of(made) for lane in r.lanes}


def only_lane(made: Run) -> Lane:
    (lane,) = lanes(made).values()
    return lane


@st.composite
def scheduled_runs(draw: st.DrawFn) -> Run:
    """Any DAG, run as soon as possible but for delays, and perhaps broken off by a failure."""
    count = draw(st.integers(1, 12))
    seconds = st.floats(0, 1000, allow_nan=False)
    steps: list[StackStep] = []
    outcomes: list[tuple[str, Outcome]] = []
    ends = [0.0] * count
    for number in range(count):
        after = draw(st.sets(st.integers(0, number - 1))) if number else set()
        region = draw(st.sampled_from([HOME, "us-east-1", "ap-south-1"]))
        steps.append(stack(f"layer{number}", region, [steps[i].id for i in sorted(after)]))
        begins = max((ends[i] for i in after), default=0.0) + draw(seconds)
        ends[number] = begins + draw(seconds)
        outcomes.append(ended(steps[number].id, begins, ends[number]))
    reached = draw(st.integers(1, count))
    skipped = [ended(step.id, 9, 9, "not started", "stopped") for step in steps[reached:]]
    return run(plan(*steps), *outcomes[:reached], *skipped)


def test_states_are_the_words_of_outcomes() -> None:
    words = {execute.DONE, execute.FAILED, execute.REFUSED, execute.DETACHED, execute.SKIPPED}
    assert words == {state for state in State if state.over and state is not State.ROLLED_BACK}


def test_resources_of_nested_stacks_are_counted() -> None:
    step = stack("regional", made=changes("NetworkStack", "NetworkStack/Vpc", "NetworkStack/Nat"))
    events = (
        told(1, "", "CREATE_IN_PROGRESS"),
        told(2, "NetworkStack", "CREATE_IN_PROGRESS"),
        told(3, "NetworkStack/Vpc", "CREATE_IN_PROGRESS"),
        told(9, "NetworkStack/Vpc", "CREATE_COMPLETE"),
        told(9, "NetworkStack/Nat", "CREATE_IN_PROGRESS"),
    )
    lane = only_lane(run(plan(step), began={step.id: 0}, events={step.id: events}))
    assert (lane.done, lane.total, lane.now) == (1, 3, "NetworkStack/Nat")
    (network,) = lane.nested
    assert (network.span.name, network.done, network.total) == ("NetworkStack", 1, 2)
    assert [(s.name, s.seconds(START + 10)) for s in lane.resources] == [
        ("NetworkStack/Vpc", 6),
        ("NetworkStack/Nat", 1),
    ]


def test_a_nested_stack_is_expected_before_it_begins() -> None:
    """A change set shows only what is in a nested stack, a new stack the nested stack too."""
    step = stack("regional", made=changes("NetworkStack/Vpc", "CacheStack"))
    lane = only_lane(run(plan(step), began={step.id: 0}))
    assert [(n.span.name, n.span.state, n.total) for n in lane.nested] == [
        ("NetworkStack", State.WAITING, 1),
        ("CacheStack", State.WAITING, 0),
    ]


def test_a_rollback_counts_nothing_as_done_and_hides_no_failure() -> None:
    step = stack("cache", made=changes("Group", "Cluster"))
    events = (
        told(1, "Group", "CREATE_IN_PROGRESS"),
        told(2, "Group", "CREATE_COMPLETE"),
        told(2, "Cluster", "CREATE_IN_PROGRESS"),
        told(3, "Cluster", "CREATE_FAILED", "no capacity"),
        told(3, "", "ROLLBACK_IN_PROGRESS"),
        told(4, "Cluster", "DELETE_COMPLETE"),
        told(5, "Group", "DELETE_IN_PROGRESS"),
    )
    lane = only_lane(run(plan(step), began={step.id: 0}, events={step.id: events}))
    assert (lane.state, lane.done, lane.now) == (State.ROLLING_BACK, 1, "Group")
    states = {span.name: (span.state, span.reason) for span in lane.resources}
    assert states == {
        "Group": (State.ROLLING_BACK, ""),
        "Cluster": (State.FAILED, "no capacity"),
    }


def test_what_is_removed_is_done_when_it_is_gone() -> None:
    step = stack("cache", made=(*changes("Old", action=Action.REMOVE), *changes("New")))
    events = (
        told(1, "New", "CREATE_COMPLETE"),
        told(2, "Old", "DELETE_IN_PROGRESS"),
    )
    made = run(plan(step), began={step.id: 0}, events={step.id: events})
    assert only_lane(made).done == 1
    gone = {step.id: (*events, told(3, "Old", "DELETE_SKIPPED"))}
    assert only_lane(made._replace(events=gone)).done == 2


def test_what_a_replacement_removes_is_not_what_it_makes() -> None:
    made = changes("Vpc", action=Action.REPLACE)
    reading = read_events([told(1, "Vpc", "DELETE_COMPLETE")])
    assert (made[0].path, False) not in reading.finished


def test_a_done_step_has_done_everything() -> None:
    """Not each change is told of: some turn out to be none."""
    step = stack("cache", made=(Change("Vpc", "AWS::EC2::VPC", Action.MAY_REPLACE),))
    assert only_lane(run(plan(step), ended(step.id, 0, 1))).done == 1


def test_a_stack_set_has_a_lane_in_each_of_its_regions() -> None:
    found = lanes(three_regions())
    replica = "replica/add-instances"
    assert [key for key in found if key[1] == replica] == [
        ("us-east-1", replica),
        ("ap-south-1", replica),
    ]
    lane = found["us-east-1", replica]
    assert (lane.state, lane.done, lane.total) == (State.DONE, 2, 2)
    assert lane.span.seconds(START) == 16


@pytest.mark.parametrize(
    "status, state",
    [("CANCELLED", State.SKIPPED), ("RUNNING", State.FAILED), ("SUCCEEDED", State.DONE)],
)
def test_an_instance_ends_as_it_was_told_else_as_its_operation(status: str, state: State) -> None:
    step = instances("replica", ("us-east-1", "ap-south-1"))
    events = {step.id: (told(1, "us-east-1", status), told(2, "ap-south-1", "FAILED", "why"))}
    made = run(plan(step), ended(step.id, 0, 5, "failed", "ap-south-1: why"), events=events)
    found = lanes(made)
    assert found["us-east-1", step.id].state is state
    assert found["ap-south-1", step.id].state is State.FAILED


def test_an_operation_that_never_began_failed_everywhere() -> None:
    step = instances("replica", ("us-east-1", "ap-south-1"))
    made = run(plan(step), ended(step.id, 0, 1, "failed", "denied"))
    assert {lane.state for lane in lanes(made).values()} == {State.FAILED}


def test_lanes_are_read_again_when_something_was_told() -> None:
    step = stack("cache", made=changes("Vpc"))
    memory: Memory = {}
    before = run(plan(step), began={step.id: 0})
    assert regions_of(before, memory) == regions_of(before)
    assert regions_of(before, memory)[0].lanes[0] is regions_of(before, memory)[0].lanes[0]
    after = before._replace(events={step.id: (told(1, "Vpc", "CREATE_COMPLETE"),)})
    assert regions_of(after, memory) == regions_of(after) != regions_of(before)
    over = run(plan(step), ended(step.id, 0, 1), events=after.events)
    assert regions_of(over, memory) == regions_of(over)


def test_home_stands_first_and_a_bake_belongs_to_no_region() -> None:
    far, near = stack("regional", "us-east-1"), stack("regional")
    made = run(plan(far, near, bake("us-east-1", (far.id,), 5)))
    assert [region.name for region in regions_of(made)] == [HOME, "us-east-1", ""]


def test_only_real_failures_are_told() -> None:
    events = [
        told(1, "NetworkStack/Vpc", "CREATE_FAILED", "too many"),
        told(2, "NetworkStack/Nat", "CREATE_FAILED", "Resource creation cancelled"),
        told(3, "NetworkStack", "CREATE_FAILED", "Embedded stack was not made"),
        told(4, "CacheStack", "CREATE_FAILED", "its template can't be read"),
        told(5, "", "CREATE_FAILED", "The following resource(s) failed"),
    ]
    assert [event.path for event in real_failures(events)] == ["NetworkStack/Vpc", "CacheStack"]


def test_a_bake_that_undoes_a_step_leaves_its_record_as_it_was() -> None:
    step = stack("regional", made=changes("Vpc"))
    recorder = Recorder(plan(step), lambda: START)
    recorder.started(step)
    recorder.happened(step, told(1, "Vpc", "CREATE_COMPLETE"))
    recorder.finished(step, ended(step.id, 0, 2)[1])
    recorder.happened(step, told(9, "", "UPDATE_IN_PROGRESS"))
    assert [event.path for event in recorder.run().events[step.id]] == ["Vpc"]


def test_the_critical_path_is_what_the_end_waited_for() -> None:
    base, slow, quick = (stack(name) for name in ("base", "slow", "quick"))
    slow, quick = stack("slow", after=[base.id]), stack("quick", after=[base.id])
    last = stack("last", after=[slow.id, quick.id])
    made = run(
        plan(base, slow, quick, last),
        ended(base.id, 0, 10),
        ended(quick.id, 10, 15),
        ended(slow.id, 10, 40),
        ended(last.id, 42, 50),
    )
    timeline = timeline_of(made)
    assert timeline.critical == (base.id, slow.id, last.id)
    assert (timeline.critical_seconds, timeline.makespan) == (48, 50)
    assert makespan_ratio(made) == pytest.approx(50 / 48)


def test_what_never_ran_is_on_no_critical_path() -> None:
    base, last = stack("base"), stack("last", after=["base@eu-west-1"])
    failed = ended(base.id, 0, 10, "failed", "no")
    made = run(plan(base, last), failed, ended(last.id, 99, 99, "not started", "stopped"))
    assert critical_path(made) == (base.id,)
    assert timeline_of(made).makespan == 10


def test_a_run_without_steps_has_a_timeline() -> None:
    assert timeline_of(run(plan(stack("base")))).ratio == 1


@given(scheduled_runs())
def test_the_critical_path_is_a_chain_no_longer_than_the_makespan(made: Run) -> None:
    timeline = timeline_of(made)
    steps = {step.id: step for step in made.plan.steps}
    for before, after in pairwise(timeline.critical):
        assert before in steps[after].after
        assert made.outcomes[before].ended <= made.outcomes[after].started
    ran = [outcome for outcome in made.outcomes.values() if outcome.state == "done"]
    assert made.outcomes[timeline.critical[-1]].ended == max(outcome.ended for outcome in ran)
    assert timeline.critical_seconds <= timeline.makespan * (1 + 1e-9) + 1e-6
    assert timeline.ratio >= 1 - 1e-6


@given(scheduled_runs())
def test_bars_are_within_the_axis(made: Run) -> None:
    timeline = timeline_of(made)
    for region in timeline.regions:
        for lane in region.lanes:
            bar = timeline.bar(lane.span)
            assert (bar is None) is (lane.state is State.SKIPPED)
            assert bar is None or 0 <= bar[0] <= bar[1] <= 1


@given(st.floats(-100, 200), st.floats(-100, 200))
def test_a_span_is_within_its_step_whatever_aws_clock_says(start: float, end: float) -> None:
    step = stack("cache", made=changes("Vpc"))
    events = (told(start, "Vpc", "CREATE_IN_PROGRESS"), told(end, "Vpc", "CREATE_COMPLETE"))
    (span,) = only_lane(run(plan(step), ended(step.id, 0, 60), events={step.id: events})).resources
    assert span.started is not None
    assert span.ended is not None
    assert START <= span.started <= span.ended <= START + 60


@given(st.floats(0, 1e6), st.integers(2, 20))
def test_ticks_are_round_even_and_within_the_axis(seconds: float, most: int) -> None:
    found = ticks(seconds, most)
    assert 1 <= len(found) <= most
    assert found[0] == 0
    assert found[-1] <= seconds + 1e-6
    assert len({round(b - a, 6) for a, b in pairwise(found)}) <= 1


@pytest.mark.parametrize(
    "seconds, words",
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (184, "3 min 04 s"),
        (3720, "1 h 02 min"),
    ],
)
def test_times_are_said_for_people(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_times_on_an_axis_are_short() -> None:
    assert [tick_words(t) for t in (0, 0.5, 10, 90)] == ["0 s", "0.5 s", "10 s", "1 min 30 s"]


def test_the_estimate_is_the_longest_chain_that_is_left() -> None:
    base, near, far = stack("base"), stack("regional"), stack("regional", "us-east-1")
    near, far = stack("regional", after=[base.id]), stack("regional", "us-east-1", [base.id])
    past = {timing_key(base): 10, timing_key(near): 100, timing_key(far): 60}
    steps = plan(base, near, far)
    assert estimate(run(steps), past, START).seconds == 110
    assert estimate(run(steps, began={base.id: 0}), past, START + 4).seconds == 106
    going = run(steps, ended(base.id, 0, 12), began={near.id: 12, far.id: 12})
    assert estimate(going, past, START + 32).seconds == 80


def test_a_step_without_history_is_likened_to_others_regions() -> None:
    steps = [stack("regional", region) for region in (HOME, "us-east-1", "ap-south-1")]
    past = {
        timing_key(steps[0]): 100.0,
        timing_key(steps[1]): 60.0,
        "regional@ap-south-1/delete delete": 1.0,
    }
    assert estimate(run(plan(steps[2])), past, START).seconds == 80


def test_home_of_the_same_run_is_history_too() -> None:
    home = stack("regional")
    other = stack("regional", "us-east-1", [home.id])
    made = run(plan(home, other), ended(home.id, 0, 50), began={other.id: 50})
    assert estimate(made, {}, START + 60).seconds == 40


def test_no_estimate_is_said_rather_than_a_guess() -> None:
    base, new = stack("base"), stack("edge")
    assert estimate(run(plan(base, new)), {timing_key(base): 10}, START).seconds is None


def test_a_bake_says_itself_how_long_it_takes() -> None:
    base = stack("base")
    made = run(plan(base, bake(HOME, (base.id,), 5)), ended(base.id, 0, 1))
    assert estimate(made, {}, START + 1).seconds == 300


def test_a_step_that_takes_longer_than_expected_is_late() -> None:
    base = stack("base")
    found = estimate(run(plan(base), began={base.id: 0}), {timing_key(base): 10}, START + 30)
    assert (found.seconds, found.late) == (0, (base.id,))


def test_after_a_failure_only_what_is_under_way_is_waited_for() -> None:
    bad, going, never = stack("bad"), stack("going"), stack("never")
    steps = plan(bad, going, never)
    made = run(steps, ended(bad.id, 0, 1, "failed", "no"), began={going.id: 0})
    assert estimate(made, {timing_key(going): 10}, START + 4).seconds == 6


class Page(HTMLParser):
    """Reads a page; every element that was opened must be closed."""

    EMPTY = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


def finished() -> Run:
    made = three_regions()
    reason = 'The maximum number of <VPCs> & "others"'
    outcomes = [
        ended("regional@us-east-1", 63.5, 90),
        ended("regional@ap-south-1", 64, 95, "failed", f"{reason}\n    ap-south-1: NetworkStack"),
        ended("dns@us-east-1", 95, 95, "not started", "the rollout stopped before"),
    ]
    calls = {"cloudformation:DescribeStacks": 80, "cloudformation:CreateStack": 4}
    return made._replace(outcomes={**made.outcomes, **dict(outcomes)}, calls=calls)


def test_the_page_shows_regions_stacks_nested_stacks_and_slow_resources() -> None:
    page = Page(render(timeline_of(finished()), slower_than=4))
    shown = [word for word in page.words if word]
    for word in (HOME, "us-east-1", "regional", "replica/add-instances", "NetworkStack", "Vpc"):
        assert word in shown
    assert "1 min 35 s" in shown, "the makespan"
    assert shown[shown.index("80") - 1] == "cloudformation:DescribeStacks"
    fast = Page(render(timeline_of(finished()), slower_than=1000))
    assert "NetworkStack" in fast.words
    assert "Vpc" not in fast.words


def test_the_page_marks_the_critical_path() -> None:
    page = Page(render(timeline_of(finished())))
    chain = [word for word in page.words if "@" in word and " " not in word]
    assert chain == ["storage@eu-west-1", "regional@eu-west-1", "regional@ap-south-1"]
    assert len([c for c in page.values("class") if c.endswith(" critical")]) == 1 + len(chain)


def test_the_page_needs_nothing_but_itself() -> None:
    text = render(timeline_of(finished()))
    page = Page(text)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not re.search(r"https?:|//|url\(|@import|\bon\w+=", text)
    assert any("default-src 'none'" in value for value in page.values("content"))
    assert "prefers-color-scheme: dark" in text


def test_what_aws_says_is_escaped() -> None:
    text = render(timeline_of(finished()))
    assert "<VPCs>" not in text
    titles = Page(text).values("title")
    assert any('The maximum number of <VPCs> & "others"' in title for title in titles)


@given(scheduled_runs())
def test_bars_of_the_page_are_within_the_axis(made: Run) -> None:
    for style in Page(render(timeline_of(made))).values("style"):
        place = dict(part.split(":") for part in style.split(";"))
        if "width" in place:
            left, width = (float(place[name].rstrip("%")) for name in ("left", "width"))
            assert 0 <= left <= left + width <= 100.002


def test_a_timeline_is_written_beside_the_others(tmp_path: Path) -> None:
    first, second = (write_timeline(tmp_path, finished()) for _ in range(2))
    assert first == tmp_path / "reports" / "deploy-20231114T221320Z.html"
    assert second == tmp_path / "reports" / "deploy-20231114T221320Z-2.html"
    assert first.read_bytes() == second.read_bytes()


def test_an_upload_is_a_lane_without_resources() -> None:
    step = upload()
    lane = only_lane(run(plan(step), ended(step.id, 0, 1)))
    assert (lane.span.name, lane.total, lane.nested) == ("upload", 0, ())
