"""Instances: created, updated and deleted, as real stacks where they belong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import (
    NAME,
    PLAIN,
    REGIONS,
    code,
    display_names,
    everywhere,
    instance,
    named_template,
    neighbour,
    results,
    stacks,
    standing,
    states,
    succeeded,
)


def override(value: str) -> dict[str, Any]:
    return {"ParameterOverrides": [{"ParameterKey": "Name", "ParameterValue": value}]}


def in_regions(account: Account, *regions: str) -> dict[str, Any]:
    return {"StackSetName": NAME, "Accounts": [account.id], "Regions": list(regions or REGIONS)}


def test_instances_are_stacks_in_their_accounts_and_regions(account: Account, cfn: Any) -> None:
    other = neighbour(account)
    set_id = cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)["StackSetId"]
    begun = cfn.create_stack_instances(
        StackSetName=NAME, Accounts=[account.id, other.id], Regions=REGIONS
    )
    done = succeeded(cfn, begun)

    assert (done["Action"], done["StackSetId"]) == ("CREATE", set_id)
    assert done["StatusDetails"] == {"FailedStackInstancesCount": 0}
    assert done["EndTimestamp"] >= done["CreationTimestamp"]
    found = results(cfn, begun["OperationId"])
    assert set(found) == {(each.id, region) for each in (account, other) for region in REGIONS}
    assert {each["Status"] for each in found.values()} == {"SUCCEEDED"}
    for each in (account, other):
        for region in REGIONS:
            ((name, status),) = stacks(each, region)
            assert re.fullmatch(rf"StackSet-{NAME}-[-0-9a-f]{{36}}", name)
            assert status == "CREATE_COMPLETE"
            assert f":{region}:{each.id}:stack/{name}/" in instance(cfn, each.id, region)["StackId"]
            assert display_names(each, region) == ["plain"]
    assert sorted(cfn.describe_stack_set(StackSetName=NAME)["StackSet"]["Regions"]) == sorted(
        REGIONS
    )


def test_an_instance_answers_its_state(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    (operation,) = cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]
    found = instance(cfn, account.id, REGIONS[0])
    assert found["Status"] == "CURRENT"
    assert found["StackInstanceStatus"] == {"DetailedStatus": "SUCCEEDED"}
    assert found["DriftStatus"] == "NOT_CHECKED"
    assert found["ParameterOverrides"] == []
    assert found["LastOperationId"] == operation["OperationId"]


def test_instances_are_listed_by_account_region_and_filters(account: Account, cfn: Any) -> None:
    other = neighbour(account)
    standing(cfn, account)
    begun = cfn.create_stack_instances(**in_regions(other, REGIONS[0]))
    succeeded(cfn, begun)

    def found(**narrowed: Any) -> set[tuple[str, str]]:
        answer = cfn.list_stack_instances(StackSetName=NAME, **narrowed)
        return {(each["Account"], each["Region"]) for each in answer["Summaries"]}

    def having(name: str, value: str) -> set[tuple[str, str]]:
        return found(Filters=[{"Name": name, "Values": value}])

    first, every = (other.id, REGIONS[0]), found()
    assert len(every) == 4
    assert found(StackInstanceAccount=other.id) == {first}
    assert found(StackInstanceRegion=REGIONS[0]) == {first, (account.id, REGIONS[0])}
    assert having("DETAILED_STATUS", "SUCCEEDED") == every
    assert having("DETAILED_STATUS", "FAILED") == set()
    assert having("LAST_OPERATION_ID", begun["OperationId"]) == {first}
    assert having("DRIFT_STATUS", "NOT_CHECKED") == every
    pages = cfn.get_paginator("list_stack_instances").paginate(
        StackSetName=NAME, PaginationConfig={"PageSize": 3}
    )
    assert [len(page["Summaries"]) for page in pages] == [3, 1]


def test_overrides_are_an_instances_own_and_survive_updates_of_the_set(
    account: Account, cfn: Any
) -> None:
    standing(cfn, account, named_template())
    first, second, _ = REGIONS
    succeeded(cfn, cfn.update_stack_instances(**in_regions(account, second), **override("mine")))

    assert display_names(account, second) == ["mine"]
    assert display_names(account, first) == ["plain"]
    expected = [{"ParameterKey": "Name", "ParameterValue": "mine"}]
    assert instance(cfn, account.id, second)["ParameterOverrides"] == expected

    newer = [{"ParameterKey": "Name", "ParameterValue": "newer"}]
    succeeded(
        cfn, cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True, Parameters=newer)
    )
    assert everywhere(account) == ["newer", "mine", "newer"]


def test_overrides_are_changed_kept_and_taken_back(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=named_template())
    here = in_regions(account, REGIONS[0])
    succeeded(cfn, cfn.create_stack_instances(**here, **override("first")))
    assert display_names(account, REGIONS[0]) == ["first"]

    def updated(**overrides: Any) -> list[str]:
        succeeded(cfn, cfn.update_stack_instances(**here, **overrides))
        return display_names(account, REGIONS[0])

    assert updated(**override("second")) == ["second"]
    assert updated() == ["second"]
    kept = [{"ParameterKey": "Name", "UsePreviousValue": True}]
    assert updated(ParameterOverrides=kept) == ["second"]
    assert updated(ParameterOverrides=[]) == ["plain"]


def test_an_override_of_what_the_template_lacks_is_refused(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    with pytest.raises(ClientError, match=r"\[Name\] do not exist in the template") as error:
        cfn.update_stack_instances(**in_regions(account), **override("x"))
    assert code(error) == "ValidationError"


def test_creating_an_instance_that_stands_deploys_it_again(account: Account, cfn: Any) -> None:
    standing(cfn, account, named_template())
    before = instance(cfn, account.id, REGIONS[0])["StackId"]
    begun = cfn.create_stack_instances(**in_regions(account, REGIONS[0]), **override("again"))
    succeeded(cfn, begun)
    assert instance(cfn, account.id, REGIONS[0])["StackId"] == before
    assert display_names(account, REGIONS[0]) == ["again"]


def test_an_update_that_changes_nothing_succeeds_and_says_so(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    begun = cfn.update_stack_instances(**in_regions(account))
    succeeded(cfn, begun)
    reasons = {each["StatusReason"] for each in results(cfn, begun["OperationId"]).values()}
    assert reasons == {"No updates are to be performed."}


def test_only_instances_that_stand_are_updated(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    with pytest.raises(cfn.exceptions.StackInstanceNotFoundException):
        cfn.update_stack_instances(**in_regions(account))
    with pytest.raises(cfn.exceptions.StackInstanceNotFoundException):
        instance(cfn, account.id, REGIONS[0])


def test_deleting_instances_deletes_their_stacks(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    begun = cfn.delete_stack_instances(**in_regions(account, *REGIONS[:2]), RetainStacks=False)
    done = succeeded(cfn, begun)
    assert (done["Action"], done["RetainStacks"]) == ("DELETE", False)
    assert [stacks(account, region) for region in REGIONS[:2]] == [[], []]
    assert len(stacks(account, REGIONS[2])) == 1
    assert set(states(cfn)) == {(account.id, REGIONS[2])}


def test_retained_stacks_stand_on_without_the_set(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    succeeded(cfn, cfn.delete_stack_instances(**in_regions(account), RetainStacks=True))
    assert states(cfn) == {}
    assert all(len(stacks(account, region)) == 1 for region in REGIONS)
    cfn.delete_stack_set(StackSetName=NAME)


def test_deleting_where_no_instance_is_does_nothing(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    begun = cfn.delete_stack_instances(**in_regions(account), RetainStacks=False)
    succeeded(cfn, begun)
    assert results(cfn, begun["OperationId"]) == {}


@pytest.mark.parametrize(
    "stranger", [{"Accounts": []}, {"Regions": []}, {"Regions": ["mars-1"]}, {"Accounts": ["12"]}]
)
def test_accounts_and_regions_must_be_some(
    account: Account, cfn: Any, stranger: dict[str, Any]
) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
    with pytest.raises(ClientError) as error:
        cfn.create_stack_instances(**in_regions(account) | stranger)
    assert code(error) == "ValidationError"


def test_every_action_names_a_set_that_stands(account: Account, cfn: Any) -> None:
    where = in_regions(account)
    calls: list[Callable[[], Any]] = [
        lambda: cfn.create_stack_instances(**where),
        lambda: cfn.update_stack_instances(**where),
        lambda: cfn.delete_stack_instances(**where, RetainStacks=False),
        lambda: cfn.update_stack_set(StackSetName=NAME, UsePreviousTemplate=True),
        lambda: cfn.list_stack_instances(StackSetName=NAME),
        lambda: instance(cfn, account.id, REGIONS[0]),
        lambda: cfn.list_stack_set_operations(StackSetName=NAME),
        lambda: cfn.describe_stack_set_operation(StackSetName=NAME, OperationId="o"),
        lambda: cfn.list_stack_set_operation_results(StackSetName=NAME, OperationId="o"),
        lambda: cfn.stop_stack_set_operation(StackSetName=NAME, OperationId="o"),
        lambda: cfn.detect_stack_set_drift(StackSetName=NAME),
    ]
    for call in calls:
        with pytest.raises(cfn.exceptions.StackSetNotFoundException):
            call()
