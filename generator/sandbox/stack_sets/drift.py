"""Drift of a set: each instance's stack against its template, and what is counted over them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-drift.html
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from generator.sandbox import seams
from generator.sandbox.stack_sets import stacks, store
from generator.sandbox.stack_sets.faults import Fault
from generator.sandbox.stack_sets.records import (
    DriftDetails,
    Instance,
    Operation,
    OperationResult,
    Target,
    now,
)

_DETECTION = {
    "QUEUED": "IN_PROGRESS",
    "RUNNING": "IN_PROGRESS",
    "STOPPING": "IN_PROGRESS",
    "STOPPED": "STOPPED",
    "FAILED": "FAILED",
}
_SUMMARY = (
    "StackId",
    "LogicalResourceId",
    "PhysicalResourceId",
    "ResourceType",
    "PropertyDifferences",
    "StackResourceDriftStatus",
)
_ANSWERED = {"IN_SYNC", "MODIFIED", "DELETED"}
"""AWS does not return NOT_CHECKED, though its model has it."""


async def detect(operation: Operation, target: Target, instance: Instance) -> OperationResult:
    """Look for drift in one instance, and keep what was found."""
    try:
        with seams.scope(target.account, target.region):
            status, drifts = _detect(instance)
    except Fault as fault:
        return OperationResult(target, "FAILED", fault.message)
    checked = now()
    store.put_drifts(operation.set_id, operation.id, target, _summaries(drifts, checked))
    store.put_instance(
        replace(instance, drift=status, drift_checked=checked, last_operation=operation.id)
    )
    return OperationResult(target, "SUCCEEDED")


def _detect(instance: Instance) -> tuple[Any, list[dict[str, Any]]]:
    name = instance.stack_id
    if name is None or stacks.status_of(name) is None:
        raise Fault("ValidationError", f"Stack [{name}] does not exist")
    stacks.call("DetectStackDrift", StackName=name)
    stack = stacks.call("DescribeStacks", StackName=name)["Stacks"][0]
    found = stacks.call("DescribeStackResourceDrifts", StackName=name)
    drifts = found["StackResourceDrifts"]
    while token := found.get("NextToken"):
        found = stacks.call("DescribeStackResourceDrifts", StackName=name, NextToken=token)
        drifts += found["StackResourceDrifts"]
    return stack["DriftInformation"]["StackDriftStatus"], drifts


def _summaries(drifts: list[dict[str, Any]], checked: str) -> list[dict[str, Any]]:
    return [
        {name: each[name] for name in _SUMMARY if name in each} | {"Timestamp": checked}
        for each in drifts
        if each["StackResourceDriftStatus"] in _ANSWERED
    ]


def details(operation: Operation) -> DriftDetails:
    """What a drift operation has found so far."""
    statuses = Counter(result.status for result in operation.results)
    found = Counter(
        instance.drift
        for result in operation.results
        if result.status == "SUCCEEDED"
        and (instance := store.find_instance(operation.set_id, *_place(result.target)))
    )
    partly = "PARTIAL_SUCCESS" if statuses["FAILED"] else "COMPLETED"
    return DriftDetails(
        status="DRIFTED" if found["DRIFTED"] else "IN_SYNC",
        detection=_DETECTION.get(operation.status, partly),
        checked=operation.ended,
        total=len(operation.results),
        drifted=found["DRIFTED"],
        in_sync=found["IN_SYNC"],
        in_progress=statuses["PENDING"] + statuses["RUNNING"],
        failed=statuses["FAILED"],
    )


def _place(target: Target) -> tuple[str, str]:
    return target.account, target.region


def conclude(operation: Operation) -> None:
    """An operation has ended: a drift operation's findings are the set's from now on."""
    stack_set = store.find_set(operation.set_id)
    if operation.action == "DETECT_DRIFT" and stack_set is not None:
        found = details(operation)
        store.put_operation(replace(operation, drift=found))
        store.put_set(replace(stack_set, drift=found))
