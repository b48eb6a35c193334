"""Stack sets by an organization, rolled out from a delegated administrator's account."""

from __future__ import annotations

from typing import Any

import pytest

from generator.deploy.steps import Plan, SetStep
from generator.errors import Refused
from generator.settings.model import Settings
from tests.deploy.conftest import Deployer, prod
from tests.local_aws import Account
from tests.sandbox.stack_sets.test_organization import member, move, unit

STACK_SETS = "member.org.stacksets.cloudformation.amazonaws.com"
HOME, OTHER = "ap-northeast-2", "us-east-1"
GENERATORS = "gtm-prod-load-generator"


class Organization:
    """A management account, one unit, and in it the platform's account and another."""

    def __init__(self, manager: Account) -> None:
        self.client = manager.client("organizations")
        self.root = self.client.list_roots()["Roots"][0]["Id"]
        self.unit = unit(self.client, self.root, "platforms")
        self.platform, self.other = (self.join() for _ in range(2))
        self.client.register_delegated_administrator(
            AccountId=self.platform, ServicePrincipal=STACK_SETS
        )

    def join(self) -> str:
        """One more account of the unit; its number."""
        return member(self.client, self.root, self.unit)

    def leave(self, number: str) -> None:
        """Out of the unit, into the root."""
        move(self.client, number, self.unit, self.root)


@pytest.fixture
def organization(account: Account, monkeypatch: pytest.MonkeyPatch) -> Organization:
    made = Organization(account)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", made.platform)
    return made


def organized(organization: Organization, **changes: Any) -> Settings:
    asked = {"id": "o-a1b2c3d4e5", "organizational_units": [organization.unit]}
    return small(organization=asked | changes, load_generator={"regions": [OTHER]})


def small(**changes: Any) -> Settings:
    """One Region: the sets are what is looked at."""
    return prod(regions=[{"name": HOME}], **changes)


def places(plan: Plan, layer: str) -> set[str]:
    return {p for s in plan.steps if isinstance(s, SetStep) and s.layer == layer for p in s.places}


def test_what_is_the_platforms_reaches_its_account_and_load_comes_from_all(
    deployer: Deployer, organization: Organization
) -> None:
    settings = organized(organization)
    plan = deployer.plan(settings)
    assert places(plan, "health_check") == {HOME}
    assert places(plan, "load_generator") == {OTHER, f"{organization.other}/{OTHER}"}
    (added,) = [s for s in plan.steps if s.id.startswith("load_generator/add")]
    assert isinstance(added, SetStep)
    assert added.why == "accounts x Regions: 2 x 1"
    deployer.deploy(settings)
    assert deployer.plan(settings).steps == ()
    instances = deployer.world(settings).sets[GENERATORS].instances
    assert {where: i.status for where, i in instances.items()} == {
        OTHER: "CURRENT",
        f"{organization.other}/{OTHER}": "CURRENT",
    }


def test_an_account_that_joins_or_leaves_is_followed(
    deployer: Deployer, organization: Organization
) -> None:
    followed = organized(organization, auto_deployment=True)
    deployer.deploy(followed)
    organization.join()
    assert deployer.deploy(followed).plan.steps == ()
    assert len(deployer.world(followed).sets[GENERATORS].instances) == 3

    by_hand = organized(organization, auto_deployment=False)
    deployer.deploy(by_hand)
    late = organization.join()
    assert places(deployer.plan(by_hand), "load_generator") >= {f"{late}/{OTHER}"}
    deployer.deploy(by_hand)
    organization.leave(late)
    (removal,) = deployer.plan(by_hand).steps
    assert isinstance(removal, SetStep)
    assert removal.places == (f"{late}/{OTHER}",)


def test_an_account_outside_the_units_is_refused(
    deployer: Deployer, organization: Organization
) -> None:
    organization.leave(organization.platform)
    with pytest.raises(Refused, match="would reach nothing"):
        deployer.plan(organized(organization))


def test_sets_that_stand_keep_their_permissions(
    deployer: Deployer, organization: Organization
) -> None:
    deployer.deploy(small())
    with pytest.raises(Refused, match="stands self-managed"):
        deployer.plan(organized(organization))
