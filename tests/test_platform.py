"""Laws of the whole platform: any valid settings build to templates that fit and pass the rules."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.config import ConfigMixIn
from cfnlint.rules import Rules
from cfnlint.runner import run_template_by_data
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.build.pipeline import bundle_of, check_committed
from generator.build.release import Release, build_release
from generator.build.render import Rendered
from generator.checks.contract import breaches
from generator.checks.derived_names import unmade_names
from generator.checks.encryption import unmapped
from generator.checks.limits import usages
from generator.checks.lint import RULE_PACK
from generator.settings import Settings, load
from generator.settings.load import load_text
from generator.workspace import QUICKSTART, REFERENCE, find_workspace
from tests.settings.strategies import settings as any_settings

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
ENVIRONMENTS = ("dev", "staging", "prod", "reference", "quickstart", "taskcat", "worldwide")


@cache
def pack() -> Rules:
    return Rules.create_from_directory(str(RULE_PACK))


def findings(release: Release) -> list[str]:
    """What the rule pack alone finds; cfn-lint's own rules take the time of a build."""
    return [
        f"{template.plain_name}: {match.rule.id} {match.message}"
        for template in release.templates
        for match in run_template_by_data(
            json.loads(template.text),
            ConfigMixIn([], regions=list(release.regions_of(template))),
            pack(),
        )
    ]


# No shrinking: each attempt builds a platform, and the first example already names the template.
settings.register_profile(
    "as_found",
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
AS_FOUND = settings.get_profile("as_found")


@given(any_settings())
@settings(AS_FOUND, max_examples=30)
def test_any_valid_settings_build_to_templates_that_fit_and_pass(values: Settings) -> None:
    release = build_release(values)
    bundle = bundle_of(release)
    assert breaches(bundle) == ()
    assert unmade_names(bundle) == ()
    assert unmapped(bundle) == ()
    assert findings(release) == []
    assert not [
        usage for t in release.templates for usage in usages(t.text, t.body) if usage.exceeded
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_fits(environment: str) -> None:
    bundle = bundle_of(build_release(load(PARAMETERS / f"{environment}.yaml")))
    assert breaches(bundle) == ()
    assert unmade_names(bundle) == ()
    assert unmapped(bundle) == ()


def test_what_is_committed_is_what_would_be_built() -> None:
    committed = [load(PARAMETERS / f"{name}.yaml") for name in (REFERENCE, QUICKSTART)]
    assert check_committed(committed, find_workspace()) >= 35


def test_the_reference_holds_every_layer() -> None:
    from generator.blueprint import LAYERS

    release = build_release(load(PARAMETERS / "reference.yaml"))
    assert [t.layer.name for t in release.templates] == [layer.name for layer in LAYERS]
    steps = {template.layer.step for template in release.templates} - {""}
    assert steps == {f"{step:02}" for step in range(1, 12)}


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_keys_changes_no_byte(shuffler: random.Random) -> None:
    data = yaml.safe_load((PARAMETERS / "prod.yaml").read_text())
    text = yaml.safe_dump(shuffled(data, shuffler), sort_keys=False)
    files = build_release(load(PARAMETERS / "prod.yaml")).files()
    assert build_release(load_text(text, "prod.yaml")).files() == files


def shuffled(value: Any, shuffler: random.Random) -> Any:
    if isinstance(value, dict):
        items = [(key, shuffled(inner, shuffler)) for key, inner in value.items()]
        shuffler.shuffle(items)
        return dict(items)
    return [shuffled(item, shuffler) for item in value] if isinstance(value, list) else value


# --- a change touches exactly the templates that it is about --------------------------------------


def templates(data: dict[str, Any]) -> dict[str, Rendered]:
    text = yaml.safe_dump(data, sort_keys=False)
    return {t.plain_name: t for t in build_release(load_text(text, "changed.yaml")).templates}


def touched(change: dict[str, Any]) -> set[str]:
    """Layers whose template is new, gone or different by its own content, not by a child's name."""
    before = yaml.safe_load((PARAMETERS / "prod.yaml").read_text())
    after = json.loads(json.dumps(before))
    for key, value in change.items():
        *path, last = key.split(".")
        place = after
        for part in path:
            place = place[part]
        place[last] = [*place[last], value[1]] if isinstance(value, tuple) else value
    old, new = templates(before), templates(after)
    names = {name for name in old.keys() | new.keys() if bodies(old, name) != bodies(new, name)}
    return {name.removesuffix(".template.json") for name in names}


def bodies(rendered: dict[str, Rendered], name: str) -> Any:
    if name not in rendered:
        return None
    text = rendered[name].text
    for other in rendered.values():
        text = text.replace(other.content_name, other.plain_name)
    return text


CHANGES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "one more Region": (
        {"regions": ("and", {"name": "sa-east-1"})},
        # Replicas of tables and of the origin secret, replication alarms, a row in the dashboard.
        {"database", "database_replica", "foundation", "global_monitoring"},
    ),
    "fewer zones": ({"zones": 2}, {"network"}),
    "one NAT gateway": ({"network.nat": "single"}, {"network"}),
    "no interface endpoints": ({"network.interface_endpoints": False}, {"security", "regional"}),
    "no WAF": ({"edge.web_acl": None}, {"edge", "global_monitoring"}),
    "a larger volume": ({"compute.root_volume_gib": 33}, {"compute"}),
    "no warm pool": ({"compute.warm_pool": False}, {"compute"}),
    "no night": ({"schedule": None}, {"schedule", "monitoring", "regional"}),
    "weighted routing": ({"domain.routing": "weighted"}, {"health_check"}),
    "no backups": ({"database.backup_retention_days": 0}, {"database", "database_replica"}),
    "predictive scaling": ({"scaling.predictive": True}, {"scaling", "regional"}),
    "no budget": ({"monitoring.monthly_budget_usd": 0}, {"global_monitoring"}),
    "no origin shield": ({"edge.origin_shield": False}, {"edge"}),
    "a name less": ({"domain.alternate_names": ["www"]}, {"edge", "dns"}),
    "shorter logs": (
        {"log_retention_days": 14},
        {"storage", "security", "compute", "cache", "edge"},
    ),
    "what is so already": ({"compute.spot_percent": 0}, set()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_touches_exactly_the_templates_it_is_about(name: str) -> None:
    change, expected = CHANGES[name]
    assert touched(change) == expected


# --- policies, by parsing -------------------------------------------------------------------------


def statements(release: Release) -> Iterator[tuple[str, dict[str, Any]]]:
    for template in release.templates:
        for name, resource in template.body["Resources"].items():
            for document in documents(resource.get("Properties", {})):
                for statement in document["Statement"]:
                    yield f"{template.plain_name}/{name}", statement


def documents(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("Statement"), list):
            yield value
        yield from itertools.chain.from_iterable(map(documents, value.values()))
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(map(documents, value))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@given(any_settings())
@settings(AS_FOUND, max_examples=10)
def test_no_policy_allows_every_action(values: Settings) -> None:
    for where, statement in statements(build_release(values)):
        assert "NotAction" not in statement, where
        for action in as_list(statement["Action"]):
            every = statement["Effect"] == "Allow" and action.split(":")[-1] == "*"
            assert not every or administers_a_key(statement), f"{where} allows {action}"


def administers_a_key(statement: dict[str, Any]) -> bool:
    """What AWS asks of every key policy, or nobody could manage the key any more.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    root = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    return statement["Action"] in ("kms:*", ["kms:*"]) and statement["Principal"] == root


@given(any_settings())
@settings(AS_FOUND, max_examples=10)
def test_a_policy_on_every_resource_says_why(values: Settings) -> None:
    for template in build_release(values).templates:
        for name, resource in template.body["Resources"].items():
            if resource["Type"].startswith("AWS::IAM::"):
                reasons = resource.get("Metadata", {}).get("WildcardResources", {})
                wild = {
                    statement["Sid"]
                    for document in documents(resource["Properties"])
                    for statement in document["Statement"]
                    if "*" in as_list(statement.get("Resource", []))
                }
                assert wild == set(reasons), f"{template.plain_name}/{name}"
                assert all(len(reason) > 20 for reason in reasons.values())


def test_the_rollout_is_one_pass_in_this_order() -> None:
    release = build_release(load(PARAMETERS / "prod.yaml"))
    after = {unit.layer.name: set(unit.after) for unit in release.units}
    assert after["storage"] == set()
    assert after["database"] >= {"database_key", "database_replica"}
    assert after["regional"] >= {"storage", "foundation", "database"}
    assert after["health_check"] >= {"regional"}
    assert after["global_monitoring"] >= {"health_check", "edge"}
