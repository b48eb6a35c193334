"""The actions on stack instances: create, update, delete, describe, list."""

from __future__ import annotations

from collections.abc import Sequence

from generator.sandbox.stack_sets import (
    answers,
    auto_deployment,
    operations,
    store,
    targets,
    templates,
)
from generator.sandbox.stack_sets.protocol import Request, Result
from generator.sandbox.stack_sets.records import Action, Instance, StackSet, Target


def create(request: Request) -> Result:
    """CreateStackInstances; an instance that stands already is deployed again."""
    stack_set = _set(request)
    return _operation(stack_set, "CREATE", request, targets.of_create(stack_set, request))


def update(request: Request) -> Result:
    """UpdateStackInstances. Raises Fault for an instance that does not stand."""
    stack_set = _set(request)
    return _operation(stack_set, "UPDATE", request, targets.of_standing(stack_set, request))


def delete(request: Request) -> Result:
    """DeleteStackInstances; accounts and Regions without an instance are passed over."""
    stack_set = _set(request)
    return _operation(stack_set, "DELETE", request, targets.of_delete(stack_set, request))


def _set(request: Request) -> StackSet:
    stack_set = store.active_set(request["StackSetName"])
    overrides = [each["ParameterKey"] for each in request.get("ParameterOverrides", [])]
    templates.check_known(overrides, stack_set.definition.parameters)
    return stack_set


def _operation(
    stack_set: StackSet, action: Action, request: Request, chosen: Sequence[Target]
) -> Result:
    operation_id = operations.new_id_for(stack_set, request)
    status = operations.status_of_new(stack_set)
    if action == "CREATE":
        store.reserve(stack_set, chosen, operation_id)
    auto_deployment.follow(stack_set, action, request)
    operations.begin(stack_set, action, operation_id, status, request, chosen)
    return {"OperationId": operation_id}


def describe(request: Request) -> Result:
    """DescribeStackInstance"""
    stack_set = store.active_set(request["StackSetName"])
    place = request["StackInstanceAccount"], request["StackInstanceRegion"]
    instance = store.instance(stack_set, *place)
    concealed = stack_set.definition.concealed
    return {"StackInstance": answers.instance_description(instance, concealed)}


def list_all(request: Request) -> Result:
    """ListStackInstances, narrowed by account, Region and Filters (all of them must hold)."""
    stack_set = store.active_set(request["StackSetName"])
    found = [
        answers.instance_summary(instance)
        for instance in store.instances(stack_set)
        if request.get("StackInstanceAccount") in {None, instance.account}
        and request.get("StackInstanceRegion") in {None, instance.region}
        and _passes(instance, request)
    ]
    return answers.page("ListStackInstances", found, request)


def _passes(instance: Instance, request: Request) -> bool:
    values = {
        "DETAILED_STATUS": instance.detail,
        "LAST_OPERATION_ID": instance.last_operation,
        "DRIFT_STATUS": instance.drift,
    }
    filters = request.get("Filters", [])
    return all(values[each["Name"]] == each["Values"] for each in filters)
