"""Whatever may be secret is known by its template."""

from __future__ import annotations

import pytest

from generator.deploy.around.masking import is_secret
from generator.deploy.release import Release
from tests.deploy.conftest import prod
from tests.deploy.support import built


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return built(tmp_path_factory.mktemp("built"), prod())


def body_of(release: Release, layer: str) -> dict[str, object]:
    (name,) = [name for name in release.templates if name.startswith(f"{layer}-")]
    return release.body(name)


BODY = {
    "Parameters": {
        "Password": {"Type": "String", "NoEcho": "true"},
        "Header": {"Type": "String", "Default": "{{resolve:ssm-secure:header}}"},
        "Size": {"Type": "Number"},
    },
    "Resources": {
        "Thing": {
            "Type": "AWS::Some::Thing",
            "Properties": {
                "Size": {"Ref": "Size"},
                "Url": {"Fn::Sub": "https://user:${Password}@example.com"},
                "Rules": [{"Value": "plain"}, {"Value": {"Ref": "Header"}}],
                "MasterUserPassword": "typed-by-hand",
            },
        }
    },
}


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        ("/Size", False),
        ("/Url", True),
        ("/Rules/0/Value", False),
        ("/Rules/1/Value", True),
        ("/Rules/2", True),  # added by somebody: what the list holds decides
        ("/MasterUserPassword", True),
        ("/Environment/API_TOKEN", True),
    ],
)
def test_a_property_is_secret_by_what_its_template_says(path: str, secret: bool) -> None:
    assert is_secret(BODY, "Thing", path) is secret


def test_the_origin_secret_is_hidden_where_load_balancers_and_cloudfront_have_it(
    release: Release,
) -> None:
    rules = body_of(release, "load_balancer")
    path = "/Conditions/0/HttpHeaderConfig/Values/0"
    assert any(is_secret(rules, name, path) for name in rules["Resources"])  # type: ignore[attr-defined]
    edge = body_of(release, "edge")
    path = "/DistributionConfig/Origins/0/OriginCustomHeaders/0/HeaderValue"
    assert is_secret(edge, "Distribution", path)
    assert not is_secret(edge, "Distribution", "/DistributionConfig/PriceClass")
