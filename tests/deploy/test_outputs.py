"""What is published is shown as it stands, and a secret never."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.deploy.around.masking import HIDDEN
from generator.deploy.around.outputs import published
from generator.deploy.looking.look import look
from tests.deploy.conftest import prod
from tests.deploy.support import NOTHING, built, with_stack
from tests.deploy.support import standing as as_built
from tests.standing import HOME, REGIONS, Standing


def test_every_published_output_is_shown_with_its_value(standing: Standing) -> None:
    release = standing.release
    world = look(standing.aws, release, standing.account.id)
    shown = {(o.region, o.layer, o.name): o.value for o in published(release, world)}
    expected = {
        (region, unit.layer, name)
        for unit in release.units
        for region in unit.regions
        for name in unit.published
    }
    assert set(shown) == expected
    for region in REGIONS:
        vpcs = standing.account.client("ec2", region).describe_vpcs()["Vpcs"]
        assert shown[region, "regional", "VpcId"] in {vpc["VpcId"] for vpc in vpcs}


def test_nothing_is_shown_where_nothing_stands(tmp_path: Path) -> None:
    assert published(built(tmp_path, prod()), NOTHING) == ()


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Password"},
        {"Fn::Sub": "redis://:${Password}@cache"},
        "{{resolve:secretsmanager:gtm-prod/cache:SecretString:password}}",
    ],
)
def test_an_output_that_says_a_secret_is_hidden(tmp_path: Path, value: object) -> None:
    release = built(tmp_path, prod())
    body = release.body(release.unit("foundation").template)
    body["Parameters"]["Password"] = {"Type": "String", "NoEcho": True}
    body["Outputs"]["HostedZoneId"]["Value"] = value
    world = with_stack(as_built(release), HOME, "gtm-prod-foundation", template=json.dumps(body))
    values = {o.name: o.value for o in published(release, world) if o.layer == "foundation"}
    assert values == {"HostedZoneId": HIDDEN}
