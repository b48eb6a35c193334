"""What is launched when: what may stand side by side at once, and nothing before its needs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.taskcat.configuration import Trial, Unknown, batches, carried, chosen, trials_of

HOME, NEAR, FAR = "ap-northeast-2", "us-east-1", "eu-west-1"


def unit(layer: str, *after: str, **more: object) -> dict[str, Any]:
    return {"layer": layer, "after": list(after), "carried": {}, **more}


MANIFEST: dict[str, Any] = {
    "environment": "toy",
    "home_region": HOME,
    "waves": {"layer": "regional"},
    "rollout": [
        unit("storage"),
        unit("foundation", "storage"),
        unit("pipeline", "foundation"),
        unit("database", "foundation"),
        unit("regional", "storage", "database"),
        unit(
            "edge",
            "regional",
            carried={"Address": {"layer": "regional", "region": NEAR, "output": "DnsName"}},
        ),
    ],
}


def made(name: str, *regions: str, layer: str = "") -> Trial:
    return Trial(name, "toy", layer or name, regions or (HOME,))


def names(tests: tuple[Trial, ...]) -> list[list[str]]:
    return [
        [f"{launch.test.name} {' '.join(launch.regions)}" for launch in batch]
        for batch in batches(tests, MANIFEST)
    ]


def test_a_template_says_whose_it_is() -> None:
    configured = {"root": {"template": "toy/regional.template.json", "regions": [HOME]}}
    assert trials_of(configured) == (Trial("root", "toy", "regional", (HOME,)),)


def test_the_order_is_that_of_the_manifest_whatever_the_files_is() -> None:
    tests = (made("edge"), made("database"), made("foundation"), made("storage"))
    assert names(tests) == [
        [f"storage {HOME}"],
        [f"foundation {HOME}"],
        [f"database {HOME}"],
        [f"edge {HOME}"],
    ]


def test_what_does_not_need_each_other_is_launched_at_once() -> None:
    assert names((made("pipeline"), made("database"))) == [[f"pipeline {HOME}", f"database {HOME}"]]


def test_all_regions_of_a_test_are_one_launch() -> None:
    assert names((made("storage", HOME, NEAR),)) == [[f"storage {HOME} {NEAR}"]]


def test_roots_begin_at_home() -> None:
    tests = (made("regional", NEAR, HOME), made("opt-in", FAR, layer="regional"))
    assert names(tests) == [[f"regional {HOME}"], [f"regional {NEAR}", f"opt-in {FAR}"]]


def test_what_follows_waits_for_the_roots_of_all_regions() -> None:
    tests = (made("regional", HOME, NEAR), made("edge", NEAR))
    assert names(tests)[-1] == [f"edge {NEAR}"]


def test_a_layer_that_was_not_built_is_named() -> None:
    with pytest.raises(Unknown, match="build/toy has no aurora"):
        batches((made("aurora"),), MANIFEST)


def test_some_tests_bring_what_they_stand_on() -> None:
    tests = tuple(made(entry["layer"]) for entry in MANIFEST["rollout"])
    some = chosen(tests, ["database"], MANIFEST)
    assert [test.name for test in some] == ["storage", "foundation", "database"]


def test_a_test_that_is_not_there_is_named() -> None:
    with pytest.raises(Unknown, match="no test nope; it has storage"):
        chosen((made("storage"),), ["nope"], MANIFEST)


def test_outputs_are_carried_as_in_a_rollout() -> None:
    outputs = {("regional", NEAR): {"DnsName": "lb.example"}, ("regional", HOME): {"DnsName": "x"}}
    assert carried(MANIFEST, "edge", outputs) == {"Address": "lb.example"}
    assert carried(MANIFEST, "storage", outputs) == {}
