"""Where load can be aimed: the way in of users, and each Region past it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.deploy.around.outputs import Output, published
from generator.deploy.around.targets import find_target
from generator.deploy.looking.look import look
from generator.deploy.release import Release
from generator.errors import UsageError
from tests.deploy.conftest import pair
from tests.deploy.support import built
from tests.standing import HOME, OTHER, Standing


@pytest.fixture(scope="module")
def without_domain(tmp_path_factory: pytest.TempPathFactory) -> Release:
    settings = pair(domain=None)
    return built(tmp_path_factory.mktemp("built"), settings)


def outputs(layer: str, region: str, values: Mapping[str, str]) -> list[Output]:
    return [Output(region, layer, name, value, "") for name, value in values.items()]


EDGE = outputs("edge", "us-east-1", {"DistributionDomainName": "d1.cloudfront.net"})
REGIONAL = [
    output
    for region in (HOME, OTHER)
    for output in outputs(
        "regional", region, {"LoadBalancerDnsName": f"lb-{region}", "CacheEndpoint": f"c-{region}"}
    )
]


def test_each_kind_of_a_platform_that_stands(standing: Standing) -> None:
    release, aws = standing.release, standing.aws
    found = published(release, look(aws, release, standing.account.id))
    addresses = {
        kind: find_target(release, found, kind, OTHER) for kind in ("edge", "origin", "table")
    }
    assert addresses["edge"].address == "https://example.com"
    assert addresses["origin"].address == f"https://{OTHER}.origin.example.com"
    assert addresses["origin"].secret == "gtm-prod/origin-secret"
    assert addresses["table"].address == "gtm-prod"
    assert find_target(release, found, "cache", OTHER).address.endswith(":6379")


def test_without_a_domain_the_names_are_aws_own(without_domain: Release) -> None:
    found = [*EDGE, *REGIONAL]
    assert find_target(without_domain, found, "edge", HOME).address == "https://d1.cloudfront.net"
    assert find_target(without_domain, found, "origin", OTHER).address == f"http://lb-{OTHER}"


@given(st.permutations(REGIONAL), st.sampled_from([HOME, OTHER]))
def test_a_region_gets_its_own_cache(
    without_domain: Release, found: list[Output], region: str
) -> None:
    target = find_target(without_domain, found, "cache", region)
    assert target.address == f"c-{region}:6379"


def test_what_does_not_stand_cannot_be_loaded(without_domain: Release) -> None:
    with pytest.raises(UsageError, match=r"nothing stands there that offers 'LoadBalancerDnsName'"):
        find_target(without_domain, [], "origin", HOME)
    with pytest.raises(UsageError, match="--region eu-west-9: prod has"):
        find_target(without_domain, [], "origin", "eu-west-9")


def test_without_an_edge_users_come_to_the_domain_and_no_secret_is_asked(tmp_path: Path) -> None:
    release = built(tmp_path, pair(edge={"enabled": False, "web_acl": None}))
    assert find_target(release, [], "edge", HOME).address == "https://example.com"
    assert find_target(release, [], "origin", HOME).secret == ""
