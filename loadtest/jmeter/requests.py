"""What the users of `loadtest.users.http` send, in words of JMeter: the same routes, as often.

`${name}` is a variable of JMeter's, `${__RandomString(1,012,)}` one of its functions: a digit of
these, where `__Random` leaves out the last one in JMeter 2.13.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

SECRET_HEADER = "X-Origin-Secret"
ANSWERS = "200|201|204|304"
"""A pattern of status codes; any other fails, a redirect too."""

STATIC = {"static_0": "index.html", "static_1": "style.css", "static_2": "globe.svg"}
"""Variables: what there is to read."""
SESSION, HAS_SESSION = "session", "has_session"
"""Variables of a thread: its session's id, and whether there is one, 1 or 0."""
PLAYER = "player"
"""Variable of a thread: who it is. Its group's name and its own number: no two are the same."""

_BOARD = "load-${__RandomString(1,0123456789,)}"
_CONTENTS = f'{{"player": "${{{PLAYER}}}", "data": {{"level": ${{__Random(0,99)}}, "lives": 3}}}}'


class Request(NamedTuple):
    """One request. `route` is how results call it, `path` what is sent."""

    method: str
    route: str
    path: str
    body: str = ""
    of_session: bool = False
    """Whether it needs a session, which is made instead where there is none."""

    @property
    def label(self) -> str:
        """What JMeter calls its samples."""
        return f"{self.method} {self.route}"


class Task(NamedTuple):
    """A request and how often it is sent, relative to the kind's others."""

    weight: int
    request: Request


MAKE_SESSION = Request("POST", "/api/sessions", "/api/sessions", _CONTENTS)
_READ_SESSION = Request(
    "GET", "/api/sessions/{id}", f"/api/sessions/${{{SESSION}}}", of_session=True
)
_WRITE_SESSION = _READ_SESSION._replace(method="PUT", body=_CONTENTS)
_READ_STATIC = Request("GET", "/static/{name}", "/static/${__V(static_${__RandomString(1,012,)})}")
_LOOK_AT_BOARD = Request("GET", "/api/boards/{board}", f"/api/boards/{_BOARD}?top=10")
_LOOK_AT_RANK = Request(
    "GET",
    "/api/boards/{board}/players/{player}",
    f"/api/boards/{_BOARD}/players/${{{PLAYER}}}",
)
_SCORE = Request(
    "POST",
    "/api/boards/{board}/scores",
    f"/api/boards/{_BOARD}/scores",
    f'{{"player": "${{{PLAYER}}}", "score": ${{__Random(0,999999)}}}}',
)


def tasks(work_cost: int) -> Mapping[str, tuple[Task, ...]]:
    """What each kind of user does; `work_cost` is the profile's."""
    work = Request("GET", "/api/work", f"/api/work?cost={work_cost}")
    return {
        "reader": (Task(4, _READ_STATIC), Task(3, _LOOK_AT_BOARD), Task(3, _READ_SESSION)),
        "player": (
            Task(3, _WRITE_SESSION),
            Task(2, _READ_SESSION),
            Task(3, _SCORE),
            Task(1, _LOOK_AT_BOARD),
            Task(1, _LOOK_AT_RANK),
        ),
        "heavy": (Task(1, work),),
    }
