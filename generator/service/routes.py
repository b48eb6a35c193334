"""What is answered where."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from . import bodies
from .bodies import read_json
from .exchange import NO_STORE, Request, Response, json_response
from .ranking import Ranking
from .readiness import Readiness
from .router import Router
from .sessions import Sessions
from .settings import Settings
from .static_files import INDEX, StaticFiles
from .work import MOST, Work

MOST_LISTED = 100


class Handlers:
    """A method a request; the name of each is what logs call it."""

    def __init__(
        self,
        settings: Settings,
        sessions: Sessions,
        ranking: Ranking,
        work: Work,
        readiness: Readiness,
    ) -> None:
        self._region, self._static_path = settings.region, settings.static_path
        self._sessions, self._ranking = sessions, ranking
        self._work, self._readiness = work, readiness

    def router(self) -> Router:
        """What is asked for most comes first."""
        return Router(
            {
                "/api/sessions/{id}": {
                    "GET": self.read_session,
                    "PUT": self.replace_session,
                    "DELETE": self.delete_session,
                },
                "/api/sessions": {"POST": self.create_session},
                "/api/boards/{board}": {"GET": self.read_board},
                "/api/boards/{board}/scores": {"POST": self.record_score},
                "/api/boards/{board}/players/{player}": {"GET": self.read_player},
                "/api/time": {"GET": self.read_time},
                "/api/work": {"GET": self.do_work},
                "/readyz": {"GET": self.read_readiness},
                self._static_path + "{name}": {"GET": StaticFiles().read_file},
                "/": {"GET": self.show_index},
            }
        )

    async def show_index(self, _: Request) -> Response:
        """To a path that the edge may keep: this one it may not."""
        location = (b"location", (self._static_path + INDEX).encode())
        return Response(307, headers=(location, *NO_STORE))

    async def create_session(self, request: Request) -> Response:
        body = await read_json(request, ("player", "data"))
        player, data = bodies.player(body["player"]), bodies.data(body["data"])
        return json_response(await self._sessions.create(player, data), 201)

    async def read_session(self, _: Request, session_id: str) -> Response:
        return json_response(await self._sessions.read(session_id))

    async def replace_session(self, request: Request, session_id: str) -> Response:
        """The player may be left out: a session rarely changes hands."""
        body = await read_json(request, ("data",))
        player = bodies.player(body["player"]) if "player" in body else None
        data = bodies.data(body["data"])
        return json_response(await self._sessions.replace(session_id, player, data))

    async def delete_session(self, _: Request, session_id: str) -> Response:
        await self._sessions.delete(session_id)
        return Response(204)

    async def record_score(self, request: Request, name: str) -> Response:
        board = bodies.board(name)
        body = await read_json(request, ("player", "score"))
        player, score = bodies.player(body["player"]), bodies.score(body["score"])
        best = await self._ranking.record(board, player, score)
        return json_response({"player": player, "score": best})

    async def read_board(self, request: Request, name: str) -> Response:
        board = bodies.board(name)
        places = await self._ranking.top(board, bodies.number(request, "top", 10, MOST_LISTED))
        listed = [{"player": place.player, "score": place.score} for place in places]
        return json_response({"board": board, "top": listed})

    async def read_player(self, _: Request, name: str, player: str) -> Response:
        board = bodies.board(name)
        place = await self._ranking.place(board, bodies.player(player))
        return json_response(place._asdict())

    async def read_time(self, _: Request) -> Response:
        return json_response({"region": self._region, "time": datetime.now(UTC).isoformat()})

    async def do_work(self, request: Request) -> Response:
        units = bodies.number(request, "cost", 1, MOST)
        started = time.perf_counter()
        await self._work.do(units)
        milliseconds = round((time.perf_counter() - started) * 1000, 3)
        return json_response({"cost": units, "milliseconds": milliseconds})

    async def read_readiness(self, _: Request) -> Response:
        cache, table = await asyncio.gather(self._readiness.cache(), self._readiness.table())
        states = {"region": self._region, "cache": _state(cache), "table": _state(table)}
        return json_response(states, 200 if table else 503)


def _state(is_usable: bool) -> str:
    return "ok" if is_usable else "down"
