"""08 dns: the names that users type, in both modes that have a domain."""

from __future__ import annotations

from typing import Any

import pytest

from generator.layers import dns
from generator.layers.draft import Draft
from tests.layers.support import filled, settings

NO_EDGE = {"enabled": False}


def records(**changes: object) -> dict[str, list[dict[str, Any]]]:
    made = filled(dns.LAYER, settings(**changes))["Resources"]
    return {title: group["Properties"]["RecordSets"] for title, group in made.items()}


def test_it_is_there_where_there_is_a_name_to_give() -> None:
    bare = {"name": "example.com", "alternate_names": []}
    assert dns.LAYER.wanted(settings())
    assert dns.LAYER.wanted(settings(domain=bare))
    assert dns.LAYER.wanted(settings(edge=NO_EDGE))
    assert not dns.LAYER.wanted(settings(domain=bare, edge=NO_EDGE))
    assert not dns.LAYER.wanted(settings(domain=None))


def test_with_an_edge_every_name_is_the_distribution_over_ipv4_ipv6_and_http_3() -> None:
    made = records()
    assert set(made) == {"ApexRecords", "WwwAliasRecords"}
    assert [(record["Name"], record["Type"]) for record in made["WwwAliasRecords"]] == [
        ("www.example.com", "A"),
        ("www.example.com", "AAAA"),
        ("www.example.com", "HTTPS"),
    ]


def test_cloudfront_is_an_alias_in_its_own_zone_and_cannot_be_evaluated() -> None:
    for record in records()["ApexRecords"]:
        target = record["AliasTarget"]
        assert target["HostedZoneId"] == "Z2FDTNDATAQYW2"
        assert target["EvaluateTargetHealth"] is False
        assert target["DNSName"] == {"Fn::ImportValue": "gtm-test:DistributionDomainName"}
        assert "TTL" not in record


def test_without_an_edge_alternate_names_follow_the_routing_of_the_apex() -> None:
    made = records(edge=NO_EDGE)
    assert set(made) == {"WwwAliasRecords"}  # the apex itself is made by health_check
    (record,) = made["WwwAliasRecords"]
    assert record["AliasTarget"] == {
        "DNSName": "example.com",
        "HostedZoneId": {"Ref": "HostedZoneId"},
        "EvaluateTargetHealth": True,
    }


def test_the_zone_comes_from_the_foundation() -> None:
    draft = Draft(dns.LAYER, settings())
    dns.fill(draft)
    assert list(draft.needs) == ["HostedZoneId"]
    assert list(draft.imports) == ["DistributionDomainName"]


@pytest.mark.parametrize("labels", [["a-1", "a1", "a--1", "apex"], ["www", "shop"]])
def test_logical_ids_depend_on_the_name_alone(labels: list[str]) -> None:
    forwards = records(domain={"name": "example.com", "alternate_names": labels})
    backwards = records(domain={"name": "example.com", "alternate_names": labels[::-1]})
    assert forwards == backwards
    assert len(forwards) == len(labels) + 1
