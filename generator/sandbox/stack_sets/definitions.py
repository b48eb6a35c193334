"""The actions on sets themselves: create, update, delete, describe, list."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple

from generator.sandbox import seams
from generator.sandbox.stack_sets import answers, operations, store, targets, templates
from generator.sandbox.stack_sets.faults import Fault, busy, invalid, not_now
from generator.sandbox.stack_sets.protocol import Request, Result
from generator.sandbox.stack_sets.records import StackSet, new_id

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_ADMINISTRATION_ROLE = "arn:aws:iam::{account}:role/AWSCloudFormationStackSetAdministrationRole"
_EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"


def create(request: Request) -> Result:
    """CreateStackSet; repeated with the same ClientRequestToken it answers the set that stands."""
    name = request["StackSetName"]
    if not _NAME.fullmatch(name):
        raise invalid(f"Value '{name}' at 'stackSetName' is not a name of a StackSet")
    if "StackId" in request:
        raise invalid("CreateStackSet: StackId (import of a stack) is not known to the sandbox")
    standing = next((each for each in store.all_sets() if _stands(each, name)), None)
    if standing is not None:
        return _repeated(standing, request)
    return {"StackSetId": store.put_set(_new(request, name)).id}


def _stands(stack_set: StackSet, name: str) -> bool:
    return stack_set.status == "ACTIVE" and stack_set.name == name


def _repeated(standing: StackSet, request: Request) -> Result:
    if request.get("ClientRequestToken") != standing.token:
        message = f"StackSet {standing.name} already exists"
        raise Fault("NameAlreadyExistsException", message)
    if standing.is_modified:
        message = f"StackSet {standing.name} exists, but has been changed since"
        raise Fault("CreatedButModifiedException", message)
    return {"StackSetId": standing.id}


def _new(request: Request, name: str) -> StackSet:
    identity = f"{name}:{new_id()}"
    account, region = seams.current_account(), seams.current_region()
    permissions = request.get("PermissionModel", "SELF_MANAGED")
    roles = _roles(request, permissions, None)
    return StackSet(
        id=identity,
        name=name,
        arn=f"arn:aws:cloudformation:{region}:{account}:stackset/{identity}",
        definition=templates.definition(request),
        token=request.get("ClientRequestToken", new_id()),
        permissions=permissions,
        auto_deployment=_auto_deployment(request, permissions, None),
        managed_execution=request.get("ManagedExecution", {}).get("Active", False),
        description=request.get("Description"),
        administration_role=roles.administration,
        execution_role=roles.execution,
    )


class _Roles(NamedTuple):
    """Which roles are answered. They are names here: the emulator enforces no IAM."""

    administration: str | None = None
    execution: str | None = None


def _roles(request: Request, permissions: str, previous: StackSet | None) -> _Roles:
    given = _Roles(request.get("AdministrationRoleARN"), request.get("ExecutionRoleName"))
    if permissions == "SERVICE_MANAGED":
        if given != _Roles():
            raise invalid("Roles can be specified only with SELF_MANAGED permissions")
        return given
    default = _ADMINISTRATION_ROLE.format(account=seams.current_account())
    administration = (previous and previous.administration_role) or default
    if given.administration is None and administration != default:
        raise invalid(f"AdministrationRoleARN must be specified again: it is {administration}")
    execution = (previous and previous.execution_role) or _EXECUTION_ROLE
    return _Roles(given.administration or default, given.execution or execution)


def _auto_deployment(
    request: Request, permissions: str, previous: dict[str, Any] | None
) -> dict[str, Any] | None:
    given: dict[str, Any] | None = request.get("AutoDeployment", previous)
    if permissions == "SELF_MANAGED":
        if "AutoDeployment" in request:
            raise invalid("AutoDeployment is valid only with SERVICE_MANAGED permissions")
        return None
    if given is None:
        raise invalid("AutoDeployment is required with SERVICE_MANAGED permissions")
    if "DependsOn" in given:
        raise invalid("AutoDeployment.DependsOn is not known to the sandbox")
    if "RetainStacksOnAccountRemoval" in given and not given.get("Enabled"):
        raise invalid("RetainStacksOnAccountRemoval needs Enabled AutoDeployment")
    return given


def update(request: Request) -> Result:
    """UpdateStackSet: the set changes at once, its instances in an operation."""
    stack_set = store.active_set(request["StackSetName"])
    operation_id = operations.new_id_for(stack_set, request)
    chosen = targets.of_update(stack_set, request)
    changed = _changed(stack_set, request)
    status = operations.status_of_new(stack_set)
    store.put_set(changed)
    if {"TemplateBody", "TemplateURL", "Parameters"} & set(request):
        _outdate(changed)
    operations.begin(changed, "UPDATE", operation_id, status, request, chosen)
    return {"OperationId": operation_id}


def _changed(stack_set: StackSet, request: Request) -> StackSet:
    permissions = request.get("PermissionModel", stack_set.permissions)
    if permissions != stack_set.permissions and store.instances(stack_set):
        raise not_now("PermissionModel can't be changed while there are stack instances")
    managed = request.get("ManagedExecution", {}).get("Active", stack_set.managed_execution)
    if managed != stack_set.managed_execution and store.unfinished(stack_set):
        raise not_now("ManagedExecution can't be changed while operations run or are queued")
    roles = _roles(request, permissions, stack_set)
    return replace(
        stack_set,
        definition=templates.definition(request, stack_set.definition),
        permissions=permissions,
        auto_deployment=_auto_deployment(request, permissions, stack_set.auto_deployment),
        managed_execution=managed,
        description=request.get("Description", stack_set.description),
        is_modified=True,
        administration_role=roles.administration,
        execution_role=roles.execution,
    )


def _outdate(stack_set: StackSet) -> None:
    """A new template or new parameters: no instance is up to date until it is deployed again.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStackSet.html
    """
    for instance in store.instances(stack_set):
        if instance.status != "INOPERABLE":
            store.put_instance(replace(instance, status="OUTDATED", detail="PENDING"))


def delete(request: Request) -> Result:
    """DeleteStackSet: only an empty one; deleting what is gone already is no error on AWS."""
    name = request["StackSetName"]
    for stack_set in store.all_sets():
        if stack_set.status == "ACTIVE" and name in {stack_set.name, stack_set.id}:
            _delete(stack_set)
    return {}


def _delete(stack_set: StackSet) -> None:
    if store.unfinished(stack_set):
        raise busy(stack_set.arn)
    if store.instances(stack_set):
        raise Fault("StackSetNotEmptyException", f"StackSet {stack_set.name} is not empty")
    store.put_set(replace(stack_set, status="DELETED"))


def describe(request: Request) -> Result:
    """DescribeStackSet"""
    stack_set = store.any_set(request["StackSetName"])
    return {"StackSet": answers.set_description(stack_set, store.instances(stack_set))}


def list_all(request: Request) -> Result:
    """ListStackSets: deleted ones too, unless Status says otherwise."""
    wanted = request.get("Status")
    found = [each for each in store.all_sets() if wanted in {None, each.status}]
    return answers.page("ListStackSets", [answers.set_summary(each) for each in found], request)
