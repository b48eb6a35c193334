"""Executing a step on one stack, from whatever state the stack is in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from generator.deploy.context import Context, StepFailed
from generator.deploy.executing.change_sets import ChangeSet, make_change_set, name_of
from generator.deploy.executing.policies import protect, set_policies
from generator.deploy.executing.protections import lift_protections
from generator.deploy.executing.repeated import ask_once
from generator.deploy.executing.request import stack_request, when_assumable
from generator.deploy.failures import FAULTS, explained
from generator.deploy.looking.events import Listener, first_cause, last_event
from generator.deploy.looking.reading import describe_stack, template_of
from generator.deploy.preview.guard import dangers_of, refusal, stack_policy
from generator.deploy.steps import Do, StackStep
from generator.deploy.waiting import until
from generator.deploy.world import same_template
from generator.errors import Detached, Refused

GONE, REVIEWED = "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"


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
        make = partial(
            client.create_stack,
            StackName=step.name,
            EnableTerminationProtection=True,
            StackPolicyBody=stack_policy(),
            ClientRequestToken=context.token(step),
            **stack_request(context, step),
        )
        stack_id = when_assumable(make, context.stop)["StackId"]
    except client.exceptions.AlreadyExistsException:
        stack_id = _made_before(context, step, client)
    wait_for_stack(context, step, stack_id, "", "CREATE_COMPLETE")
    set_policies(context, step.region, stack_id)


def _made_before(context: Context, step: StackStep, client: Any) -> str:
    """Id of the stack that has the name, if it is the one we ask for: our answer got lost.

    Raises StepFailed where somebody else made another.
    """
    name = {"StackName": step.name}
    found = until(lambda: client.describe_stacks(**name)["Stacks"][0], context.stop)
    if found is None:
        raise Detached(f"{step.id}: left before it was seen")
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    stands = "" if found["StackStatus"] == REVIEWED else template_of(client, found["StackId"])
    if tags != context.plan.tags or not same_template(stands, context.template(step.template)):
        raise StepFailed(
            f"{step.name}: a stack of that name was made meanwhile, and not from these files\n"
            "    run deploy again: it looks at what stands, and plans anew"
        )
    return str(found["StackId"])


def _update(context: Context, step: StackStep) -> None:
    """By the reviewed change set; where there is none, by one that shows nothing worse."""
    reviewed = bool(step.change_set) and context.values(step) == step.parameters
    change_set = ChangeSet(step.change_set, step.changes) if reviewed else _anew(context, step)
    try:
        if change_set.id:
            _execute(context, step, change_set)
    except StepFailed:
        with suppress(*FAULTS):  # why it failed matters more
            protect(context, step.region, step.stack_id)
        raise
    protect(context, step.region, step.stack_id)


def _anew(context: Context, step: StackStep) -> ChangeSet:
    change_set = make_change_set(context, step)
    _refuse_surprises(context, step, change_set.changes)
    return change_set


def _execute(context: Context, step: StackStep, change_set: ChangeSet) -> None:
    """What was agreed to may be replaced while this runs; then the policies are as before."""
    client = context.aws.client("cloudformation", step.region)
    dangers = dangers_of(step.id, step.region, change_set.changes)
    types = {danger.change.type for danger in dangers if not danger.change.part}
    if types:
        set_policies(context, step.region, step.stack_id, types)
    seen, token = last_event(client, step.stack_id), context.token(step)
    which = {"StackName": step.stack_id, "ChangeSetName": name_of(change_set.id)}
    call = partial(client.execute_change_set, ClientRequestToken=token, **which)
    try:
        ask_once(context, client, step.stack_id, seen, token, call)
    except (
        client.exceptions.InvalidChangeSetStatusException,
        client.exceptions.ChangeSetNotFoundException,
    ) as error:
        raise Refused(str(explained(error, step.id))) from None
    wait_for_stack(context, step, step.stack_id, seen, "UPDATE_COMPLETE")


def _refuse_surprises(context: Context, step: StackStep, changes: Any) -> None:
    """What the plan did not show and nobody allowed is not done, even now."""
    shown = {d.change.name for d in dangers_of(step.id, step.region, step.changes)}
    found = [d for d in dangers_of(step.id, step.region, changes) if d.change.name not in shown]
    words = refusal(found, context.allowed)
    if words:
        raise Refused(f"the plan did not show this:\n{words}")


def _repair(context: Context, step: StackStep) -> None:
    """Finish a rollback that got stuck: again what failed, which often was only for a moment."""
    client = context.aws.client("cloudformation", step.region)
    status = client.describe_stacks(StackName=step.stack_id)["Stacks"][0]["StackStatus"]
    seen, token = last_event(client, step.stack_id), context.token(step)
    stuck = status == "UPDATE_ROLLBACK_FAILED"
    finish = client.continue_update_rollback if stuck else client.rollback_stack
    call = partial(finish, StackName=step.stack_id, ClientRequestToken=token)
    ask_once(context, client, step.stack_id, seen, token, call)
    wait_for_stack(context, step, step.stack_id, seen, "UPDATE_ROLLBACK_COMPLETE")


def _delete(context: Context, step: StackStep) -> None:
    client = context.aws.client("cloudformation", step.region)
    stack = describe_stack(context.aws, step.region, step.stack_id)
    if stack is None or stack["StackStatus"] == GONE:
        return
    if stack.get("EnableTerminationProtection"):
        client.update_termination_protection(
            StackName=step.stack_id, EnableTerminationProtection=False
        )
    lift_protections(context.aws, step.region, step.stack_id)
    try:
        _delete_once(context, step, client, "delete")
    except StepFailed:  # what was in the way may be gone: an interface that is let go late, mostly
        _delete_once(context, step, client, "delete-again")


def _delete_once(context: Context, step: StackStep, client: Any, label: str) -> None:
    seen = last_event(client, step.stack_id)
    token = f"{context.token(step)}-{label}"
    client.delete_stack(StackName=step.stack_id, ClientRequestToken=token)
    wait_for_stack(context, step, step.stack_id, seen, GONE)


def wait_for_stack(
    context: Context, step: StackStep, stack_id: str, seen: str, success: str
) -> None:
    """Follow a stack until CloudFormation is done with it.

    A read may lag behind: a status counts once the operation's own events have said it too.
    Raises StepFailed unless it ended in `success`; Detached where somebody left.
    """
    listener = Listener(context.aws, step.region, stack_id, seen)

    def look() -> Mapping[str, Any] | None:
        stack = describe_stack(context.aws, step.region, stack_id)
        if stack is None and success == GONE:
            return {"StackStatus": GONE}
        for event in listener.news():
            context.observer.happened(step, event)
        status = stack["StackStatus"] if stack else ""
        return stack if status in (GONE, listener.status) and _is_settled(status) else None

    ended = until(look, context.stop)
    if ended is None:
        raise Detached(f"{step.id}: CloudFormation goes on")
    if ended["StackStatus"] != success:
        raise StepFailed(explain(context, step.region, stack_id, ended))


def _is_settled(status: str) -> bool:
    return bool(status) and not status.endswith("_IN_PROGRESS")


def explain(context: Context, region: str, stack_id: str, ended: Mapping[str, Any]) -> str:
    """The first real cause of a failed operation, then what became of the stack."""
    cause = first_cause(context.aws, region, stack_id)
    why = str(cause) if cause else ended.get("StackStatusReason", "no reason was given")
    return f"{why}\n    the stack is {ended['StackStatus']}"
