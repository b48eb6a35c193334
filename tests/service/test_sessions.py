"""A session is what DynamoDB says; Redis only says it faster."""

from __future__ import annotations

import asyncio
import re
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from generator import names
from generator.layers import database
from generator.service import sessions
from generator.service.aws import Aws
from generator.service.cache import Cache
from generator.service.metrics import Metrics
from generator.service.problems import NotFound
from generator.service.table import Item, Table
from tests.sandbox.data_plane.standing import HOME, OTHER, SETTINGS
from tests.service.local import Place, Service

TABLE = names.table(SETTINGS, "sessions")


def test_it_is_made_read_written_and_deleted(service: Service) -> None:
    made = service.new_session(level=1)
    assert made | {"id": "", "expires_at": 0} == {
        "version": 1,
        "id": "",
        "player": "kim",
        "data": {"level": 1},
        "expires_at": 0,
    }
    path = f"/api/sessions/{made['id']}"
    assert service.get(path) == made
    written = service.write_session(made["id"], level=2)
    assert (written["version"], written["player"], written["data"]) == (2, "kim", {"level": 2})
    assert service.get(path) == written
    assert service.ask("PUT", path, {"player": "lee", "data": {}}).json["player"] == "lee"
    assert service.ask("DELETE", path).status == 204
    assert [service.ask(method, path).status for method in ("GET", "DELETE")] == [404, 404]
    assert service.ask("PUT", path, {"data": {}}).status == 404


def test_written_in_one_region_it_is_read_in_the_other(regions: dict[str, Service]) -> None:
    made = regions[HOME].new_session(level=1)
    path = f"/api/sessions/{made['id']}"
    assert regions[OTHER].get(path) == made
    written = regions[OTHER].write_session(made["id"], level=2)
    assert written["version"] == 2
    assert regions[OTHER].get(path) == written


def test_ids_can_not_be_guessed(service: Service) -> None:
    ids = {service.new_session()["id"] for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"[\w-]{22}", each, re.ASCII) for each in ids)


@pytest.mark.parametrize("name", ["nobody", "A" * 22, "..%2f..%2fetc", "{x}", "%00"])
def test_what_is_no_session_is_not_found(service: Service, name: str) -> None:
    answer = service.ask("GET", f"/api/sessions/{name}")
    assert (answer.status, list(answer.json)) == (404, ["error"])


def test_data_of_any_script_comes_back(service: Service) -> None:
    data = {
        "이름": "홍길동",
        "emoji": "🎮",
        "half": "\ud83d",
        "quote": '"}\n',
        "n": [1.5, None, True],
    }
    made = service.new_session(**data)
    assert service.get(f"/api/sessions/{made['id']}")["data"] == data


def test_what_is_over_is_not_found_and_tidied_up(stores: Place, service: Service) -> None:
    """A strongly consistent table has no time to live."""
    dynamodb = stores.account.client("dynamodb", HOME)
    ways: list[tuple[str, object]] = [("GET", None), ("PUT", {"data": {}}), ("DELETE", None)]
    for number, (method, body) in enumerate(ways):
        session_id = f"{number:0>22}"
        item = {
            "session_id": {"S": session_id},
            "version": {"N": "3"},
            "player": {"S": "kim"},
            "data": {"S": "{}"},
            database.EXPIRY: {"N": str(int(time.time()) - sessions.TIDIED_SECONDS)},
        }
        dynamodb.put_item(TableName=TABLE, Item=item)
        assert service.ask(method, f"/api/sessions/{session_id}", body).status == 404
        key = {"session_id": {"S": session_id}}
        assert "Item" not in dynamodb.get_item(TableName=TABLE, Key=key)


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"data": {}})])
def test_what_has_just_ended_is_left_to_whoever_renews_it(
    stores: Place, service: Service, method: str, body: object
) -> None:
    """In another Region it may be renewed already; its write is not to be deleted there too."""
    dynamodb = stores.account.client("dynamodb", HOME)
    item = {
        "session_id": {"S": f"just-over-{method:->12}"},
        "version": {"N": "3"},
        "player": {"S": "kim"},
        "data": {"S": "{}"},
        database.EXPIRY: {"N": str(int(time.time()) - 1)},
    }
    dynamodb.put_item(TableName=TABLE, Item=item)
    assert service.ask(method, f"/api/sessions/{item['session_id']['S']}", body).status == 404
    key = {"session_id": item["session_id"]}
    assert dynamodb.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"] == item


class Late(Table):
    """What it reads was overwritten since."""

    stale: Item

    async def get(self, key: Item, *, consistent: bool = True) -> Item | None:
        return self.stale


def test_what_was_renewed_since_it_was_read_is_not_tidied_up(
    stores: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds it long over may be late: its writer was told that it is kept."""
    for name, value in stores.account.environment(HOME).items():
        monkeypatch.setenv(name, value)
    calls, metrics = Aws(HOME), Metrics("n", "p", "r")
    table, cache = (
        Late(calls, TABLE, metrics),
        Cache(Redis(port=1, retry=Retry(NoBackoff(), 0)), None, metrics),
    )
    stale: Item = {"session_id": "renewed-meanwhile-----", "version": 1, "player": "kim"}
    table.stale = stale | {"data": "{}", sessions.EXPIRY: 1}
    renewed = table.stale | {"version": 2, sessions.EXPIRY: int(time.time()) + 60}

    async def read() -> Item | None:
        await table.put(renewed)
        with pytest.raises(NotFound):
            await sessions.Sessions(table, cache).read(str(stale["session_id"]))
        await cache.close()
        return await Table(calls, TABLE, metrics).get({"session_id": stale["session_id"]})

    assert asyncio.run(read()) == renewed
    calls.close()


def test_dynamodb_knows_when_it_is_over() -> None:
    """By the attribute that the table's time to live names."""
    assert sessions.EXPIRY == database.EXPIRY


def test_versions_never_go_back(service: Service) -> None:
    """With several writers, nobody reads a version older than one that he has read before."""
    session_id = service.new_session(writes=0)["id"]
    path = f"/api/sessions/{session_id}"

    def write(_: int) -> int:
        version: int = service.write_session(session_id, by="a writer")["version"]
        assert service.get(path)["version"] >= version, "an acknowledged write was lost"
        return version

    def read(_: int) -> list[int]:
        return [service.get(path)["version"] for _ in range(30)]

    with ThreadPoolExecutor(8) as threads:
        reads = [threads.submit(read, number) for number in range(4)]
        versions = list(threads.map(write, range(40)))
    assert sorted(versions) == list(range(2, 42))
    for seen in reads:
        assert all(earlier <= later for earlier, later in pairwise(seen.result()))
    assert service.get(path)["version"] == 41
