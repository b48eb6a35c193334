"""What Locust's users send, told as JSON: each task once, with a session and without one.

python -m tests.loadtest.jmeter.locust_tasks URL      in a process of its own: Locust changes it
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from locust.env import Environment

from loadtest.pacing import Pacer
from loadtest.target import Load
from loadtest.users import http
from loadtest.users.base import ANSWER_WITHIN_SECONDS, cast
from loadtest.users.http import Heavy, Player, Reader, ServiceUser
from tests.loadtest.jmeter.example import example


def _told(url: str) -> dict[str, Any]:
    sent: list[list[Any]] = []
    really_send = ServiceUser.send

    def send(user: ServiceUser, method: str, path: str, name: str, **more: Any) -> Any:
        sent.append([method, path, name, more.get("json")])
        return really_send(user, method, path, name, **more)

    ServiceUser.send = send  # type: ignore[method-assign,assignment]
    pacer = Pacer(1e6, lambda _: None)
    pacer.share_among(1)
    cast(Load(profile=example(), host=url), pacer, Reader, Player, Heavy)
    tasks = [
        [kind.kind, weight, _requests(kind, task, url, sent)]
        for kind in (Reader, Player, Heavy)
        for task, weight in Counter(kind.tasks).items()
    ]
    return {
        "static": http.STATIC,
        "answers": sorted(http.ANSWERS),
        "answer_within": ANSWER_WITHIN_SECONDS,
        "tasks": tasks,
    }


def _requests(kind: type[ServiceUser], task: Any, url: str, sent: list[list[Any]]) -> list[Any]:
    """What a task sends first and after that."""
    sent.clear()
    kind.host = url
    user = kind(Environment())
    task(user)
    task(user)
    return [*sent]


if __name__ == "__main__":
    print(json.dumps(_told(sys.argv[1])))
