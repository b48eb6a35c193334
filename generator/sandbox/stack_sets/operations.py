"""Operations: how one begins, and the actions that look at them or stop them."""

from __future__ import annotations

from collections.abc import Sequence

from generator.sandbox.stack_sets import answers, engine, store
from generator.sandbox.stack_sets.faults import Fault, busy, not_now
from generator.sandbox.stack_sets.protocol import Request, Result
from generator.sandbox.stack_sets.records import (
    Action,
    Operation,
    OperationResult,
    OperationStatus,
    StackSet,
    Target,
    new_id,
    now,
)


def new_id_for(stack_set: StackSet, request: Request) -> str:
    """The request's OperationId, or a new one. Raises Fault for one that was used already.

    A repeat of the set's last operation is told that it exists, a repeat of an older one that
    others came after it; either way nothing is done twice.
    """
    operation_id: str = request.get("OperationId") or new_id()
    used = store.find_operation(stack_set.id, operation_id)
    if used is None:
        return operation_id
    if used.number == store.operations(stack_set)[-1].number:
        message = f"Operation {operation_id} already exists"
        raise Fault("OperationIdAlreadyExistsException", message)
    message = f"Another operation was performed on the StackSet since operation {operation_id}"
    raise Fault("StaleRequestException", message)


def status_of_new(stack_set: StackSet) -> OperationStatus:
    """RUNNING, or QUEUED behind others with managed execution; without it that is a Fault."""
    if not store.unfinished(stack_set):
        return "RUNNING"
    if stack_set.managed_execution:
        return "QUEUED"
    raise busy(stack_set.arn)


def begin(
    stack_set: StackSet,
    action: Action,
    operation_id: str,
    status: OperationStatus,
    request: Request,
    chosen: Sequence[Target],
) -> None:
    """Keep a new operation, and start it unless it waits for others. Raises Fault."""
    given = request.get("OperationPreferences", {})
    operation = Operation(
        id=operation_id,
        set_id=stack_set.id,
        action=action,
        number=store.next_number(),
        definition=stack_set.definition,
        preferences=given,
        results=tuple(map(OperationResult, chosen)),
        status=status,
        created=now(),
        overrides=request.get("ParameterOverrides"),
        retain_stacks=request.get("RetainStacks"),
        deployment_targets=request.get("DeploymentTargets"),
        administration_role=stack_set.administration_role,
        execution_role=stack_set.execution_role,
    )
    engine.accept(stack_set, operation)


def describe(request: Request) -> Result:
    """DescribeStackSetOperation"""
    return {"StackSetOperation": answers.operation_description(_operation(request))}


def list_all(request: Request) -> Result:
    """ListStackSetOperations: the newest first."""
    found = store.operations(store.active_set(request["StackSetName"]))
    summaries = [answers.operation_summary(each) for each in reversed(found)]
    return answers.page("ListStackSetOperations", summaries, request)


def list_results(request: Request) -> Result:
    """ListStackSetOperationResults, narrowed by status."""
    wanted = {each["Values"] for each in request.get("Filters", [])}
    summaries = [
        answers.result_summary(each)
        for each in _operation(request).results
        if not wanted or each.status in wanted
    ]
    return answers.page("ListStackSetOperationResults", summaries, request)


def stop(request: Request) -> Result:
    """StopStackSetOperation. Raises Fault for an operation that is over or stopping already."""
    operation = _operation(request)
    if operation.status not in {"RUNNING", "QUEUED"}:
        raise not_now(f"Operation {operation.id} is {operation.status} and can't be stopped")
    engine.stop(store.active_set(request["StackSetName"]), operation)
    return {}


def _operation(request: Request) -> Operation:
    stack_set = store.active_set(request["StackSetName"])
    return store.operation(stack_set, request["OperationId"])
