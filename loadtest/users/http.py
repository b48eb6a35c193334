"""Users of the service, through CloudFront or straight at its load balancers.

Requests are named by their route, so that results have a row a route. An answer other than these
four fails; so does a redirect, which would lead elsewhere: the load stays with the host it was
aimed at. A session that is gone before its time fails as well, for it was lost; and so does an
answer without the session that was written, however well its status looks: it is another's.
"""

from __future__ import annotations

import json
import random
import ssl
import time
from functools import cache
from http.client import responses
from typing import Any

from geventhttpclient.useragent import RetriesExceeded
from locust import FastHttpUser, task
from locust.contrib.fasthttp import LocustBadStatusCode, ResponseContextManager
from locust.env import Environment
from locust.exception import CatchResponseError, StopTest

from generator.errors import Refused
from loadtest.users import base
from loadtest.users.base import PLAYERS, Paced

ANSWERS = frozenset({200, 201, 204, 304})
NO_SESSION = "no session in the answer"
SECRET_HEADER = "X-Origin-Secret"
STATIC = ("index.html", "style.css", "globe.svg")
BOARDS = tuple(f"load-{number}" for number in range(10))
"""Boards of a load's own: no real player's rank is touched."""


@cache
def _ssl_context(cafile: str | None = None) -> ssl.SSLContext:
    """One for all users: reading the authorities takes longer than a request."""
    return ssl.create_default_context(cafile=cafile)


class ServiceUser(Paced, FastHttpUser):
    """A user with a session, which is made when it is first needed."""

    abstract = True
    insecure = False
    max_redirects = 0
    # The limit on a whole request stands for those on each part of it, and costs less.
    connection_timeout = network_timeout = None  # type: ignore[assignment]
    ssl_context_factory = staticmethod(_ssl_context)

    def __init__(self, environment: Environment) -> None:
        self._check(environment)
        if self.load.target == "origin" and self.load.origin_secret:
            self.default_headers = {SECRET_HEADER: self.load.origin_secret}
        super().__init__(environment)
        agent = self.client.client
        agent.valid_response_codes = ANSWERS  # type: ignore[misc]  # this user's own agent
        self.player = f"load-{random.randrange(PLAYERS)}"
        self.session: str | None = None
        self.board: str | None = None
        self.expires_at = 0.0

    def send(self, method: str, path: str, name: str, **more: Any) -> ResponseContextManager:
        """One request, once its slot has come."""
        with self.turn():
            return self.client.request(method, path, name, **more)

    def with_session(self, method: str, **more: Any) -> None:
        """A request for the user's session; one that makes it, where there is none."""
        if self.session is None:
            self.create_session()
            return
        path = f"/api/sessions/{self.session}"
        request = self.send(method, path, "/api/sessions/{id}", catch_response=True, **more)
        with request as response:
            if response.status_code == 404:
                self.session = None
                if self.expires_at <= time.time():
                    response.success()
            elif method == "PUT":
                self._keep(response)

    def create_session(self) -> None:
        """A session of this user's own."""
        path, body = "/api/sessions", self.contents()
        with self.send("POST", path, path, catch_response=True, json=body) as response:
            self._keep(response)

    def contents(self) -> dict[str, object]:
        """What a session holds."""
        return {"player": self.player, "data": {"level": random.randrange(100), "lives": 3}}

    def read_board(self) -> None:
        """The best of a board."""
        path = f"/api/boards/{random.choice(BOARDS)}?top=10"
        self.send("GET", path, "/api/boards/{board}")

    def _keep(self, response: ResponseContextManager) -> None:
        """The session as it was just written: each time, its life begins anew."""
        if response.request_meta["exception"] is not None:
            return
        try:
            written = json.loads(response.content)
            self.session, self.expires_at = str(written["id"]), float(written["expires_at"])
        except (ValueError, KeyError, TypeError):
            response.failure(NO_SESSION)

    def _check(self, environment: Environment) -> None:
        """The web page lets people name another host: refused here, before anything is sent."""
        try:
            self.load.check(self.host)
        except Refused as error:
            environment.process_exit_code = Refused.exit_code
            raise StopTest(str(error)) from None


def reason(error: BaseException) -> str:
    """Why a request failed: a status as in `503 Service Unavailable`, or the kind of error.

    Or our own words, where it was the answer's body.
    """
    if isinstance(error, CatchResponseError):
        return str(error)
    if isinstance(error, LocustBadStatusCode):
        code: int = error.code  # type: ignore[attr-defined]  # of its keywords
        return f"{code} {responses.get(code, '')}".rstrip()
    if isinstance(error, RetriesExceeded):
        return base.reason(error.original)  # type: ignore[attr-defined]  # likewise
    return base.reason(error)


class Reader(ServiceUser):
    """Looks around: static pages, rankings, and its session."""

    kind = "reader"

    @task(4)
    def read_static(self) -> None:
        """What CloudFront may have in its cache."""
        self.send("GET", f"{self.load.static_path}{random.choice(STATIC)}", "/static/{name}")

    @task(3)
    def look_at_board(self) -> None:
        """Who leads."""
        self.read_board()

    @task(3)
    def read_session(self) -> None:
        """Its own session."""
        self.with_session("GET")


class Player(ServiceUser):
    """Plays: its session changes, and scores come in."""

    kind = "player"

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.board = random.choice(BOARDS)
        self.has_score = False

    @task(3)
    def write_session(self) -> None:
        """A new version of its session."""
        self.with_session("PUT", json=self.contents())

    @task(2)
    def read_session(self) -> None:
        """Its session."""
        self.with_session("GET")

    @task(3)
    def score(self) -> None:
        """A score on its own board; the service keeps the best."""
        body = {"player": self.player, "score": random.randrange(1_000_000)}
        path = f"/api/boards/{self.board}/scores"
        response = self.send("POST", path, "/api/boards/{board}/scores", json=body)
        self.has_score = self.has_score or response.status_code == 200

    @task(1)
    def look_at_board(self) -> None:
        """Who leads."""
        self.read_board()

    @task(1)
    def look_at_rank(self) -> None:
        """Where it stands itself, once it has a score."""
        if not self.has_score:
            self.score()
            return
        path = f"/api/boards/{self.board}/players/{self.player}"
        self.send("GET", path, "/api/boards/{board}/players/{player}")


class Heavy(ServiceUser):
    """Asks for CPU time."""

    kind = "heavy"

    @task
    def work(self) -> None:
        """As many units as the profile says."""
        self.send("GET", f"/api/work?cost={self.load.profile.work_cost}", "/api/work")
