"""The plan that a profile becomes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from generator.errors import UsageError
from loadtest.jmeter.crowds import Crowd, users_by_kind
from loadtest.jmeter.plan import export_plan, plan_text
from loadtest.profile import PROFILES, load_profile
from tests.loadtest.jmeter.example import PLAN, example
from tests.loadtest.jmeter.test_crowds import threads

OURS = sorted(PROFILES.glob("*.yaml"))


def value(of: Element, name: str) -> str:
    return next(found.text or "" for found in of if found.get("name") == name)


def groups(plan: Element) -> Iterator[tuple[str, Crowd]]:
    """The plan's thread groups, by kind of user."""
    for group in plan.iter("ThreadGroup"):
        numbers = (
            int(value(group, f"ThreadGroup.{name}"))
            for name in ("num_threads", "delay", "ramp_time", "duration")
        )
        yield group.attrib["testname"].split()[0], Crowd(*numbers)


def only(plan: Element, tag: str) -> Element:
    (found,) = plan.iter(tag)
    return found


@pytest.fixture
def plan() -> Element:
    return ElementTree.fromstring(plan_text(example(), "origin"))


def test_the_example_is_as_it_is_meant_to_be() -> None:
    assert plan_text(example(), "origin") == PLAN.read_text(encoding="utf-8"), (
        "if this is meant: python -m tests.loadtest.jmeter.example"
    )


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_the_threads_of_a_plan_follow_the_shape(path: Path) -> None:
    """Each kind of user within 5 % of its most users, or within one user."""
    profile = load_profile(path)
    curve = profile.curve("edge")
    by_kind = users_by_kind(curve, profile.kinds("edge"))
    bound = sum(max(1, math.ceil(0.05 * max(users))) for users in by_kind.values())
    crowds = [crowd for _, crowd in groups(ElementTree.fromstring(plan_text(profile)))]
    for second in range(0, int(curve.seconds), 1 + int(curve.seconds) // 500):
        assert abs(threads(crowds, second) - (curve.at(second) or 0)) <= bound, second


def test_where_it_goes_is_told_when_it_is_run() -> None:
    text = plan_text(example(), url="https://www.example.com:8443")
    defaults = only(ElementTree.fromstring(text), "ConfigTestElement")
    assert value(defaults, "HTTPSampler.domain") == "${__P(host,www.example.com)}"
    assert value(defaults, "HTTPSampler.port") == "${__P(port,8443)}"
    assert value(defaults, "HTTPSampler.protocol") == "${__P(protocol,https)}"


@pytest.mark.parametrize(("url", "port"), [("http://localhost", 80), ("https://localhost", 443)])
def test_a_port_that_is_not_named_is_the_protocols(url: str, port: int) -> None:
    defaults = only(ElementTree.fromstring(plan_text(example(), url=url)), "ConfigTestElement")
    assert value(defaults, "HTTPSampler.port") == f"${{__P(port,{port})}}"


def test_the_secret_is_a_property_and_only_the_origin_is_told_it() -> None:
    assert "${__P(origin_secret,)}" in plan_text(example(), "origin")
    assert "secret" not in plan_text(example(), "edge").lower()


@pytest.mark.parametrize(("rate", "milliseconds"), [(0.5, 2000), (3, 334), (250, 4), (7000, 1)])
def test_the_ceiling_is_never_above_the_profiles(rate: float, milliseconds: int) -> None:
    """JMeter keeps whole milliseconds between requests, and forgets less than half of one."""
    profile = example()
    ceiling = profile.ceiling.model_copy(update={"requests_per_second": rate})
    plan = ElementTree.fromstring(plan_text(profile.model_copy(update={"ceiling": ceiling})))
    timer = only(plan, "ConstantThroughputTimer")
    assert value(timer, "calcMode") == "3"
    a_minute = float(timer.findtext("doubleProp/value") or 0)
    assert round(60_000 / a_minute, 6) == milliseconds


def test_each_kind_thinks_as_long_as_its_profile_says(plan: Element) -> None:
    timers = [*plan.iter("UniformRandomTimer")]
    assert len(timers) == 3
    for timer in timers:
        assert value(timer, "ConstantTimer.delay") == "10"
        assert value(timer, "RandomTimer.range") == "20"


def test_thread_groups_only_refer_to_what_their_kind_does(plan: Element) -> None:
    fragments = {found.attrib["testname"] for found in plan.iter("TestFragmentController")}
    assert fragments == {"reader", "player", "heavy"}
    places = [
        [part.text for part in controller.iter("stringProp")]
        for controller in plan.iter("ModuleController")
    ]
    assert len(places) == len([*groups(plan)])
    assert {(place[0], place[1]) for place in places} == {("Test Plan", "Load example")}
    assert {place[2] for place in places} == fragments


def test_no_two_threads_are_the_same_player(plan: Element) -> None:
    who = [
        text for text in plan.itertext() if re.fullmatch(r"load-\w+-\d+-\$\{__threadNum\}", text)
    ]
    assert len(who) == len({*who}) == len([*groups(plan)])


@pytest.mark.parametrize("target", ["table", "cache"])
def test_what_does_not_speak_http_has_no_plan(target: str) -> None:
    with pytest.raises(UsageError, match=f"for the target {target}\n    use edge or origin"):
        plan_text(example(), target)  # type: ignore[arg-type]


def test_a_plan_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"plan\.jmx: can't be written: No such file"):
        export_plan(example(), tmp_path / "nowhere" / "plan.jmx")
