""".taskcat.yml names what is there: templates, Regions, Parameters, stacks, and every option."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from generator.build.release import build_release, manifest
from generator.settings.load import load
from generator.settings.regions import REGIONS
from tests.taskcat.configuration import Trial, batches, trials_of

CHECKOUT = Path(__file__).resolve().parents[2]
CONFIGURATION: dict[str, Any] = yaml.safe_load((CHECKOUT / ".taskcat.yml").read_text())
TESTS = trials_of(CONFIGURATION["tests"])
PLATFORMS = ("taskcat", "worldwide")
OPTIONS = {"aurora", "load_generator", "region_switch", "chaos", "pipeline", "github_actions"}
SCHEMAS = sorted(CHECKOUT.glob(".venv-taskcat/lib/*/site-packages/taskcat/cfg/config_schema.json"))


@cache
def built(platform: str) -> dict[str, Any]:
    return manifest(build_release(load(CHECKOUT / "parameters" / f"{platform}.yaml")))


@cache
def bodies(platform: str) -> dict[str, dict[str, Any]]:
    release = build_release(load(CHECKOUT / "parameters" / f"{platform}.yaml"))
    return {template.layer.name: template.body for template in release.templates}


def units(platform: str) -> dict[str, dict[str, Any]]:
    return {unit["layer"]: unit for unit in built(platform)["rollout"]}


def own(platform: str) -> tuple[Trial, ...]:
    return tuple(test for test in TESTS if test.environment == platform)


def nested(platform: str) -> set[str]:
    return set(bodies(platform)) - set(units(platform))


@pytest.mark.skipif(not SCHEMAS, reason="taskcat's environment is not installed: make taskcat")
def test_taskcat_s_own_schema_takes_it() -> None:
    jsonschema.validate(CONFIGURATION, json.loads(SCHEMAS[0].read_text()))


@pytest.mark.parametrize("test", TESTS, ids=[test.name for test in TESTS])
def test_every_test_is_of_a_stack_that_is_built(test: Trial) -> None:
    assert test.environment in PLATFORMS
    unit = units(test.environment)[test.layer]
    written = CONFIGURATION["tests"][test.name]
    assert set(test.regions) <= set(unit["regions"])
    assert written["stack_name"] == unit["name"]
    assert written["tags"] == {"gtm:platform": built(test.environment)["prefix"]}
    assert set(written.get("parameters", {})) <= set(
        bodies(test.environment)[test.layer].get("Parameters", {})
    )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_stack_that_is_built_has_a_test_in_each_of_its_regions(platform: str) -> None:
    tested = [(test.layer, region) for test in own(platform) for region in test.regions]
    made = [
        (layer, region) for layer, unit in units(platform).items() for region in unit["regions"]
    ]
    assert sorted(tested) == sorted(made)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nested_templates_are_looked_for_where_they_are_uploaded(platform: str) -> None:
    roots = [test for test in own(platform) if test.layer == "regional"]
    assert roots
    for test in roots:
        given = CONFIGURATION["tests"][test.name]["parameters"]["ArtifactPrefix"]
        assert given == f"$[taskcat_project_name]/{platform}/"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_can_be_launched_in_an_order(platform: str) -> None:
    every = [launch for batch in batches(own(platform), built(platform)) for launch in batch]
    assert {launch.test for launch in every} == set(own(platform))


def test_the_root_of_a_region_is_launched_in_six_regions_and_in_one_to_opt_in_to() -> None:
    roots = [test for test in own("worldwide") if test.layer == "regional"]
    opt_in = {test.name: [r for r in test.regions if REGIONS[r].opt_in] for test in roots}
    assert {test.name: len(test.regions) for test in roots}["worldwide-regional"] >= 6
    assert opt_in == {"worldwide-regional": [], "worldwide-regional-opt-in": ["ap-east-1"]}


def test_the_whole_without_a_domain_is_launched_in_two_regions() -> None:
    assert load(CHECKOUT / "parameters" / "taskcat.yaml").domain is None
    assert len(built("taskcat")["regions"]) == 2


def test_every_option_is_launched() -> None:
    stacks = {test.layer for test in TESTS}
    within = nested("taskcat") if any(test.layer == "regional" for test in TESTS) else set()
    assert stacks | within >= OPTIONS


def test_the_update_begins_without_options() -> None:
    earlier = load(CHECKOUT / "tests" / "taskcat" / "earlier" / "taskcat.yaml")
    before = manifest(build_release(earlier))
    assert not OPTIONS & {unit["layer"] for unit in before["rollout"]}
    assert before["prefix"] == built("taskcat")["prefix"]
