"""Users of the tables themselves: what the service asks of DynamoDB, without the service.

Nothing is tried again, so that a throttled request is seen as one. Every answer says what capacity
it consumed: read units of GetItem and Query, write units of the others.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from gevent import Timeout
from locust import task
from locust.env import Environment

from loadtest.users import base
from loadtest.users.base import PLAYERS, Paced

BY_SCORE = "by_score"
BOARDS = tuple(f"load-{number}" for number in range(10))
READS = frozenset({"GetItem", "Query"})
THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
    }
)
LIFETIME_SECONDS = 3600
"""After which DynamoDB deletes a session of ours."""
MOST_CONNECTIONS = 10_000
"""A connection a user; they are made when they are needed."""

DATA = {"S": '{"level":7,"lives":3}'}

Answer = dict[str, Any]


@cache
def _client(region: str) -> Any:
    """One for all users of a process: making it takes longer than a hundred requests."""
    config = Config(
        region_name=region,
        max_pool_connections=MOST_CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    return boto3.client("dynamodb", config=config)


class TableUser(Paced):
    """Reads and writes its own session, and the rankings of a load's own boards."""

    kind = "table"

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.client = _client(self.load.region)
        self.id = f"load-{random.getrandbits(48):012x}"
        self.board = random.choice(BOARDS)
        self.player = f"load-{random.randrange(PLAYERS)}"
        self.has_session = False

    @task(6)
    def read_session(self) -> None:
        """By its key, strongly consistent as the service reads it."""
        key = {"session_id": {"S": self.id}}
        self._ask("GetItem", "sessions", self.client.get_item, Key=key, ConsistentRead=True)

    @task(2)
    def write_session(self) -> None:
        """Its next version; the first one, where there is none."""
        if not self.has_session:
            self._create_session()
            return
        values = {":data": DATA, ":expires": _expiry(), ":now": _seconds(0), ":one": {"N": "1"}}
        self._ask(
            "UpdateItem",
            "sessions",
            self.client.update_item,
            Key={"session_id": {"S": self.id}},
            UpdateExpression="SET #data = :data, expires_at = :expires ADD version :one",
            ConditionExpression="expires_at > :now",
            ExpressionAttributeNames={"#data": "data"},
            ExpressionAttributeValues=values,
        )

    @task(1)
    def score(self) -> None:
        """Another score: the table and its index are written.

        Without the service's condition, which the score of an earlier run, or of a user who is the
        same player, would not meet. One that is met costs nothing more.
        """
        self._ask(
            "UpdateItem",
            "ranking",
            self.client.update_item,
            Key={"board": {"S": self.board}, "player": {"S": self.player}},
            UpdateExpression="SET score = :score",
            ExpressionAttributeValues={":score": {"N": str(random.randrange(1_000_000))}},
        )

    @task(1)
    def read_board(self) -> None:
        """The best ten, by the index."""
        self._ask(
            "Query",
            "ranking",
            self.client.query,
            IndexName=BY_SCORE,
            KeyConditionExpression="board = :board",
            ExpressionAttributeValues={":board": {"S": self.board}},
            ScanIndexForward=False,
            Limit=10,
        )

    def _create_session(self) -> None:
        item = {
            "session_id": {"S": self.id},
            "player": {"S": self.player},
            "data": DATA,
            "version": {"N": "1"},
            "expires_at": _expiry(),
        }
        answer = self._ask("PutItem", "sessions", self.client.put_item, Item=item)
        self.has_session = bool(answer)

    def _ask(
        self, operation: str, table: str, call: Callable[..., Answer], **parameters: object
    ) -> Answer:
        """One request, once its slot has come; Locust hears how it went. Empty where it failed."""
        limit = self.turn()
        answer: Answer = {}
        error: BaseException | None = None
        began, clock = time.time(), time.perf_counter()
        try:
            name = f"{self.load.prefix}-{table}"
            with limit:
                answer = call(TableName=name, ReturnConsumedCapacity="TOTAL", **parameters)
        except (ClientError, BotoCoreError, Timeout) as caught:
            error = caught
        milliseconds = (time.perf_counter() - clock) * 1000.0
        self.environment.events.request.fire(
            request_type=operation,
            name=table,
            response_time=milliseconds,
            response_length=_length(answer),
            start_time=began,
            exception=error,
            context={},
            units=_units(operation, answer),
            throttled=_is_throttle(error),
        )
        return answer


def reason(error: BaseException) -> str:
    """Why a request failed: AWS' code of the error, or its kind where none was answered."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else base.reason(error)


def _expiry() -> dict[str, str]:
    return _seconds(LIFETIME_SECONDS)


def _seconds(later: int) -> dict[str, str]:
    """Since the epoch, so much later than now."""
    return {"N": str(int(time.time()) + later)}


def _units(operation: str, answer: Answer) -> tuple[float, float]:
    """What was read, what was written."""
    consumed = float(answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0))
    return (consumed, 0.0) if operation in READS else (0.0, consumed)


def _length(answer: Answer) -> int:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return int(headers.get("content-length", 0))


def _is_throttle(error: BaseException | None) -> bool:
    return isinstance(error, ClientError) and error.response["Error"]["Code"] in THROTTLES
