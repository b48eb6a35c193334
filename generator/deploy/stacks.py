"""Executing a step on one stack, from whatever state the stack is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.deploy.change_sets import make_change_set
from generator.deploy.context import Context, StepFailed
from generator.deploy.events import Listener, first_cause, last_event
from generator.deploy.guard import dangers_of, refusal, stack_policy
from generator.deploy.look import describe_stack
from generator.deploy.request import stack_request
from generator.deploy.steps import Do, StackStep
from generator.deploy.waiting import until
from generator.errors import Detached, Refused

GONE = "DELETE_COMPLETE"


def run_stack_step(context: Context, step: StackStep) -> None:
    """Do it and wait for it. Raises StepFailed with the first real cause."""
    match step.do:
        case Do.CREATE:
            _create(context, step)
        case Do.RECREATE:
            _delete(context, step)
            _create(context, step)
        case Do.UPDATE:
            _update(context, step)
        case Do.REPAIR:
            _repair(context, step)
        case Do.DELETE:
            _delete(context, step)


def _create(context: Context, step: StackStep) -> None:
    client = context.aws.client("cloudformation", step.region)
    try:
        made = client.create_stack(
            StackName=step.name,
            EnableTerminationProtection=True,
            StackPolicyBody=stack_policy(),
            ClientRequestToken=context.token(step),
            **stack_request(context, step),
        )
        stack_id = made["StackId"]
    except client.exceptions.AlreadyExistsException:
        stack_id = client.describe_stacks(StackName=step.name)["Stacks"][0]["StackId"]
    wait_for_stack(context, step, stack_id, "", "CREATE_COMPLETE")


def _update(context: Context, step: StackStep) -> None:
    """By the reviewed change set; where there is none, by one that shows nothing worse."""
    client = context.aws.client("cloudformation", step.region)
    change_set = step.change_set if context.values(step) == step.parameters else ""
    if not change_set:
        worked_out = make_change_set(context, step)
        _refuse_surprises(context, step, worked_out.changes)
        change_set = worked_out.id
    if change_set:
        _execute(context, step, client, change_set)
    _protect(client, step.stack_id)


def _execute(context: Context, step: StackStep, client: Any, change_set: str) -> None:
    allowed = [d.change.logical_id for d in dangers_of(step.id, step.region, step.changes)]
    if allowed:
        client.set_stack_policy(StackName=step.stack_id, StackPolicyBody=stack_policy(allowed))
    seen = last_event(client, step.stack_id)
    try:
        client.execute_change_set(ChangeSetName=change_set, ClientRequestToken=context.token(step))
    except client.exceptions.InvalidChangeSetStatusException as error:
        raise Refused(
            f"{step.id}: the stack moved since its change set was reviewed: {error}"
        ) from None
    wait_for_stack(context, step, step.stack_id, seen, "UPDATE_COMPLETE")


def _refuse_surprises(context: Context, step: StackStep, changes: Any) -> None:
    """What the plan did not show and nobody allowed is not done, even now."""
    shown = {d.change.path for d in dangers_of(step.id, step.region, step.changes)}
    found = [d for d in dangers_of(step.id, step.region, changes) if d.change.path not in shown]
    words = refusal(found, context.allowed)
    if words:
        raise Refused(f"the plan did not show this:\n{words}")


def _protect(client: Any, stack_id: str) -> None:
    client.update_termination_protection(StackName=stack_id, EnableTerminationProtection=True)
    client.set_stack_policy(StackName=stack_id, StackPolicyBody=stack_policy())


def _repair(context: Context, step: StackStep) -> None:
    """Finish a rollback that got stuck: again what failed, which often was only for a moment."""
    client = context.aws.client("cloudformation", step.region)
    status = client.describe_stacks(StackName=step.stack_id)["Stacks"][0]["StackStatus"]
    seen = last_event(client, step.stack_id)
    if status == "UPDATE_ROLLBACK_FAILED":
        client.continue_update_rollback(
            StackName=step.stack_id, ClientRequestToken=context.token(step)
        )
    else:
        client.rollback_stack(StackName=step.stack_id, ClientRequestToken=context.token(step))
    wait_for_stack(context, step, step.stack_id, seen, "UPDATE_ROLLBACK_COMPLETE")


def _delete(context: Context, step: StackStep) -> None:
    client = context.aws.client("cloudformation", step.region)
    stack = describe_stack(context.aws, step.region, step.stack_id)
    if stack is None or stack["StackStatus"] == GONE:
        return
    client.update_termination_protection(StackName=step.stack_id, EnableTerminationProtection=False)
    seen = last_event(client, step.stack_id)
    client.delete_stack(StackName=step.stack_id, ClientRequestToken=context.token(step))
    wait_for_stack(context, step, step.stack_id, seen, GONE)


def wait_for_stack(
    context: Context, step: StackStep, stack_id: str, seen: str, success: str
) -> None:
    """Follow a stack until CloudFormation is done with it.

    Raises StepFailed unless it ended in `success`; Detached where somebody left.
    """
    listener = Listener(context.aws, step.region, stack_id, seen)

    def look() -> Mapping[str, Any] | None:
        for event in listener.news():
            context.observer.happened(step, event)
        stack = describe_stack(context.aws, step.region, stack_id)
        if stack is None:
            return {"StackStatus": GONE} if success == GONE else None
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    ended = until(look, context.stop)
    if ended is None:
        raise Detached(f"{step.id}: CloudFormation goes on")
    if ended["StackStatus"] != success:
        raise StepFailed(explain(context, step.region, stack_id, ended))


def explain(context: Context, region: str, stack_id: str, ended: Mapping[str, Any]) -> str:
    """The first real cause of a failed operation, then what became of the stack."""
    cause = first_cause(context.aws, region, stack_id)
    why = str(cause) if cause else ended.get("StackStatusReason", "no reason was given")
    return f"{why}\n    the stack is {ended['StackStatus']}"
