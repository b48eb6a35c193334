"""Lists of Regions change one replica at a time: additions forwards, drops at the end."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.deploy.planning import phases

HOME = {"Ref": "AWS::Region"}
REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1", "eu-north-1", "sa-east-1"]
TABLES = ("Sessions", "Ranking")
Body = dict[str, Any]


def replica(region: Any, *, protected: bool = True) -> Body:
    return {"Region": region, "DeletionProtectionEnabled": protected}


def template(tables: dict[str, list[str]], secret: list[str], note: str = "") -> Body:
    """Global tables with their replicas, and a secret with its own."""
    resources: Body = {
        name: {
            "Type": "AWS::DynamoDB::GlobalTable",
            "Properties": {"Replicas": [replica(HOME), *map(replica, regions)]},
        }
        for name, regions in tables.items()
    }
    properties = {"ReplicaRegions": [{"Region": region} for region in secret]} if secret else {}
    resources["Secret"] = {"Type": "AWS::SecretsManager::Secret", "Properties": properties}
    return {"Description": note, "Resources": resources}


def regions_of(body: Body, name: str) -> list[str]:
    properties = body["Resources"][name]["Properties"]
    members = properties.get("Replicas", properties.get("ReplicaRegions", []))
    return [str(member["Region"]) for member in members]


SOME = st.lists(st.sampled_from(REGIONS), unique=True)
TEMPLATES = st.builds(
    template, st.fixed_dictionaries(dict.fromkeys(TABLES, SOME)), SOME, st.sampled_from("ab")
)


@given(TEMPLATES, TEMPLATES)
def test_a_table_changes_by_one_replica_an_update(old: Body, new: Body) -> None:
    way = [old, *phases.additions(old, new), *phases.drops(old, new)]
    for before, after in pairwise(way):
        for table in TABLES:
            changed = set(regions_of(before, table)) ^ set(regions_of(after, table))
            assert len(changed) <= 1, (table, changed)


@given(TEMPLATES, TEMPLATES)
def test_the_way_ends_in_what_was_built(old: Body, new: Body) -> None:
    assert [*phases.additions(old, new), *phases.drops(old, new)][-1] == new


@given(TEMPLATES, TEMPLATES)
def test_nothing_goes_before_all_that_comes_is_there(old: Body, new: Body) -> None:
    forward = list(phases.additions(old, new))
    for body in forward:
        for name in (*TABLES, "Secret"):
            assert set(regions_of(old, name)) <= set(regions_of(body, name))
    for name in (*TABLES, "Secret"):
        assert set(regions_of(new, name)) <= set(regions_of(forward[-1], name))


@given(TEMPLATES, TEMPLATES)
def test_a_secret_changes_in_one_go_each_way(old: Body, new: Body) -> None:
    forward, back = list(phases.additions(old, new)), list(phases.drops(old, new))
    every = set(regions_of(old, "Secret")) | set(regions_of(new, "Secret"))
    assert all(set(regions_of(body, "Secret")) == every for body in forward)
    kinds = {frozenset(regions_of(body, "Secret")) for body in back}
    assert kinds <= {frozenset(every), frozenset(regions_of(new, "Secret"))}


@given(TEMPLATES, TEMPLATES)
def test_no_replica_is_dropped_while_it_is_protected(old: Body, new: Body) -> None:
    way = [old, *phases.additions(old, new), *phases.drops(old, new)]
    for before, after in pairwise(way):
        for table in TABLES:
            left = regions_of(after, table)
            for member in before["Resources"][table]["Properties"]["Replicas"]:
                is_dropped = str(member["Region"]) not in left
                assert not (is_dropped and member["DeletionProtectionEnabled"])


@given(TEMPLATES, TEMPLATES)
def test_what_stays_keeps_its_protection(old: Body, new: Body) -> None:
    kept = {name: set(regions_of(new, name)) for name in TABLES}
    for body in [*phases.additions(old, new), *phases.drops(old, new)]:
        for table in TABLES:
            for member in body["Resources"][table]["Properties"]["Replicas"]:
                if str(member["Region"]) in kept[table]:
                    assert member["DeletionProtectionEnabled"]


@given(TEMPLATES, SOME)
def test_a_drop_alone_needs_no_update_before_the_end(new: Body, extra: list[str]) -> None:
    old = copy.deepcopy(new)
    for table in TABLES:
        there = regions_of(new, table)
        more = [replica(region) for region in extra if region not in there]
        old["Resources"][table]["Properties"]["Replicas"][1:1] = more
    assert list(phases.additions(old, new)) == [old]


@given(TEMPLATES)
def test_no_difference_is_one_template_and_no_drop(body: Body) -> None:
    assert list(phases.additions(body, body)) == [body]
    assert list(phases.drops(body, body)) == []


def test_a_table_that_is_new_has_all_its_replicas_at_once() -> None:
    new = template({"Sessions": REGIONS, "Ranking": []}, [])
    old = template({"Ranking": []}, [])
    assert list(phases.additions(old, new)) == [new]
