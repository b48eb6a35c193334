"""Users of JMeter send what users of Locust send: the same routes, as often, called the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from loadtest.jmeter.requests import ANSWERS, MAKE_SESSION, STATIC, Request, Task, tasks
from loadtest.jmeter.surroundings import ANSWER_WITHIN
from tests.loadtest.counting import Counted, counting
from tests.loadtest.jmeter.example import example

OURS = [(kind, task) for kind, does in tasks(example().work_cost).items() for task in does]
IDS = [f"{kind} {task.request.label}" for kind, task in OURS]


@pytest.fixture(scope="module")
def counted() -> Iterator[Counted]:
    with counting() as server:
        yield server


@pytest.fixture(scope="module")
def locust(counted: Counted) -> dict[str, Any]:
    """Each task of Locust's users: kind, weight, and what it sends first and then."""
    command = [sys.executable, "-m", "tests.loadtest.jmeter.locust_tasks", counted.host]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def label(method: str, name: str) -> str:
    return f"{method} {name}"


def pattern(written: str) -> str:
    """What JMeter may make of a text with variables and functions; of a property, its default."""
    written = re.sub(r"\$\{__P\(\w+,([^)]*)\)\}", r"\1", written)
    inner = re.compile(r"\$\{[^${}]*\}")
    while inner.search(written):
        written = inner.sub("\x00", written)
    return re.escape(written).replace("\x00", '[^/?"]+')


def check_request(ours: Request, method: str, path: str, name: str, body: object) -> None:
    assert ours.label == label(method, name)
    assert re.fullmatch(pattern(ours.path), path), (ours.path, path)
    if body is None:
        assert not ours.body
    else:
        assert re.fullmatch(pattern(ours.body), json.dumps(body)), (ours.body, body)


def test_each_kind_has_the_same_tasks_with_the_same_weights(locust: dict[str, Any]) -> None:
    theirs = [
        (kind, weight, label(sent[1][0], sent[1][2])) for kind, weight, sent in locust["tasks"]
    ]
    assert sorted(theirs) == sorted((kind, task.weight, task.request.label) for kind, task in OURS)


@pytest.mark.parametrize(("kind", "task"), OURS, ids=IDS)
def test_a_task_sends_the_same(kind: str, task: Task, locust: dict[str, Any]) -> None:
    (first, then) = next(
        sent
        for whose, _, sent in locust["tasks"]
        if whose == kind and label(sent[1][0], sent[1][2]) == task.request.label
    )
    check_request(task.request, *then)
    check_request(task.need.otherwise if task.need else task.request, *first)


def test_the_server_saw_the_same_names(locust: dict[str, Any], counted: Counted) -> None:
    theirs = {label(method, name) for *_, sent in locust["tasks"] for method, _, name, _ in sent}
    assert (
        set(counted.routes)
        == theirs
        == {task.request.label for _, task in OURS} | {MAKE_SESSION.label}
    )


def test_the_same_answers_are_right(locust: dict[str, Any]) -> None:
    assert sorted(map(int, ANSWERS.split("|"))) == locust["answers"]
    assert int(ANSWER_WITHIN) / 1000 == locust["answer_within"]


def test_the_same_files_are_read(locust: dict[str, Any]) -> None:
    assert [*STATIC.values()] == locust["static"]
