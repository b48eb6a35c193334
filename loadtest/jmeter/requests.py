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
PLAYER = "player"
"""Variable of a thread: who it is. Its group's name and its own number: no two are the same."""
SESSION, BOARD = "session", "board"
"""Variables of a thread: its session's id, and the board where it scored last."""
HAS_SESSION, HAS_BOARD = "has_session", "has_board"
"""Variables of a thread: whether it has one, 1 or 0."""

BODY, CODE, URL = "false", "code", "URL"
"""Parts of an answer, as RegexExtractor.useHeaders calls them; `false` is the body."""

_ANY_BOARD = "load-${__RandomString(1,0123456789,)}"
_ID = r'"id"\s*:\s*"([^"]+)"'
_CONTENTS = f'{{"player": "${{{PLAYER}}}", "data": {{"level": ${{__Random(0,99)}}, "lives": 3}}}}'


class Remembered(NamedTuple):
    """A variable that an answer sets, where it has the pattern; else it stays as it was."""

    variable: str
    part: str
    pattern: str
    value: str = "$1$"
    """`$1$` is the pattern's first group."""


class Request(NamedTuple):
    """One request. `route` is how results call it, `path` what is sent."""

    method: str
    route: str
    path: str
    body: str = ""
    remembered: tuple[Remembered, ...] = ()

    @property
    def label(self) -> str:
        """What JMeter calls its samples."""
        return f"{self.method} {self.route}"


class Need(NamedTuple):
    """What a request needs: a variable that says 1, and what is sent as long as it says 0."""

    variable: str
    otherwise: Request


class Task(NamedTuple):
    """A request and how often it is sent, relative to the kind's others."""

    weight: int
    request: Request
    need: Need | None = None


MAKE_SESSION = Request(
    "POST",
    "/api/sessions",
    "/api/sessions",
    _CONTENTS,
    (Remembered(SESSION, BODY, _ID), Remembered(HAS_SESSION, BODY, _ID, "1")),
)
_READ_SESSION = Request(
    "GET",
    "/api/sessions/{id}",
    f"/api/sessions/${{{SESSION}}}",
    remembered=(Remembered(HAS_SESSION, CODE, "404", "0"),),
)
_WRITE_SESSION = _READ_SESSION._replace(method="PUT", body=_CONTENTS)
_READ_STATIC = Request(
    "GET", "/static/{name}", "${__P(static_path,/static/)}${__V(static_${__RandomString(1,012,)})}"
)
_LOOK_AT_BOARD = Request("GET", "/api/boards/{board}", f"/api/boards/{_ANY_BOARD}?top=10")
_SCORE = Request(
    "POST",
    "/api/boards/{board}/scores",
    f"/api/boards/{_ANY_BOARD}/scores",
    f'{{"player": "${{{PLAYER}}}", "score": ${{__Random(0,999999)}}}}',
    (Remembered(BOARD, URL, "/boards/([^/]+)/"), Remembered(HAS_BOARD, URL, "/boards/", "1")),
)
_LOOK_AT_RANK = Request(
    "GET",
    "/api/boards/{board}/players/{player}",
    f"/api/boards/${{{BOARD}}}/players/${{{PLAYER}}}",
)
_A_SESSION = Need(HAS_SESSION, MAKE_SESSION)
_A_SCORE = Need(HAS_BOARD, _SCORE)


def tasks(work_cost: int) -> Mapping[str, tuple[Task, ...]]:
    """What each kind of user does; `work_cost` is the profile's."""
    return {
        "reader": (
            Task(4, _READ_STATIC),
            Task(3, _LOOK_AT_BOARD),
            Task(3, _READ_SESSION, _A_SESSION),
        ),
        "player": (
            Task(3, _WRITE_SESSION, _A_SESSION),
            Task(2, _READ_SESSION, _A_SESSION),
            Task(3, _SCORE),
            Task(1, _LOOK_AT_BOARD),
            Task(1, _LOOK_AT_RANK, _A_SCORE),
        ),
        "heavy": (Task(1, Request("GET", "/api/work", f"/api/work?cost={work_cost}")),),
    }
