"""The actions that look for drift, and say what was found in an instance."""

from __future__ import annotations

from generator.sandbox.stack_sets import answers, operations, store
from generator.sandbox.stack_sets.protocol import Request, Result
from generator.sandbox.stack_sets.records import Target


def detect(request: Request) -> Result:
    """DetectStackSetDrift: an operation over every instance."""
    stack_set = store.active_set(request["StackSetName"])
    operation_id = operations.new_id_for(stack_set, request)
    status = operations.status_of_new(stack_set)
    every = [Target(each.account, each.region, each.unit) for each in store.instances(stack_set)]
    operations.begin(stack_set, "DETECT_DRIFT", operation_id, status, request, every)
    return {"OperationId": operation_id}


def list_resource_drifts(request: Request) -> Result:
    """ListStackInstanceResourceDrifts: what one drift operation found in one instance."""
    stack_set = store.active_set(request["StackSetName"])
    operation = store.operation(stack_set, request["OperationId"])
    place = request["StackInstanceAccount"], request["StackInstanceRegion"]
    store.instance(stack_set, *place)
    wanted = request.get("StackInstanceResourceDriftStatuses")
    found = [
        each
        for each in store.drifts(stack_set.id, operation.id, *place)
        if not wanted or each["StackResourceDriftStatus"] in wanted
    ]
    return answers.page("ListStackInstanceResourceDrifts", found, request)
