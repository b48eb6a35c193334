"""The contract check finds each way in which templates can fail to fit together.

A release of toy layers is clean; every test breaks one thing in its files, as a mistake in the
derivation would, and names the breach.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from generator import blueprint
from generator.build.release import Release, build_release
from generator.checks.contract import Bundle, breaches
from generator.layers import root
from tests import toys

Files = tuple[dict[str, Any], dict[str, dict[str, Any]]]


def read_back(release: Release) -> Bundle:
    """The release as a rollout reads it from disk."""
    texts = {name: text for name, text in release.files().items() if name.endswith(".json")}
    files = {name: json.loads(text) for name, text in texts.items()}
    manifest = files["manifest.json"]
    return Bundle(manifest, {name: files[name] for name in manifest["templates"]})


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch) -> Bundle:
    monkeypatch.setattr(blueprint, "LAYERS", (toys.HOME, root.LAYER, *toys.LAYERS[1:]))
    return read_back(build_release(toys.settings()))


def template(files: dict[str, dict[str, Any]], layer: str) -> dict[str, Any]:
    return next(body for name, body in files.items() if name.startswith(f"{layer}-"))


def unit(manifest: dict[str, Any], layer: str) -> dict[str, Any]:
    found: dict[str, Any] = next(u for u in manifest["rollout"] if u["layer"] == layer)
    return found


def nested(files: dict[str, dict[str, Any]], logical_id: str) -> dict[str, Any]:
    properties: dict[str, Any] = template(files, "regional")["Resources"][logical_id]["Properties"]
    return properties


def test_what_the_wiring_derives_is_clean(bundle: Bundle) -> None:
    assert breaches(bundle) == ()


BREAKS: dict[str, tuple[Callable[..., Any], str]] = {
    "a nested stack misses an argument": (
        lambda m, t: nested(t, "SomeUser")["Parameters"].pop("VpcId"),
        "does not give VpcId",
    ),
    "a nested stack gets an argument too many": (
        lambda m, t: nested(t, "Base")["Parameters"].update(Extra="1"),
        "gives Extra, which",
    ),
    "a nested stack points nowhere": (
        lambda m, t: nested(t, "Base").update(TemplateURL="https://bucket/none.template.json"),
        "points at none.template.json, which is not built",
    ),
    "a list is passed where one id is wanted": (
        lambda m, t: nested(t, "SomeUser")["Parameters"].update(
            VpcId={"Fn::GetAtt": ["Base", "Outputs.SubnetIds"]}
        ),
        "VpcId is a AWS::EC2::VPC::Id, but its source is a List<AWS::EC2::Subnet::Id>",
    ),
    "text is passed where an id is wanted": (
        lambda m, t: nested(t, "SomeUser")["Parameters"].update(VpcId={"Ref": "Zone"}),
        "VpcId is a AWS::EC2::VPC::Id, but its source is a String",
    ),
    "a list is passed where text is wanted": (
        lambda m, t: nested(t, "SomeUser")["Parameters"].update(
            Zone={"Fn::GetAtt": ["Base", "Outputs.SubnetIds"]}
        ),
        "Zone is a String, but its source is a List<AWS::EC2::Subnet::Id>",
    ),
    "a nested stack would resolve what is resolved": (
        lambda m, t: template(t, "base")["Parameters"]["Image"].update(Type=toys.IMAGE),
        "Image is a AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>, but its source is a",
    ),
    "an output that is asked for is missing": (
        lambda m, t: template(t, "base")["Outputs"].pop("SubnetIds"),
        "asks Base for SubnetIds, which it does not output",
    ),
    "a nested output has no use": (
        lambda m, t: template(t, "base")["Outputs"].update(Idle={"Value": {"Ref": "Vpc"}}),
        "Outputs/Idle: is used by nobody",
    ),
    "an output of a stack has no use": (
        lambda m, t: template(t, "home")["Outputs"].update(Idle={"Value": "x"}),
        "Outputs/Idle: is used by nobody",
    ),
    "a parameter of a stack has no source": (
        lambda m, t: unit(m, "regional")["carried"].pop("Zone"),
        "Parameters/Zone: has neither a source nor a default",
    ),
    "something is carried to nowhere": (
        lambda m, t: unit(m, "edge")["carried"].update(
            Ghost=unit(m, "regional")["carried"]["Zone"]
        ),
        "Parameters/Ghost: is carried, but not declared",
    ),
    "a source does not exist": (
        lambda m, t: unit(m, "regional")["carried"]["Zone"].update(layer="attic"),
        "its source attic is not rolled out",
    ),
    "a source is a stack set": (
        lambda m, t: unit(m, "home").update(kind="stack_set"),
        "its source home is a stack set, whose outputs nobody can read",
    ),
    "a source stands in another Region": (
        lambda m, t: unit(m, "regional")["carried"]["Zone"].update(region="sa-east-1"),
        "its source home does not stand in sa-east-1",
    ),
    "a source stands later": (
        lambda m, t: unit(m, "regional").update(after=[]),
        "its source home is not rolled out before",
    ),
    "a source has no such output": (
        lambda m, t: template(t, "home")["Outputs"].pop("Zone"),
        "home has no output Zone",
    ),
    "an import has no export": (
        lambda m, t: template(t, "edge")["Outputs"]["EdgeName"].pop("Export"),
        "imports gtm-toy:EdgeName, exported 0 times",
    ),
    "an import comes from another Region": (
        lambda m, t: unit(m, "edge").update(regions=["eu-west-1"]),
        "imports gtm-toy:EdgeName of another Region",
    ),
    "an import comes too early": (
        lambda m, t: unit(m, "edge_user").update(after=[]),
        "imports gtm-toy:EdgeName of edge, not earlier",
    ),
    "the order runs backwards": (
        lambda m, t: m["rollout"].reverse(),
        "which comes later",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(bundle: Bundle, name: str) -> None:
    break_it, expected = BREAKS[name]
    manifest, files = copy.deepcopy(bundle.manifest), copy.deepcopy(dict(bundle.templates))
    break_it(manifest, files)
    found = [str(breach) for breach in breaches(Bundle(manifest, files))]
    assert [text for text in found if expected in text], found
