"""What an operation does to one instance: deploy its stack, delete it, or look for drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generator.sandbox import seams
from generator.sandbox.stack_sets import drift, organization, stacks, store
from generator.sandbox.stack_sets.records import (
    Instance,
    Operation,
    OperationResult,
    StackSet,
    Target,
)

_EXCLUDED = "The stack instance is INOPERABLE: delete it with RetainStacks, and its stack by hand"

_SUSPENDED = "Skipped: the account is suspended"
"""No failure, as AWS announced in June 2023; which result status goes with it is not documented."""


def begin(stack_set: StackSet, operation: Operation) -> None:
    """The operation starts: its instances wait for it, with the overrides that it brings."""
    if operation.action == "DETECT_DRIFT":
        return
    for target in (result.target for result in operation.results):
        found = store.find_instance(stack_set.id, target.account, target.region)
        if found is not None and found.status != "INOPERABLE":
            store.put_instance(_waiting(found, operation))


def _waiting(instance: Instance, operation: Operation) -> Instance:
    waiting = replace(instance, detail="PENDING", reason=None, last_operation=operation.id)
    if operation.action == "DELETE":
        return waiting
    given = operation.overrides
    overrides = instance.overrides if given is None else overridden(instance.overrides, given)
    return replace(waiting, status="OUTDATED", overrides=overrides)


def overridden(present: Mapping[str, str] | None, given: list[dict[str, Any]]) -> dict[str, str]:
    """The overrides after a request's ParameterOverrides; what it does not name is the set's again.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStackInstances.html
    """
    present = present or {}
    kept = {
        each["ParameterKey"]: present[each["ParameterKey"]]
        for each in given
        if each.get("UsePreviousValue") and each["ParameterKey"] in present
    }
    new = {
        each["ParameterKey"]: each.get("ParameterValue", "")
        for each in given
        if not each.get("UsePreviousValue")
    }
    return kept | new


async def perform(set_name: str, operation: Operation, target: Target) -> OperationResult:
    """Do it, and say how it went; the instance is left in the state that AWS documents."""
    instance = store.find_instance(operation.set_id, target.account, target.region)
    if instance is None:  # an operation before this one removed it
        return OperationResult(target, "SUCCEEDED")
    if instance.unit and organization.is_suspended(target.account):
        _change(instance, detail="SKIPPED_SUSPENDED_ACCOUNT", reason=_SUSPENDED)
        return OperationResult(target, "SUCCEEDED", _SUSPENDED)
    if operation.action == "DETECT_DRIFT":
        return await drift.detect(operation, target, instance)
    if operation.action == "DELETE":
        return await _delete(operation, target, instance)
    if instance.status == "INOPERABLE":
        return OperationResult(target, "FAILED", _EXCLUDED)
    return await _deploy(set_name, operation, target, instance)


async def _deploy(
    set_name: str, operation: Operation, target: Target, instance: Instance
) -> OperationResult:
    _change(instance, detail="RUNNING")
    wanted = stacks.Wanted(set_name, operation.definition, instance.overrides or {})
    home = seams.current_account(), seams.current_region()

    def made(stack_id: str) -> None:
        with seams.scope(*home):
            _change(instance, stack_id=stack_id)

    with seams.scope(target.account, target.region):
        outcome = await stacks.deploy(wanted, instance.stack_id, made)
    if outcome.is_good:
        _change(instance, stack_id=outcome.stack_id, status="CURRENT", detail="SUCCEEDED")
        return OperationResult(target, "SUCCEEDED", outcome.reason)
    failed = {"status": "OUTDATED", "detail": "FAILED", "reason": outcome.reason}
    _change(instance, stack_id=outcome.stack_id, **failed)
    return OperationResult(target, "FAILED", outcome.reason)


async def _delete(operation: Operation, target: Target, instance: Instance) -> OperationResult:
    _change(instance, detail="RUNNING")
    if not operation.retain_stacks:
        with seams.scope(target.account, target.region):
            outcome = await stacks.delete(instance.stack_id)
        if not outcome.is_good:
            inoperable = {"status": "INOPERABLE", "detail": "INOPERABLE"}
            _change(instance, reason=outcome.reason, **inoperable)
            return OperationResult(target, "FAILED", outcome.reason)
    store.drop_instance(operation.set_id, target.account, target.region)
    return OperationResult(target, "SUCCEEDED")


def cancel(operation: Operation, target: Target, reason: str) -> None:
    """The operation ends without this instance."""
    instance = store.find_instance(operation.set_id, target.account, target.region)
    if instance is None or operation.action == "DETECT_DRIFT" or instance.status == "INOPERABLE":
        return
    status = instance.status if operation.action == "DELETE" else "OUTDATED"
    _change(instance, status=status, detail="CANCELLED", reason=reason)


def _change(instance: Instance, **changes: Any) -> None:
    """Change an instance as it is by now; nothing after a reset of the emulator."""
    found = store.find_instance(instance.set_id, instance.account, instance.region)
    if found is not None:
        store.put_instance(replace(found, **changes))
