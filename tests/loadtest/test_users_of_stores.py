"""Users of tables and of the cache, against the sandbox's DynamoDB and a real Valkey."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from generator.sandbox.data_plane.valkey import User, Valkey
from loadtest.results import Row, Run, read_run
from loadtest.running import run
from loadtest.target import Load
from tests.loadtest.counting import counting
from tests.loadtest.profiles import profile
from tests.local_aws import Account

REGION = "ap-northeast-2"
PASSWORD = "p4ss-of-the-cache"
SHAPE = {"kind": "steady", "users": 5, "ramp_seconds": 0, "seconds": 1}
THINKS = {"table": [0.005, 0.01], "cache": [0.005, 0.01]}
LIFETIME_SECONDS = 3600
THROTTLED = "ProvisionedThroughputExceededException"
REFUSED = b'{"__type": "com.amazonaws.dynamodb.v20120810#%s"}' % THROTTLED.encode()


@pytest.fixture
def tables(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two tables, with their keys and index as the database layer makes them."""
    dynamodb = account.client("dynamodb", REGION)
    dynamodb.create_table(
        TableName="gtm-dev-sessions", **keys(session_id="HASH"), BillingMode="PAY_PER_REQUEST"
    )
    by_score = {"IndexName": "by_score", "Projection": {"ProjectionType": "ALL"}}
    dynamodb.create_table(
        TableName="gtm-dev-ranking",
        AttributeDefinitions=attributes("board", "player", "score"),
        KeySchema=keys(board="HASH", player="RANGE")["KeySchema"],
        GlobalSecondaryIndexes=[
            by_score | {"KeySchema": keys(board="HASH", score="RANGE")["KeySchema"]}
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for name, value in account.environment(REGION).items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)


def attributes(*names: str) -> list[dict[str, str]]:
    kinds = {"score": "N"}
    return [{"AttributeName": name, "AttributeType": kinds.get(name, "S")} for name in names]


def keys(**kinds: str) -> dict[str, list[dict[str, str]]]:
    schema = [{"AttributeName": name, "KeyType": kind} for name, kind in kinds.items()]
    return {"KeySchema": schema, "AttributeDefinitions": attributes(*kinds)}


def rows(result: Run) -> dict[str, Row]:
    """Its totals by `METHOD name`."""
    return {f"{row.method} {row.name}".strip(): row for row in result.totals}


def is_of_the_load(player: str) -> bool:
    """One of the ten thousand whose scores one run after another writes."""
    return re.fullmatch(r"load-[0-9]{1,4}", player) is not None


def table_load(folder: Path) -> Load:
    return Load(
        profile=profile(folder, shape=SHAPE, think_seconds=THINKS, hosts=["gtm-dev"]),
        target="table",
        prefix="gtm-dev",
        region=REGION,
        out=folder / "out",
    )


@pytest.mark.usefixtures("tables")
def test_users_of_tables_tell_what_each_operation_consumed(
    account: Account, tmp_path: Path
) -> None:
    """A unit for a strongly consistent read or a write, half a unit for an index' read; a score is
    written to the index too, and deleted there first if it was another:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
    """
    found = rows(read_run(run(table_load(tmp_path))))
    assert found["Aggregated"].failures == 0
    for name, units in {"GetItem sessions": 1, "Query ranking": 0.5}.items():
        assert found[name].requests > 0
        assert found[name].read_units == units * found[name].requests
        assert found[name].write_units == 0
    for name in ("PutItem sessions", "UpdateItem sessions"):
        assert found[name].write_units == found[name].requests > 0
        assert found[name].read_units == 0
    scored = found["UpdateItem ranking"]
    assert 2 * scored.requests <= scored.write_units <= 3 * scored.requests
    assert scored.requests > 0
    dynamodb = account.client("dynamodb", REGION)
    players = dynamodb.scan(TableName="gtm-dev-ranking")["Items"]
    assert {item["board"]["S"].partition("-")[0] for item in players} == {"load"}
    assert all(is_of_the_load(item["player"]["S"]) for item in players)


def test_a_throttled_request_is_seen_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried once, fails, and is counted as throttled. No user waits for another one's."""
    with counting() as dynamodb:
        dynamodb.delay = 0.2
        dynamodb.statuses["POST /"], dynamodb.bodies["POST /"] = 400, REFUSED
        for name, value in {
            "AWS_ENDPOINT_URL": dynamodb.host,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "nothing",
        }.items():
            monkeypatch.setenv(name, value)
        result = read_run(run(table_load(tmp_path)))
        whole = rows(result)["Aggregated"]
        assert {failure.reason for failure in result.failures} == {THROTTLED}
        assert whole.throttles == whole.failures == whole.requests == dynamodb.total
        one_after_another = 2.0 / dynamodb.delay
        assert dynamodb.total > 1.5 * one_after_another


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path, User("app", PASSWORD))
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.close()


def test_users_of_the_cache_say_who_they_are(valkey: Valkey, tmp_path: Path) -> None:
    load = Load(
        profile=profile(tmp_path, shape=SHAPE, think_seconds=THINKS),
        target="cache",
        host=f"127.0.0.1:{valkey.port}",
        cache_username="app",
        cache_password=PASSWORD,
        cache_tls=False,
        out=tmp_path / "out",
    )
    found = rows(read_run(run(load)))
    assert set(found) == {
        "GET session",
        "SET session",
        "ZADD board",
        "ZREVRANGE board",
        "Aggregated",
    }
    assert found["Aggregated"].failures == 0
    assert found["Aggregated"].requests > 100
    kept = [path for path in (tmp_path / "out").iterdir() if PASSWORD in path.read_text()]
    assert not kept

    # What runs leave behind does not grow: ten thousand players, on boards that expire.
    with Redis(port=valkey.port, username="app", password=PASSWORD, decode_responses=True) as cache:
        boards = list(cache.scan_iter("load:board:*"))
        assert all(0 < cache.ttl(board) <= LIFETIME_SECONDS for board in boards)
        players = {player for board in boards for player in cache.zrange(board, 0, -1)}
    assert players
    assert all(is_of_the_load(player) for player in players)
