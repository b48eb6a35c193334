"""A profile → a test plan of JMeter (.jmx), for those who load with it.

    Load spike (Test Plan)
    ├── Where to, Ceiling, …      what holds for every request
    ├── reader, player, heavy     what a kind of user does, once (`fragments`)
    └── reader 1, reader 2, …     thread groups that add up to the shape (`crowds`)

Where a run goes is told when it is started. So is the origin's secret, which is in no plan: a file
of properties has it (`origin_secret=…`), since everybody may read the arguments of a process.

    jmeter -n -t spike.jmx -l results.jtl -q origin.properties
           -Jhost=www.example.com -Jport=443 -Jprotocol=https

The ceiling is that of one engine: each of several has it. Unlike Locust's users, those of JMeter
count it as a failure when they find their session expired. (Debian 12's package opens no plan at
all by itself, not even its own: tests/loadtest/jmeter/debian.bsh has the cause and a way round.)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, indent, tostring

from generator.errors import UsageError
from loadtest.jmeter.crowds import Crowd, crowds_by_kind
from loadtest.jmeter.elements import Node, Values, arguments, element, part, parts, texts, tree
from loadtest.jmeter.fragments import fragment
from loadtest.jmeter.requests import HAS_BOARD, HAS_SESSION, PLAYER, STATIC, tasks
from loadtest.jmeter.surroundings import ceiling, origin_secret, right_answers, where
from loadtest.profile import Profile
from loadtest.sections import Target
from loadtest.target import HTTP_TARGETS

HERE = "https://localhost"
"""Where a plan goes that was told nothing else: to nobody."""
_COMMENTS = (
    "Where it goes is said when it is run: -Jhost=www.example.com -Jport=443 -Jprotocol=https. "
    "The thread groups of a kind of user add up to the profile's shape, within 5 % of its peak."
)
_ROOT = "Test Plan"
"""What JMeter calls the root of its tree."""


def export_plan(profile: Profile, path: Path, target: Target = "edge", url: str = HERE) -> None:
    """Write the plan of a profile; `url` is where it goes when a run says nothing else.

    Raises UsageError for a target that does not speak HTTP, or where the file can't be written.
    """
    text = plan_text(profile, target, url)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: can't be written: {error.strerror}") from None


def plan_text(profile: Profile, target: Target = "edge", url: str = HERE) -> str:
    """The plan, always the same for the same profile. Raises UsageError unless it is of HTTP."""
    if target not in HTTP_TARGETS:
        choices = " or ".join(HTTP_TARGETS)
        raise UsageError(f"there is no plan of JMeter for the target {target}\n    use {choices}")
    root = Element("jmeterTestPlan", version="1.2", properties="2.8", jmeter="2.13")
    root.append(tree(_plan(profile, target, url)))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _plan(profile: Profile, target: Target, url: str) -> Node:
    does, title = tasks(profile.work_cost), f"Load {profile.name}"
    values: Values = {
        "TestPlan.comments": _COMMENTS,
        "TestPlan.functional_mode": False,
        "TestPlan.serialize_threadgroups": False,
    }
    return Node(
        element("TestPlan", "TestPlanGui", title, values, _variables()),
        (
            where(urlsplit(url)),
            *([origin_secret()] if target == "origin" else []),
            ceiling(profile.ceiling.requests_per_second),
            right_answers(),
            *(fragment(kind, does[kind.name]) for kind in profile.kinds(target)),
            *_groups(profile, target, title),
        ),
    )


def _variables() -> Element:
    """What each thread begins with."""
    return arguments(
        "TestPlan.user_defined_variables", {HAS_SESSION: "0", HAS_BOARD: "0", **STATIC}
    )


def _groups(profile: Profile, target: Target, plan: str) -> Iterator[Node]:
    by_kind = crowds_by_kind(profile.curve(target), profile.kinds(target))
    for kind, crowds in by_kind.items():
        for number, crowd in enumerate(crowds, 1):
            yield _group(kind, number, crowd, plan)


def _group(kind: str, number: int, crowd: Crowd, plan: str) -> Node:
    """Threads that do what the kind's fragment says, again and again."""
    values: Values = {
        "ThreadGroup.on_sample_error": "continue",
        "ThreadGroup.num_threads": str(crowd.threads),
        "ThreadGroup.ramp_time": str(crowd.ramp),
        "ThreadGroup.scheduler": True,
        "ThreadGroup.delay": str(crowd.delay),
        "ThreadGroup.duration": str(crowd.seconds),
        "ThreadGroup.delayedStart": True,
    }
    name = f"{kind} {number}"
    group = element("ThreadGroup", "ThreadGroupGui", name, values, _forever())
    return Node(group, (_player(f"load-{kind}-{number}"), _does(kind, plan)))


def _forever() -> Element:
    values = {"LoopController.continue_forever": False, "LoopController.loops": -1}
    return part("ThreadGroup.main_controller", "LoopController", values)


def _player(name: str) -> Node:
    """Threads are numbered within their group; together with its name no two are one player."""
    each_iteration = {"UserParameters.per_iteration": True}
    return Node(
        element(
            "UserParameters",
            "UserParametersGui",
            "Who they are",
            each_iteration,
            texts("UserParameters.names", [PLAYER]),
            parts("UserParameters.thread_values", [texts("0", [f"{name}-${{__threadNum}}"])]),
        )
    )


def _does(kind: str, plan: str) -> Node:
    """A reference to the kind's fragment, by its place in the tree."""
    place = texts("ModuleController.node_path", [_ROOT, plan, kind])
    return Node(element("ModuleController", "ModuleControllerGui", kind, {}, place))
