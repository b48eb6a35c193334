"""The page of links: each is one that the console understands, for a stack that is to be made."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from generator.build.archive import Archive, packed
from generator.build.quick_create import PAGE
from generator.build.release import Release, build_release
from generator.settings import load
from tests.build.quick_links import Link, links_of

PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"
ENVIRONMENTS = tuple(sorted(path.stem for path in PARAMETERS.glob("*.yaml")))
ACCOUNT = "111122223333"
LONGEST = 2048
"""Characters of an address that every browser, chat and mail program takes."""


@cache
def release_of(environment: str) -> Release:
    service = Archive(packed({"run": b"#!/bin/sh\n"}))
    return build_release(load(PARAMETERS / f"{environment}.yaml"), service)


@cache
def page_of(environment: str) -> str:
    return release_of(environment).files()[PAGE].decode()


def stacks_of(environment: str) -> list[Link]:
    """The links that fill a stack in."""
    found = links_of(page_of(environment), ACCOUNT)
    return [link for link in found if link.place == "/stacks/create/review"]


def templates_of(environment: str) -> dict[str, dict[str, Any]]:
    return {t.content_name: t.body for t in release_of(environment).templates}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_link_is_one_that_the_console_understands(environment: str) -> None:
    for link in stacks_of(environment):
        home = f"https://{link.region}.console.aws.amazon.com/cloudformation/home"
        assert link.address.startswith(f"{home}?region={link.region}#/stacks/create/review?")
        assert set(link.query) == {"templateURL", "stackName"} | {
            f"param_{name}" for name in link.parameters
        }
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,127}", link.query["stackName"])
        assert len(link.address) <= LONGEST


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_link_names_a_template_in_the_bucket_of_its_region(environment: str) -> None:
    prefix = release_of(environment).settings.prefix
    for link in stacks_of(environment):
        bucket = f"{prefix}-artifacts-{ACCOUNT}-{link.region}"
        folder = f"https://{bucket}.s3.{link.region}.amazonaws.com/{prefix}"
        assert link.query["templateURL"] == f"{folder}/{link.template}"
        assert link.template in templates_of(environment)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_link_defaults_and_table_give_every_parameter_a_value(environment: str) -> None:
    for link in stacks_of(environment):
        declared = templates_of(environment)[link.template].get("Parameters", {})
        defaults = {name for name, parameter in declared.items() if "Default" in parameter}
        assert set(link.parameters) <= set(declared)
        assert defaults | set(link.parameters) | set(link.copied) == set(declared)
        assert not set(link.parameters) & set(link.copied)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_link_carries_a_secret(environment: str) -> None:
    for link in stacks_of(environment):
        declared = templates_of(environment)[link.template].get("Parameters", {})
        assert not [name for name in link.parameters if declared[name].get("NoEcho")]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_page_makes_the_buckets_fills_them_and_then_makes_every_stack(environment: str) -> None:
    release = release_of(environment)
    found = links_of(page_of(environment), ACCOUNT)
    regions = len(release.settings.all_regions)
    assert [link.place for link in found[:regions]] == ["/stacks/create"] * regions
    uploads = found[regions : 2 * regions]
    assert [link.place for link in uploads] == [""] * regions
    assert all("/s3/buckets/" in link.address for link in uploads)
    assert [(link.query["stackName"], link.region) for link in found[2 * regions :]] == [
        (f"{release.settings.prefix}-{unit.layer.name.replace('_', '-')}", region)
        for unit in release.units
        for region in unit.regions
        if unit.layer.name != "storage"
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_is_copied_stands_by_then(environment: str) -> None:
    made: set[str] = set()
    for link in stacks_of(environment):
        for origin in link.copied.values():
            stack, region = origin.split(" of ")[1].split(", ")
            assert f"{stack} {region}" in made, origin
        made.add(f"{link.query['stackName']} {link.region}")


def test_a_region_gets_its_own_values_and_the_archive() -> None:
    roots = [link for link in stacks_of("prod") if link.query["stackName"].endswith("-regional")]
    home, *_, ireland = roots
    assert set(home.parameters) == {"ArtifactKey", "ArtifactSha256"}
    assert ireland.parameters["TimeZone"] == "Europe/London"
    assert ireland.parameters["MaximumInstances"] == "18"
    ranges = [link.parameters.get("VpcCidr") for link in roots]
    assert all(one != other for one, other in pairwise(ranges))
