"""A Region more, a Region fewer: the set grows and shrinks, and the table one replica at a time."""

from __future__ import annotations

import pytest

from generator.errors import Refused
from tests.deploy.conftest import Deployer, prod
from tests.local_aws import Account

SEOUL, VIRGINIA, IRELAND, TOKYO = "ap-northeast-2", "us-east-1", "eu-west-1", "ap-northeast-1"


def over(*regions: str) -> list[dict[str, str]]:
    """A `regions` section."""
    return [{"name": region} for region in regions]


def replicas(account: Account, table: str = "gtm-prod-sessions") -> set[str]:
    """Regions in which a table can be described."""
    described = account.client("dynamodb", SEOUL).describe_table(TableName=table)["Table"]
    return {SEOUL, *(replica["RegionName"] for replica in described.get("Replicas", []))}


def test_regions_are_added(deployer: Deployer, account: Account) -> None:
    deployer.deploy(prod(regions=over(SEOUL, VIRGINIA)))
    wider = prod(regions=over(SEOUL, VIRGINIA, IRELAND, TOKYO))
    deployer.deploy(wider)
    assert replicas(account) == {SEOUL, VIRGINIA, IRELAND, TOKYO}
    world = deployer.world(wider)
    assert set(world.sets["gtm-prod-health-check"].instances) == {SEOUL, VIRGINIA, IRELAND, TOKYO}
    assert deployer.deploy(wider).plan.steps == ()


def test_a_platform_of_one_region_gets_its_second(deployer: Deployer, account: Account) -> None:
    """Only outputs of the key's stack change: its change set shows none, and is executed."""
    deployer.deploy(prod(regions=over(SEOUL)))
    wider = prod(regions=over(SEOUL, VIRGINIA))
    deployer.deploy(wider)
    assert replicas(account) == {SEOUL, VIRGINIA}
    assert deployer.deploy(wider).plan.steps == ()


def test_a_region_is_swapped_for_another_in_one_deploy(
    deployer: Deployer, account: Account
) -> None:
    deployer.deploy(prod(regions=over(SEOUL, VIRGINIA, IRELAND)))
    moved = prod(regions=over(SEOUL, VIRGINIA, TOKYO))
    with pytest.raises(Refused, match="eu-west-1"):
        deployer.deploy(moved)
    dangerous = (
        *("LoadBalancer", "ReplicationGroup", "CacheSecret"),
        *("SessionsTable", "RankingTable"),
    )
    result = deployer.deploy(moved, allowed=dangerous)
    order = [outcome.step for outcome in result.outcomes]
    assert order.index("regional@ap-northeast-1") < order.index("regional@eu-west-1/delete")
    assert order.index("health_check/drop-instances") < order.index("regional@eu-west-1/delete")
    assert order.index("regional@eu-west-1/delete") < order.index("database@ap-northeast-2/drop-1")
    assert replicas(account) == {SEOUL, VIRGINIA, TOKYO}
    world = deployer.world(moved)
    assert not [region for region, _ in world.stacks if region == IRELAND]
    assert deployer.deploy(moved).plan.steps == ()
