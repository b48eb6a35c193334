"""The VPC and its ways out."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from generator.layers import network
from generator.settings.sections import Network
from tests.layers.support import filled, settings


def _properties(nat: Literal["per_zone", "single"], kind: str) -> dict[str, Any]:
    resources = filled(network.LAYER, settings(network=Network(nat=nat), zones=3))["Resources"]
    return {title: r["Properties"] for title, r in resources.items() if r["Type"] == kind}


@pytest.mark.parametrize(
    ("nat", "gateways"),
    [
        ("per_zone", ["NatGateway1", "NatGateway2", "NatGateway3"]),
        ("single", ["NatGateway1", "NatGateway1", "NatGateway1"]),
    ],
)
def test_each_zone_goes_out_through_its_own_gateway_or_through_one(
    nat: Literal["per_zone", "single"], gateways: list[str]
) -> None:
    routes = _properties(nat, "AWS::EC2::Route")
    private = [routes[f"PrivateDefaultRoute{zone}"] for zone in (1, 2, 3)]
    assert [route["NatGatewayId"]["Ref"] for route in private] == gateways
    assert set(_properties(nat, "AWS::EC2::NatGateway")) == set(gateways)


def test_another_choice_of_nat_leaves_every_subnet_with_its_table() -> None:
    kind = "AWS::EC2::SubnetRouteTableAssociation"
    assert _properties("single", kind) == _properties("per_zone", kind)
