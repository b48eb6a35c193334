"""Drift of a set: found by comparing each instance's stack with what stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import (
    GATED,
    NAME,
    REGIONS,
    ended,
    instance,
    open_gate,
    operation,
    result_statuses,
    standing,
    succeeded,
    until,
)


def drift_of(cfn: Any) -> Any:
    return cfn.describe_stack_set(StackSetName=NAME)["StackSet"]["StackSetDriftDetectionDetails"]


def change(account: Account, region: str) -> None:
    """Change a topic behind its stack's back."""
    sns = account.client("sns", region)
    (found,) = sns.list_topics()["Topics"]
    sns.set_topic_attributes(
        TopicArn=found["TopicArn"], AttributeName="DisplayName", AttributeValue="changed"
    )


def test_a_set_is_not_checked_before_someone_looks(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    assert drift_of(cfn) == {"DriftStatus": "NOT_CHECKED"}
    (summary,) = cfn.list_stack_sets()["Summaries"]
    assert summary["DriftStatus"] == "NOT_CHECKED"


def test_instances_in_sync(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    done = succeeded(cfn, cfn.detect_stack_set_drift(StackSetName=NAME, OperationId="look"))
    assert (done["Action"], done["OperationId"]) == ("DETECT_DRIFT", "look")
    found = drift_of(cfn)
    assert (found["DriftStatus"], found["DriftDetectionStatus"]) == ("IN_SYNC", "COMPLETED")
    assert (found["TotalStackInstancesCount"], found["InSyncStackInstancesCount"]) == (3, 3)
    assert found["LastDriftCheckTimestamp"] == done["EndTimestamp"]
    assert done["StackSetDriftDetectionDetails"] == found


def test_one_changed_resource_is_drift_of_its_instance_and_of_the_set(
    account: Account, cfn: Any
) -> None:
    standing(cfn, account)
    change(account, REGIONS[1])
    looked = cfn.detect_stack_set_drift(StackSetName=NAME)
    succeeded(cfn, looked)

    found = drift_of(cfn)
    assert (found["DriftStatus"], found["DriftedStackInstancesCount"]) == ("DRIFTED", 1)
    drifted = cfn.list_stack_instances(
        StackSetName=NAME, Filters=[{"Name": "DRIFT_STATUS", "Values": "DRIFTED"}]
    )["Summaries"]
    assert [each["Region"] for each in drifted] == [REGIONS[1]]
    assert "LastDriftCheckTimestamp" in drifted[0]
    assert instance(cfn, account.id, REGIONS[0])["DriftStatus"] == "IN_SYNC"

    def resources(region: str, **narrowed: Any) -> Any:
        return cfn.list_stack_instance_resource_drifts(
            StackSetName=NAME,
            StackInstanceAccount=account.id,
            StackInstanceRegion=region,
            OperationId=looked["OperationId"],
            **narrowed,
        )["Summaries"]

    (resource,) = resources(REGIONS[1], StackInstanceResourceDriftStatuses=["MODIFIED"])
    assert resource["LogicalResourceId"] == "Topic"
    (difference,) = resource["PropertyDifferences"]
    assert difference["PropertyPath"] == "/DisplayName"
    assert (difference["ExpectedValue"], difference["ActualValue"]) == ("plain", "changed")
    assert [each["StackResourceDriftStatus"] for each in resources(REGIONS[0])] == ["IN_SYNC"]
    assert resources(REGIONS[0], StackInstanceResourceDriftStatuses=["MODIFIED"]) == []


def test_an_instance_that_can_not_be_checked_counts_as_failed(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED)
    where = {"StackSetName": NAME, "Accounts": [account.id], "Regions": REGIONS[:1]}
    begun = cfn.create_stack_instances(**where)
    open_gate(account, REGIONS[0], "FAILURE")
    assert ended(cfn, begun)["Status"] == "FAILED"

    tolerant = {"FailureToleranceCount": 1}
    looked = cfn.detect_stack_set_drift(StackSetName=NAME, OperationPreferences=tolerant)
    succeeded(cfn, looked)
    assert drift_of(cfn)["DriftDetectionStatus"] == "PARTIAL_SUCCESS"
    assert drift_of(cfn)["FailedStackInstancesCount"] == 1
    assert ended(cfn, cfn.detect_stack_set_drift(StackSetName=NAME))["Status"] == "FAILED"
    assert drift_of(cfn)["DriftDetectionStatus"] == "FAILED"


def test_drift_of_what_no_operation_looked_for(account: Account, cfn: Any) -> None:
    standing(cfn, account)
    asked = {"StackSetName": NAME, "StackInstanceAccount": account.id, "OperationId": "none"}
    with pytest.raises(cfn.exceptions.OperationNotFoundException):
        cfn.list_stack_instance_resource_drifts(**asked, StackInstanceRegion=REGIONS[0])
    succeeded(cfn, cfn.detect_stack_set_drift(StackSetName=NAME, OperationId="none"))
    with pytest.raises(cfn.exceptions.StackInstanceNotFoundException):
        cfn.list_stack_instance_resource_drifts(**asked, StackInstanceRegion="eu-north-1")


def test_a_queued_look_is_in_progress(account: Account, cfn: Any) -> None:
    cfn.create_stack_set(StackSetName=NAME, TemplateBody=GATED, ManagedExecution={"Active": True})
    where = {"StackSetName": NAME, "Accounts": [account.id], "Regions": REGIONS[:1]}
    begun = cfn.create_stack_instances(**where)["OperationId"]
    until(lambda: "RUNNING" in result_statuses(cfn, begun))
    looked = cfn.detect_stack_set_drift(StackSetName=NAME)["OperationId"]
    details = operation(cfn, looked)["StackSetDriftDetectionDetails"]
    assert (details["DriftDetectionStatus"], details["InProgressStackInstancesCount"]) == (
        "IN_PROGRESS",
        1,
    )
    assert drift_of(cfn) == {"DriftStatus": "NOT_CHECKED"}
    open_gate(account, REGIONS[0])
    assert ended(cfn, {"OperationId": looked})["Status"] == "SUCCEEDED"
