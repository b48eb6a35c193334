"""A ranking is the same whoever is asked: Redis, DynamoDB, another Region."""

from __future__ import annotations

import random

from generator import names
from generator.sandbox.data_plane.valkey import Valkey
from generator.service import ranking
from tests.sandbox.data_plane.standing import HOME, OTHER
from tests.service.conftest import Launch
from tests.service.local import Service, until


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


def test_another_region_has_the_same_ranking(regions: dict[str, Service]) -> None:
    regions[HOME].record("far", "kim", 3)
    assert top(regions[OTHER], "far") == [("kim", 3)]
    assert regions[OTHER].record("far", "kim", 2) == 3


def test_the_index_is_the_table_s() -> None:
    assert ranking.INDEX == names.BY_SCORE
