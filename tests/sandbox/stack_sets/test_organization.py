"""Service-managed sets: organizational units instead of accounts, and automatic deployment."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import (
    GATED,
    NAME,
    NEEDY,
    PLAIN,
    REGIONS,
    code,
    ended,
    instance,
    open_gate,
    results,
    stacks,
    states,
    succeeded,
    until,
)

HERE = REGIONS[0]


class Organization(NamedTuple):
    """A root with two units side by side, and one below the first; an account in each."""

    client: Any
    root: str
    first: str
    below: str
    second: str
    accounts: dict[str, str]
    """Account by unit."""


@pytest.fixture
def organization(account: Account) -> Organization:
    client = account.client("organizations")
    root = client.list_roots()["Roots"][0]["Id"]
    first, second = (unit(client, root, name) for name in ("first", "second"))
    below = unit(client, first, "below")
    accounts = {each: member(client, root, each) for each in (first, below, second)}
    return Organization(client, root, first, below, second, accounts)


def unit(client: Any, parent: str, name: str) -> str:
    made = client.create_organizational_unit(ParentId=parent, Name=name)
    return str(made["OrganizationalUnit"]["Id"])


def member(client: Any, root: str, parent: str) -> str:
    status = client.create_account(Email="someone@example.com", AccountName="member")
    number = str(status["CreateAccountStatus"]["AccountId"])
    move(client, number, root, parent)
    return number


def move(client: Any, number: str, source: str, destination: str) -> None:
    client.move_account(AccountId=number, SourceParentId=source, DestinationParentId=destination)


def managed(cfn: Any, body: str = PLAIN, **deployment: Any) -> None:
    cfn.create_stack_set(
        StackSetName=NAME,
        TemplateBody=body,
        PermissionModel="SERVICE_MANAGED",
        AutoDeployment=deployment or {"Enabled": False},
    )


def create(cfn: Any, *regions: str, **targets: Any) -> Any:
    return cfn.create_stack_instances(
        StackSetName=NAME, DeploymentTargets=targets, Regions=list(regions or REGIONS[:1])
    )


def accounts_of(cfn: Any) -> set[str]:
    return {number for number, _ in states(cfn)}


def test_a_unit_brings_its_accounts_and_those_of_the_units_below(
    account: Account, cfn: Any, organization: Organization
) -> None:
    managed(cfn)
    begun = create(cfn, *REGIONS[:2], OrganizationalUnitIds=[organization.first])
    done = succeeded(cfn, begun)

    expected = {organization.accounts[each] for each in (organization.first, organization.below)}
    assert accounts_of(cfn) == expected
    assert done["DeploymentTargets"] == {"OrganizationalUnitIds": [organization.first]}
    for number in expected:
        assert instance(cfn, number, HERE)["OrganizationalUnitId"] == organization.first
        ((_, status),) = stacks(account._replace(id=number), REGIONS[1])
        assert status == "CREATE_COMPLETE"
    found = results(cfn, begun["OperationId"]).values()
    assert {each["OrganizationalUnitId"] for each in found} == {organization.first}
    described = cfn.describe_stack_set(StackSetName=NAME)["StackSet"]
    assert described["OrganizationalUnitIds"] == [organization.first]
    assert described["PermissionModel"] == "SERVICE_MANAGED"
    assert "AdministrationRoleARN" not in described


def test_the_root_brings_all_but_the_management_account(
    account: Account, cfn: Any, organization: Organization
) -> None:
    managed(cfn)
    succeeded(cfn, create(cfn, OrganizationalUnitIds=[organization.root]))
    assert accounts_of(cfn) == set(organization.accounts.values())


def test_a_suspended_account_is_skipped_and_no_failure(
    account: Account, cfn: Any, organization: Organization
) -> None:
    closed = organization.accounts[organization.second]
    organization.client.close_account(AccountId=closed)
    managed(cfn)
    begun = create(cfn, OrganizationalUnitIds=[organization.root])
    done = succeeded(cfn, begun)
    assert done["StatusDetails"] == {"FailedStackInstancesCount": 0}
    assert states(cfn)[closed, HERE] == ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT")
    assert stacks(account._replace(id=closed), HERE) == []
    assert list(states(cfn).values()).count(("CURRENT", "SUCCEEDED")) == 2


@pytest.mark.parametrize(
    "kind, expected", [("INTERSECTION", ["below"]), ("DIFFERENCE", ["first", "second"])]
)
def test_accounts_narrow_the_units(
    cfn: Any, organization: Organization, kind: str, expected: list[str]
) -> None:
    managed(cfn)
    begun = create(
        cfn,
        OrganizationalUnitIds=[organization.root],
        Accounts=[organization.accounts[organization.below]],
        AccountFilterType=kind,
    )
    succeeded(cfn, begun)
    units = organization._asdict()
    assert accounts_of(cfn) == {organization.accounts[units[name]] for name in expected}


def test_instances_of_units_are_updated_and_deleted(cfn: Any, organization: Organization) -> None:
    managed(cfn)
    both = [organization.first, organization.second]
    succeeded(cfn, create(cfn, OrganizationalUnitIds=both))
    second = {"OrganizationalUnitIds": [organization.second]}
    updated = cfn.update_stack_instances(
        StackSetName=NAME, DeploymentTargets=second, Regions=[HERE]
    )
    succeeded(cfn, updated)
    number = organization.accounts[organization.second]
    assert set(results(cfn, updated["OperationId"])) == {(number, HERE)}

    narrowed = cfn.update_stack_set(
        StackSetName=NAME, UsePreviousTemplate=True, DeploymentTargets=second, Regions=[HERE]
    )
    succeeded(cfn, narrowed)
    assert set(results(cfn, narrowed["OperationId"])) == {(number, HERE)}

    deleted = cfn.delete_stack_instances(
        StackSetName=NAME, DeploymentTargets=second, Regions=[HERE], RetainStacks=False
    )
    succeeded(cfn, deleted)
    assert number not in accounts_of(cfn)
    described = cfn.describe_stack_set(StackSetName=NAME)["StackSet"]
    assert described["OrganizationalUnitIds"] == [organization.first]


def test_a_named_account_is_deleted_apart(cfn: Any, organization: Organization) -> None:
    managed(cfn)
    succeeded(cfn, create(cfn, OrganizationalUnitIds=[organization.first]))
    number = organization.accounts[organization.below]
    deleted = cfn.delete_stack_instances(
        StackSetName=NAME,
        DeploymentTargets={"Accounts": [number]},
        Regions=[HERE],
        RetainStacks=False,
    )
    succeeded(cfn, deleted)
    assert accounts_of(cfn) == {organization.accounts[organization.first]}


def test_an_account_that_comes_or_goes_is_followed(
    account: Account, cfn: Any, organization: Organization
) -> None:
    managed(cfn, Enabled=True, RetainStacksOnAccountRemoval=False)
    succeeded(cfn, create(cfn, *REGIONS[:2], OrganizationalUnitIds=[organization.second]))
    targets = cfn.list_stack_set_auto_deployment_targets(StackSetName=NAME)["Summaries"]
    assert targets == [{"OrganizationalUnitId": organization.second, "Regions": REGIONS[:2]}]

    number = member(organization.client, organization.root, organization.second)
    until(lambda: states(cfn).get((number, REGIONS[1])) == ("CURRENT", "SUCCEEDED"))
    newcomer = account._replace(id=number)
    assert len(stacks(newcomer, HERE)) == 1

    move(organization.client, number, organization.second, organization.root)
    until(lambda: number not in accounts_of(cfn))
    assert stacks(newcomer, HERE) == []
    actions = [
        each["Action"] for each in cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]
    ]
    assert actions == ["DELETE", "CREATE", "CREATE"]


def test_stacks_of_an_account_that_leaves_are_retained_when_asked(
    account: Account, cfn: Any, organization: Organization
) -> None:
    managed(cfn, Enabled=True, RetainStacksOnAccountRemoval=True)
    succeeded(cfn, create(cfn, OrganizationalUnitIds=[organization.second]))
    number = organization.accounts[organization.second]
    move(organization.client, number, organization.second, organization.root)
    until(lambda: number not in accounts_of(cfn))
    assert len(stacks(account._replace(id=number), HERE)) == 1


def test_automatic_deployments_queue(
    account: Account, cfn: Any, organization: Organization
) -> None:
    managed(cfn, GATED, Enabled=True)
    begun = create(cfn, OrganizationalUnitIds=[organization.second])
    number = member(organization.client, organization.root, organization.second)
    queued, _ = cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]
    assert queued["Status"] == "QUEUED"
    first = organization.accounts[organization.second]
    for each in (first, number):
        open_gate(account._replace(id=each), HERE)
    succeeded(cfn, begun)
    assert ended(cfn, queued)["Status"] == "SUCCEEDED"


def test_without_automatic_deployment_nobody_is_followed(
    cfn: Any, organization: Organization
) -> None:
    managed(cfn, Enabled=False)
    succeeded(cfn, create(cfn, OrganizationalUnitIds=[organization.second]))
    member(organization.client, organization.root, organization.second)
    assert len(cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]) == 1
    assert len(states(cfn)) == 1


@pytest.mark.parametrize(
    "targets",
    [
        {"OrganizationalUnitIds": ["ou-abcd-00000000"]},
        {"OrganizationalUnitIds": ["r-abcd"]},
        {"Accounts": ["111122223333"]},
        {"AccountFilterType": "INTERSECTION", "Accounts": ["111122223333"]},
        {"AccountFilterType": "UNION", "Accounts": ["111122223333"]},
        {"AccountsUrl": "s3://bucket/accounts.csv"},
    ],
    ids=str,
)
def test_targets_that_mean_nothing_are_refused(
    cfn: Any, organization: Organization, targets: dict[str, Any]
) -> None:
    managed(cfn)
    with pytest.raises(ClientError) as error:
        create(cfn, **targets)
    assert code(error) == "ValidationError"
    assert cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"] == []


def test_each_permission_model_has_its_own_targets(account: Account, cfn: Any) -> None:
    where = {"Accounts": [account.id], "Regions": [HERE]}
    managed(cfn, NEEDY)
    with pytest.raises(ClientError, match="SERVICE_MANAGED permissions"):
        cfn.create_stack_instances(StackSetName=NAME, **where)
    cfn.create_stack_set(StackSetName="own", TemplateBody=PLAIN)
    with pytest.raises(ClientError, match="SELF_MANAGED permissions"):
        cfn.create_stack_instances(
            StackSetName="own",
            DeploymentTargets={"OrganizationalUnitIds": ["r-abcd"]},
            Regions=[HERE],
        )


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"AutoDeployment": {"Enabled": False, "RetainStacksOnAccountRemoval": True}},
        {"AutoDeployment": {"Enabled": True, "DependsOn": ["arn:of-another"]}},
        {"AutoDeployment": {"Enabled": True}, "ExecutionRoleName": "Mine"},
    ],
    ids=str,
)
def test_service_managed_sets_that_can_not_be_are_refused(
    cfn: Any, members: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as error:
        cfn.create_stack_set(
            StackSetName=NAME, TemplateBody=PLAIN, PermissionModel="SERVICE_MANAGED", **members
        )
    assert code(error) == "ValidationError"


def test_permissions_change_only_without_instances(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    change = {
        "StackSetName": NAME,
        "UsePreviousTemplate": True,
        "PermissionModel": "SERVICE_MANAGED",
        "AutoDeployment": {"Enabled": False},
    }
    where = {"StackSetName": NAME, "Accounts": [account.id], "Regions": [HERE]}
    succeeded(cfn, cfn.create_stack_instances(**where))
    with pytest.raises(cfn.exceptions.InvalidOperationException):
        cfn.update_stack_set(**change)
    succeeded(cfn, cfn.delete_stack_instances(**where, RetainStacks=False))
    succeeded(cfn, cfn.update_stack_set(**change))
    described = cfn.describe_stack_set(StackSetName=NAME)["StackSet"]
    assert described["PermissionModel"] == "SERVICE_MANAGED"
