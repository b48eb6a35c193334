"""Users of the cache itself: what the service asks of Redis, without the service.

Each has a connection of its own. Nothing is tried again; a connection that broke is made anew.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from gevent import Timeout
from locust import task
from locust.env import Environment
from redis import Redis, RedisCluster
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry

from loadtest.target import Load
from loadtest.users.base import PLAYERS, Paced

BOARDS = tuple(f"load:board:{number}" for number in range(10))
LIFETIME_SECONDS = 3600
"""After which the cache forgets a session, and a board that has had no score."""
SESSION = b'{"player": "load", "data": {"level": 7, "lives": 3}}'
TIMEOUT_SECONDS = 5.0
"""Of one answer, less than of a whole request: so a cluster's client learns that a node is lost."""

Client = Redis | RedisCluster


class CacheUser(Paced):
    """Reads and writes its own session, and sorted sets of a load's own."""

    kind = "cache"

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._client: Client | None = None
        self.player = f"load-{random.randrange(PLAYERS)}"
        self.key = f"load:session:{random.getrandbits(48):012x}"

    def on_stop(self) -> None:
        """Leave nothing open."""
        if self._client is not None:
            self._client.close()

    @task(6)
    def read_session(self) -> None:
        """By its key."""
        self._ask("GET", "session", lambda client: client.get(self.key))

    @task(2)
    def write_session(self) -> None:
        """A new version, which expires."""
        self._ask(
            "SET", "session", lambda client: client.set(self.key, SESSION, ex=LIFETIME_SECONDS)
        )

    @task(1)
    def score(self) -> None:
        """A score, if it is the player's best; the board lives on."""
        board, scores = random.choice(BOARDS), {self.player: random.randrange(1_000_000)}
        self._ask("ZADD", "board", lambda client: _add(client, board, scores))

    @task(1)
    def read_board(self) -> None:
        """The best ten."""
        board = random.choice(BOARDS)
        self._ask(
            "ZREVRANGE", "board", lambda client: client.zrevrange(board, 0, 9, withscores=True)
        )

    def _ask(self, command: str, name: str, call: Callable[[Client], object]) -> None:
        """One command, once its slot has come; Locust hears how it went."""
        limit = self.turn()
        error: BaseException | None = None
        answer: object = None
        began, clock = time.time(), time.perf_counter()
        try:
            with limit:
                # A cluster is asked for its nodes at once: that belongs to the first request.
                self._client = self._client or _connect(self.load)
                answer = call(self._client)
        except (RedisError, RedisClusterException, Timeout) as caught:
            error = caught
        self.environment.events.request.fire(
            request_type=command,
            name=name,
            response_time=(time.perf_counter() - clock) * 1000.0,
            response_length=len(answer) if isinstance(answer, bytes) else 0,
            start_time=began,
            exception=error,
            context={},
        )


def _add(client: Client, board: str, scores: Mapping[str, int]) -> object:
    """Both commands in one exchange."""
    both = client.pipeline(transaction=False)
    both.zadd(board, scores, gt=True)
    both.expire(board, LIFETIME_SECONDS)
    return both.execute()


def _connect(load: Load) -> Client:
    """A client whose connections, one a node, are made with the first commands."""
    host, port = load.cache_address
    client: type[Client] = RedisCluster if load.cache_cluster else Redis
    return client(
        host=host,
        port=port,
        username=load.cache_username or None,
        password=load.cache_password or None,
        ssl=load.cache_tls,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
