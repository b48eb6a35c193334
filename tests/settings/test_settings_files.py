"""The files in parameters/: they load, say what each is for, and agree with their schema."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from generator.settings import Settings, load
from generator.settings.schema import schema_text

PARAMETERS = Path(__file__).parents[2] / "parameters"
ENVIRONMENTS = ("dev", "staging", "prod", "reference", "quickstart", "taskcat", "worldwide")
SCHEMA = PARAMETERS / "settings.schema.json"


def settings_of(environment: str) -> Settings:
    return load(PARAMETERS / f"{environment}.yaml")


def nodes(schema: Any) -> list[dict[str, Any]]:
    """Every mapping within a schema."""
    if isinstance(schema, dict):
        return [schema, *(node for value in schema.values() for node in nodes(value))]
    return [node for item in schema for node in nodes(item)] if isinstance(schema, list) else []


def test_these_are_all_the_files() -> None:
    assert {path.stem for path in PARAMETERS.glob("*.yaml")} == set(ENVIRONMENTS)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_file_is_named_after_its_environment(environment: str) -> None:
    assert settings_of(environment).environment == environment


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_file_tells_editors_its_schema(environment: str) -> None:
    first = (PARAMETERS / f"{environment}.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema=./{SCHEMA.name}"


def test_dev_needs_nothing_but_an_account() -> None:
    dev = settings_of("dev")
    assert dev.domain is None
    assert dev.edge.enabled
    assert not dev.load_balancer.deletion_protection
    assert not dev.database.deletion_protection


def test_prod_survives_the_loss_of_a_zone() -> None:
    prod = settings_of("prod")
    assert prod.zones == 3
    assert prod.network.nat == "per_zone"
    assert prod.cache.replicas_per_shard == 2
    assert prod.compute.minimum_instances >= prod.zones


def test_the_reference_has_every_layer() -> None:
    reference = settings_of("reference")
    assert len(reference.replica_regions) == 2
    assert None not in (reference.domain, reference.edge.web_acl, reference.schedule)
    assert reference.monitoring.emails
    assert reference.monitoring.monthly_budget_usd


def test_the_schema_is_up_to_date() -> None:
    assert SCHEMA.read_text() == schema_text(), "run make golden"


def test_the_schema_is_the_same_in_every_process() -> None:
    code = "from generator.settings.schema import schema_text; print(schema_text(), end='')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PARAMETERS.parent,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == schema_text()


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


def test_the_schema_closes_and_describes_everything() -> None:
    schema = json.loads(schema_text())
    for node in nodes(schema):
        if "properties" in node and isinstance(node.get("type"), str):
            assert node["additionalProperties"] is False
            assert all(
                "description" in field or "$ref" in field for field in node["properties"].values()
            )


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_file_is_valid_under_the_schema(environment: str) -> None:
    data = yaml.safe_load((PARAMETERS / f"{environment}.yaml").read_text())
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(data)


@pytest.mark.parametrize("edit", [{"home_region": "eu-wset-1"}, {"zoness": 3}, {"zones": 9}])
def test_the_schema_finds_slips_while_typing(edit: dict[str, Any]) -> None:
    data = yaml.safe_load((PARAMETERS / "dev.yaml").read_text()) | edit
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(data)


def test_reading_a_good_file_imports_no_machinery_for_faults() -> None:
    """Start-up time is budgeted; what explains faults is paid for by faulty files."""
    code = (
        "import sys; from pathlib import Path; from generator.settings import load;"
        "load(Path('parameters/dev.yaml'));"
        "print({'difflib', 'generator.settings.faults', 'generator.settings.schema'}"
        " & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PARAMETERS.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "set()"
