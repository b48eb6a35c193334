"""Aurora over a platform's Regions: home first, then the others, and none leaves unless named."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generator.errors import Refused
from generator.settings.model import Settings
from tests.deploy.conftest import Deployer, prod
from tests.local_aws import Account

SEOUL, VIRGINIA = "ap-northeast-2", "us-east-1"
NAME = "gtm-prod-aurora"


def over(*regions: str, **changes: Any) -> Settings:
    """prod over these Regions, with Aurora."""
    aurora = {"deletion_protection": False, **changes}
    return prod(regions=[{"name": region} for region in regions], aurora=aurora)


def members(account: Account) -> dict[str, bool]:
    """Regions of the clusters in the global database; whether they take writes."""
    found = account.client("rds", SEOUL).describe_global_clusters(GlobalClusterIdentifier=NAME)
    [database] = found["GlobalClusters"]
    each = database["GlobalClusterMembers"]
    return {member["DBClusterArn"].split(":")[3]: member["IsWriter"] for member in each}


def test_a_region_follows_home_and_leaves_only_by_name(
    deployer: Deployer, account: Account
) -> None:
    two, one = over(SEOUL, VIRGINIA), over(SEOUL)
    result = deployer.deploy(two)
    order = [outcome.step for outcome in result.outcomes]
    assert order.index(f"regional@{SEOUL}") < order.index(f"regional@{VIRGINIA}")
    assert members(account) == {SEOUL: True, VIRGINIA: False}
    assert deployer.deploy(two).plan.steps == ()
    with pytest.raises(Refused) as refused:
        deployer.deploy(one)
    words = str(refused.value)
    assert f"{VIRGINIA}:Cluster" in words
    assert "its rows" in words
    assert "GlobalDatabase" not in words, "home alone has it"
    assert members(account) == {SEOUL: True, VIRGINIA: False}
    deployer.deploy(one, allowed=named_in(words))
    assert members(account) == {SEOUL: True}


def named_in(words: str) -> tuple[str, ...]:
    """What a refusal says has to be named."""
    return tuple(re.findall(r"--allow-replace (\S+)", words))
