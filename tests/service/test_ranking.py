"""A ranking is the same whoever is asked: Redis, DynamoDB, another Region."""

from __future__ import annotations

import random
from pathlib import Path

from generator import names
from generator.sandbox.data_plane.valkey import Valkey
from generator.service import ranking
from tests.sandbox.data_plane.standing import HOME, OTHER, SETTINGS
from tests.service.caches import node
from tests.service.conftest import Launch
from tests.service.local import Place, Service, until


def top(service: Service, board: str, most: int = 10) -> list[tuple[str, int]]:
    """As listed."""
    listed = service.get(f"/api/boards/{board}?top={most}")["top"]
    return [(each["player"], each["score"]) for each in listed]


def place(service: Service, board: str, player: str) -> tuple[int, int | None]:
    """Score and rank."""
    found = service.get(f"/api/boards/{board}/players/{player}")
    return found["score"], found["rank"]


def test_the_best_score_stays(service: Service) -> None:
    assert [service.record("best", "kim", score) for score in (5, 3, 7, 7, 6)] == [5, 5, 7, 7, 7]
    assert top(service, "best") == [("kim", 7)]


def test_the_best_come_first_and_equals_share_a_rank(service: Service) -> None:
    for player, score in {"a": 10, "b": 30, "c": 20, "d": 30, "e": -5}.items():
        service.record("order", player, score)
    wanted = [("b", 30), ("d", 30), ("c", 20), ("a", 10), ("e", -5)]
    assert top(service, "order") == wanted
    assert top(service, "order", 2) == wanted[:2]
    ranks = {player: place(service, "order", player)[1] for player, _ in wanted}
    assert ranks == {"b": 1, "d": 1, "c": 3, "a": 4, "e": 5}


def test_an_empty_board_is_empty_until_the_first_score(service: Service) -> None:
    assert top(service, "empty") == []
    assert service.ask("GET", "/api/boards/empty/players/kim").status == 404
    service.record("empty", "kim", 1)
    assert top(service, "empty") == [("kim", 1)]


def test_scores_are_exact_as_far_as_json_is(service: Service) -> None:
    largest = 2**53 - 1
    for player, score in {"most": largest, "next": largest - 1, "least": -largest}.items():
        service.record("exact", player, score)
    assert top(service, "exact") == [("most", largest), ("next", largest - 1), ("least", -largest)]
    assert place(service, "exact", "next") == (largest - 1, 2)


def test_cache_and_table_say_the_same(launch: Launch, valkey: Valkey, service: Service) -> None:
    """The same scores in any order, read with a cache, with an empty one, and without one."""
    dice = random.Random(4)
    players = [f"p{number}" for number in range(12)]
    scores = [(dice.choice(players), dice.randrange(40)) for _ in range(60)]
    own = launch(valkey.port)
    for player, score in scores:
        own.record("same", player, score)
    best: dict[str, int] = {}
    for player, score in scores:
        best[player] = max(score, best.get(player, score))
    wanted = sorted(best.items(), key=lambda each: (-each[1], each[0]))

    def assert_is_right() -> None:
        assert top(own, "same", 100) == wanted
        for player, score in wanted:
            higher = sum(other > score for other in best.values())
            assert place(own, "same", player) == (score, higher + 1)

    assert_is_right()
    valkey.kill()
    assert_is_right()
    valkey.restart()
    until(lambda: own.cache_is("ok"))
    assert_is_right()
    assert_is_right()
    assert top(service, "same", 100) == wanted


def test_a_set_that_was_evicted_is_filled_again(launch: Launch, tmp_path: Path) -> None:
    """Also when only a part of it is there again: a marker may stay where its set has gone."""
    with node(tmp_path / "node") as cache:
        service = launch(cache.port)
        for player, score in {"a": 1, "b": 2}.items():
            service.record("evicted", player, score)
        assert top(service, "evicted") == [("b", 2), ("a", 1)]
        scores = "{board:evicted}:scores"
        assert cache.admin.delete(scores) == 1
        assert top(service, "evicted") == [("b", 2), ("a", 1)]
        assert cache.admin.delete(scores) == 1
        service.record("evicted", "c", 3)
        assert top(service, "evicted") == [("c", 3), ("b", 2), ("a", 1)]
        assert place(service, "evicted", "a") == (1, 3)


def test_a_board_ranks_its_best_thousand(launch: Launch, tmp_path: Path, stores: Place) -> None:
    """With a cache, and without one; whoever is beyond has a score."""
    with node(tmp_path / "node") as cache:
        service = launch(cache.port)
        fill(stores, "large", ranking.BEST + 5)
        assert len(top(service, "large", 100)) == 100
        assert cache.admin.zcard("{board:large}:scores") == ranking.BEST
        service.record("large", "newcomer", 3)
        assert cache.admin.zcard("{board:large}:scores") == ranking.BEST
        wanted = {"p1004": (1004, 1), "p5": (5, ranking.BEST), "p4": (4, None)}
        assert {name: place(service, "large", name) for name in wanted} == wanted
        assert place(service, "large", "newcomer") == (3, None)
        cache.run("CLIENT", "KILL", "USER", "app")
        cache.run("ACL", "SETUSER", "app", "off")
        until(lambda: service.cache_is("down"))
        assert {name: place(service, "large", name) for name in wanted} == wanted


def fill(place: Place, board: str, players: int) -> None:
    """Players whose number is their score."""
    table = names.table(SETTINGS, "ranking")
    client = place.account.client("dynamodb", HOME)
    rows = [
        {"board": {"S": board}, "player": {"S": f"p{score}"}, "score": {"N": str(score)}}
        for score in range(players)
    ]
    for first in range(0, players, 25):
        batch = [{"PutRequest": {"Item": row}} for row in rows[first : first + 25]]
        client.batch_write_item(RequestItems={table: batch})


def test_another_region_has_the_same_ranking(regions: dict[str, Service]) -> None:
    regions[HOME].record("far", "kim", 3)
    assert top(regions[OTHER], "far") == [("kim", 3)]
    assert regions[OTHER].record("far", "kim", 2) == 3


def test_the_index_is_the_table_s() -> None:
    assert ranking.INDEX == names.BY_SCORE
