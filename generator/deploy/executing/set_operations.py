"""Executing a step on a stack set: one operation, followed to its true end.

    QUEUED → RUNNING → SUCCEEDED
                  ├──→ FAILED
                  └──→ STOPPING → STOPPED

Only SUCCEEDED is success: after the others some instances are as before, and say OUTDATED.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperation.html
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from generator.deploy.context import Context, StepFailed
from generator.deploy.executing.artifacts import address
from generator.deploy.executing.request import CAPABILITIES, parameter_list, role_arn, tag_list
from generator.deploy.executing.set_results import explain, tell
from generator.deploy.places import account_of, region_of
from generator.deploy.steps import DoSet, SetStep
from generator.deploy.waiting import until
from generator.deploy.world import same_template
from generator.errors import Detached

SIDE_BY_SIDE = {
    "RegionConcurrencyType": "PARALLEL",
    "FailureToleranceCount": 0,
    "MaxConcurrentPercentage": 100,
}
"""For new instances, which serve nobody yet."""

ONE_BY_ONE = {
    "RegionConcurrencyType": "SEQUENTIAL",
    "FailureToleranceCount": 0,
    "MaxConcurrentCount": 1,
}
"""For instances that stand: the first Region that fails keeps the others as they are."""


class OperationState(StrEnum):
    """Where an operation can be."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    FAILED = "FAILED"
    SUCCEEDED = "SUCCEEDED"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self in (self.STOPPED, self.FAILED, self.SUCCEEDED)


def run_set_step(context: Context, step: SetStep) -> None:
    """Do it and wait for it. Raises StepFailed with each failed Region's first real cause."""
    client = context.aws.stack_sets(step.region, step.call_as)
    match step.do:
        case DoSet.CREATE:
            _create(context, step, client)
        case DoSet.UPDATE:
            _operate(context, step, client, lambda op: _update(context, step, client, op))
        case DoSet.ADD:
            _operate(context, step, client, lambda op: _add(context, step, client, op))
        case DoSet.OVERRIDE:
            _operate(context, step, client, lambda op: _override(context, step, client, op))
        case DoSet.REMOVE:
            _operate(context, step, client, lambda op: _remove(context, step, client, op))
        case DoSet.DELETE:
            _delete_set(context, step, client)


def _definition(context: Context, step: SetStep) -> dict[str, Any]:
    return {
        "StackSetName": step.name,
        "TemplateURL": address(context, step.region, step.template),
        "Parameters": parameter_list(context.values(step)),
        "Capabilities": CAPABILITIES,
        "Tags": tag_list(context.plan.tags),
        **_permissions(context, step),
    }


def _permissions(context: Context, step: SetStep) -> dict[str, Any]:
    """Roles of our own, or the organization's.

    An account that leaves keeps nothing: what it held for us is without use there.
    """
    if step.units:
        follow = {"RetainStacksOnAccountRemoval": False} if step.auto_deployment else {}
        deployment = {"Enabled": step.auto_deployment, **follow}
        return {"PermissionModel": "SERVICE_MANAGED", "AutoDeployment": deployment}
    roles = context.release.roles
    return {
        "PermissionModel": "SELF_MANAGED",
        "AdministrationRoleARN": role_arn(context, step.region, roles["stack-set-administration"]),
        "ExecutionRoleName": roles["stack-set-execution"],
    }


def _create(context: Context, step: SetStep, client: Any) -> None:
    try:
        client.create_stack_set(
            ClientRequestToken=context.token(step), **_definition(context, step)
        )
    except client.exceptions.NameAlreadyExistsException:
        _refuse_another(context, step, client)


def _refuse_another(context: Context, step: SetStep, client: Any) -> None:
    """Raise StepFailed unless the set of that name is the one we ask for: our answer got lost."""
    found = until(
        lambda: client.describe_stack_set(StackSetName=step.name)["StackSet"], context.stop
    )
    tags = {tag["Key"]: tag["Value"] for tag in (found or {}).get("Tags", [])}
    wanted = context.template(step.template)
    if not found or tags != context.plan.tags or not same_template(found["TemplateBody"], wanted):
        raise StepFailed(
            f"{step.name}: a stack set of that name was made meanwhile, and not from these files\n"
            "    run deploy again: it looks at what stands, and plans anew"
        )


def _update(context: Context, step: SetStep, client: Any, operation: str) -> None:
    client.update_stack_set(
        OperationId=operation, OperationPreferences=ONE_BY_ONE, **_definition(context, step)
    )


def _targets(context: Context, step: SetStep, operation: str) -> dict[str, Any]:
    return {
        "StackSetName": step.name,
        **_accounts(context, step),
        "Regions": list(dict.fromkeys(region_of(where) for where in step.places)),
        "OperationPreferences": SIDE_BY_SIDE if step.do is DoSet.ADD else ONE_BY_ONE,
        "OperationId": operation,
    }


def _accounts(context: Context, step: SetStep) -> dict[str, Any]:
    """Just these: a unit's other accounts are not this step's."""
    accounts = list(dict.fromkeys(account_of(p, context.plan.account) for p in step.places))
    if not step.units:
        return {"Accounts": accounts}
    units = list(step.units)
    return {
        "DeploymentTargets": {
            "OrganizationalUnitIds": units,
            "Accounts": accounts,
            "AccountFilterType": "INTERSECTION",
        }
    }


def _add(context: Context, step: SetStep, client: Any, operation: str) -> None:
    client.create_stack_instances(
        ParameterOverrides=parameter_list(step.overrides), **_targets(context, step, operation)
    )


def _override(context: Context, step: SetStep, client: Any, operation: str) -> None:
    client.update_stack_instances(
        ParameterOverrides=parameter_list(step.overrides), **_targets(context, step, operation)
    )


def _remove(context: Context, step: SetStep, client: Any, operation: str) -> None:
    client.delete_stack_instances(RetainStacks=step.retain, **_targets(context, step, operation))


def _delete_set(context: Context, step: SetStep, client: Any) -> None:
    """Delete the set when it is free; where an answer got lost, it may be gone already."""

    def delete() -> bool | None:
        try:
            client.delete_stack_set(StackSetName=step.name)
        except client.exceptions.OperationInProgressException:
            return None
        except client.exceptions.StackSetNotFoundException:
            return True
        return True

    if until(delete, context.stop) is None:
        raise Detached(f"{step.id}: not deleted")


def _operate(context: Context, step: SetStep, client: Any, start: Callable[[str], None]) -> None:
    """Start an operation when the set is free, and follow it to its end."""
    operation = context.token(step)
    started = until(lambda: _start(client, step, start, operation), context.stop)
    if started is None:
        raise Detached(f"{step.id}: not started")
    follow(context, step, operation)


def _start(client: Any, step: SetStep, start: Callable[[str], None], operation: str) -> bool | None:
    """Start it; None while another operation has the set.

    Where an answer got lost botocore asks again, and what is refused then may be our own: the id
    tells, for it names this step of this rollout.
    """
    busy, stale = (
        client.exceptions.OperationInProgressException,
        client.exceptions.StaleRequestException,
    )
    try:
        start(operation)
    except client.exceptions.OperationIdAlreadyExistsException:
        return True
    except (busy, stale) as error:
        if _is_known(client, step, operation):
            return True
        if isinstance(error, busy):
            return None
        raise
    return True


def _is_known(client: Any, step: SetStep, operation: str) -> bool:
    try:
        client.describe_stack_set_operation(StackSetName=step.name, OperationId=operation)
    except client.exceptions.OperationNotFoundException:
        return False
    return True


def follow(context: Context, step: SetStep, operation: str) -> None:
    """Wait until an operation is over. Raises StepFailed unless it SUCCEEDED."""
    client = context.aws.stack_sets(step.region, step.call_as)
    told: dict[str, str] = {}

    def look() -> OperationState | None:
        tell(context, step, client, operation, told)
        described = client.describe_stack_set_operation(
            StackSetName=step.name, OperationId=operation
        )
        state = OperationState(described["StackSetOperation"]["Status"])
        return state if state.over else None

    state = until(look, context.stop)
    if state is None:
        raise Detached(f"{step.id}: the operation goes on")
    if state is not OperationState.SUCCEEDED:
        raise StepFailed(explain(context, step, client, operation, state))
