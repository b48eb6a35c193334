"""How values travel, over toy layers."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import Ref

from generator import blueprint
from generator.blueprint import draft_platform, nest_regional
from generator.build.release import Release, build_release, manifest
from generator.errors import WiringError
from generator.layers import root
from generator.layers.draft import Draft, Layer, Scope, Tunable
from tests import toys


@pytest.fixture(autouse=True)
def _toy_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    # One root like the real one, between the home stack and the edge.
    layers = (toys.HOME, root.LAYER, *toys.LAYERS[1:])
    monkeypatch.setattr(blueprint, "LAYERS", layers)


@pytest.fixture
def release() -> Release:
    return build_release(toys.settings())


def body(release: Release, layer: str) -> dict[str, Any]:
    return next(t.body for t in release.templates if t.layer.name == layer)


def unit(release: Release, layer: str) -> dict[str, Any]:
    entries = manifest(release)["rollout"]
    return next(entry for entry in entries if entry["layer"] == layer)


def test_a_need_becomes_a_parameter_of_the_offers_type(release: Release) -> None:
    parameters = body(release, "some_user")["Parameters"]
    assert parameters["VpcId"]["Type"] == "AWS::EC2::VPC::Id"
    assert parameters["SubnetIds"]["Type"] == "List<AWS::EC2::Subnet::Id>"


def test_an_offer_that_is_used_becomes_an_output_and_others_do_not(release: Release) -> None:
    outputs = body(release, "base")["Outputs"]
    assert outputs["VpcId"]["Value"] == {"Ref": "Vpc"}
    assert "Unused" not in outputs


def test_a_list_travels_as_text(release: Release) -> None:
    value = body(release, "base")["Outputs"]["SubnetIds"]["Value"]
    assert value == {"Fn::Join": [",", [{"Ref": "Subnet1"}, {"Ref": "Subnet2"}]]}


def test_the_root_passes_siblings_by_get_att(release: Release) -> None:
    nested = body(release, "regional")["Resources"]["SomeUser"]["Properties"]["Parameters"]
    assert nested["VpcId"] == {"Fn::GetAtt": ["Base", "Outputs.VpcId"]}


def test_the_root_passes_tunables_on_under_the_same_name(release: Release) -> None:
    template = body(release, "regional")
    assert template["Resources"]["Base"]["Properties"]["Parameters"]["Cidr"] == {"Ref": "Cidr"}
    assert template["Parameters"]["Cidr"]["Default"] == "10.0.0.0/16"


def test_only_the_root_resolves_an_ssm_parameter(release: Release) -> None:
    outer = body(release, "regional")["Parameters"]["Image"]
    inner = body(release, "base")["Parameters"]["Image"]
    assert (outer["Type"], outer["Default"]) == (toys.IMAGE, "/ami")
    assert (inner["Type"], "Default" in inner) == ("AWS::EC2::Image::Id", False)


def test_a_value_of_another_stack_is_carried_through_the_root(release: Release) -> None:
    template = body(release, "regional")
    nested = template["Resources"]["SomeUser"]["Properties"]["Parameters"]
    assert nested["Zone"] == {"Ref": "Zone"}
    source = {"layer": "home", "region": "eu-west-1", "output": "Zone"}
    assert unit(release, "regional")["carried"] == {"Zone": source}


def test_a_value_of_each_region_has_a_parameter_a_region(release: Release) -> None:
    carried = unit(release, "edge")["carried"]
    assert carried["VpcIdEuWest1"]["region"] == "eu-west-1"
    assert carried["VpcIdUsEast1"] == {
        "layer": "regional",
        "region": "us-east-1",
        "output": "VpcId",
    }


def test_what_stands_outside_is_published_by_the_root(release: Release) -> None:
    outputs = body(release, "regional")["Outputs"]
    assert outputs["VpcId"]["Value"] == {"Fn::GetAtt": ["Base", "Outputs.VpcId"]}


def test_two_stacks_side_by_side_export_and_import(release: Release) -> None:
    export = body(release, "edge")["Outputs"]["EdgeName"]["Export"]["Name"]
    imported = body(release, "edge_user")["Resources"]["Beside"]["Properties"]["DisplayName"]
    assert imported == {"Fn::ImportValue": export} == {"Fn::ImportValue": "gtm-toy:EdgeName"}


def test_the_order_of_the_rollout_follows_from_the_needs(release: Release) -> None:
    assert unit(release, "home")["after"] == []
    assert unit(release, "regional")["after"] == ["home"]
    assert unit(release, "edge")["after"] == ["regional"]
    assert unit(release, "edge_user")["after"] == ["edge"]


def test_the_template_url_comes_from_the_artifact_parameters(release: Release) -> None:
    url, values = body(release, "regional")["Resources"]["Base"]["Properties"]["TemplateURL"][
        "Fn::Sub"
    ]
    name = next(t.content_name for t in release.templates if t.layer.name == "base")
    assert url.endswith("/${ArtifactPrefix}" + name)
    assert {"Ref": "ArtifactBucket"} in values["Bucket"]["Fn::If"]


def test_console_groups_hold_every_parameter_once(release: Release) -> None:
    for template in release.templates:
        interface = template.body.get("Metadata", {}).get("AWS::CloudFormation::Interface", {})
        grouped = [n for group in interface.get("ParameterGroups", []) for n in group["Parameters"]]
        assert sorted(grouped) == sorted(template.body.get("Parameters", {}))
        assert set(interface.get("ParameterLabels", {})) == set(grouped)


def test_one_region_alone_is_wired_too() -> None:
    release = build_release(toys.settings("ap-northeast-2"))
    assert list(unit(release, "edge")["carried"]) == ["VpcIdApNortheast2"]
    assert unit(release, "edge")["regions"] == ["us-east-1"]


def fill_with(name: str, default: str = "") -> Layer:
    def fill(draft: Draft) -> None:
        if name == "need":
            draft.need(toys.DOMAIN)
        elif name == "offer":
            draft.offer(toys.VPC_ID, Ref("AWS::NoValue"))
        else:
            draft.tune(Tunable("Cidr", "Another", "Meant otherwise.", default))

    return Layer("extra", "05", "extra", Scope.REGIONAL, fill)


def test_a_need_that_none_offers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blueprint, "LAYERS", (root.LAYER, fill_with("need")))
    with pytest.raises(WiringError, match="extra needs EdgeName, which no layer offers"):
        draft_platform(toys.settings())


def test_two_offers_of_one_name_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blueprint, "LAYERS", (root.LAYER, toys.BASE, fill_with("offer")))
    with pytest.raises(WiringError, match="VpcId is offered by base and extra"):
        draft_platform(toys.settings())


def test_two_meanings_of_one_tunable_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blueprint, "LAYERS", (root.LAYER, toys.BASE, fill_with("tune")))
    with pytest.raises(WiringError, match="extra defines Cidr unlike an earlier layer"):
        draft_platform(toys.settings())


def test_an_offer_made_in_the_wrong_scope_is_named() -> None:
    draft = Draft(toys.HOME, toys.settings())
    with pytest.raises(WiringError, match="VpcId"):
        draft.offer(toys.VPC_ID, Ref("Vpc"))


def test_nesting_leaves_the_platform_as_it_was() -> None:
    platform = draft_platform(toys.settings())
    files = {draft.layer.name: "x.template.json" for draft in platform.nested}
    first = nest_regional(platform, files).template.to_dict()
    assert nest_regional(platform, files).template.to_dict() == first
