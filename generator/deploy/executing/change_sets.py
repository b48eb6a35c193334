"""Change sets: what CloudFormation itself says that an update would do, nested stacks included.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/change-sets-for-nested-stacks.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from generator.deploy.context import Context, StepFailed
from generator.deploy.executing.request import stack_request, when_assumable
from generator.deploy.steps import Action, Change, StackStep
from generator.deploy.waiting import until

NOTHING = ("didn't contain changes", "No updates are to be performed")
ACTIONS = {
    "Add": Action.ADD,
    "Import": Action.ADD,
    "Modify": Action.MODIFY,
    "Remove": Action.REMOVE,
    "Dynamic": Action.MAY_REPLACE,
}
REPLACEMENTS = {"True": Action.REPLACE, "Conditional": Action.MAY_REPLACE}


class ChangeSet(NamedTuple):
    """A change set that CloudFormation has worked out. `id` is empty where nothing changes."""

    id: str
    changes: tuple[Change, ...]


def name_of(change_set_id: str) -> str:
    """The name in a change set's ARN.

    A change set is addressed by its stack and its name: then IAM asks for rights on the stack, and
    what is denied there stays denied.
    """
    return change_set_id.split("/")[1]


def make_change_set(context: Context, step: StackStep) -> ChangeSet:
    """Have the update of a step worked out. Raises StepFailed where it can't be."""
    client = context.aws.client("cloudformation", step.region)
    which = {"StackName": step.stack_id, "ChangeSetName": context.token(step)}
    make = partial(
        client.create_change_set,
        ClientToken=context.token(step),
        ChangeSetType="UPDATE",
        IncludeNestedStacks=True,
        **which,
        **stack_request(context, step),
    )
    # Nobody else knows the name: where it exists, it is ours, and the answer got lost.
    with suppress(client.exceptions.AlreadyExistsException):
        when_assumable(make, context.stop)
    return _read(client, which, context.stop)


def _read(client: Any, which: Mapping[str, str], stop: threading.Event) -> ChangeSet:
    """Wait until a change set is worked out, and read it with those of nested stacks."""
    described = until(lambda: _worked_out(client, which), stop)
    if described is None:
        raise StepFailed("left before the change set was worked out")
    if described["Status"] == "FAILED":
        reason = described.get("StatusReason", "")
        with suppress(client.exceptions.InvalidChangeSetStatusException):
            client.delete_change_set(**which)
        if any(words in reason for words in NOTHING):
            return ChangeSet("", ())
        raise StepFailed(f"the change set can't be made: {reason}")
    return ChangeSet(described["ChangeSetId"], tuple(_changes(client, described, "", stop)))


def _worked_out(client: Any, which: Mapping[str, str]) -> dict[str, Any] | None:
    described: dict[str, Any] = {}
    for page in client.get_paginator("describe_change_set").paginate(**which):
        if page["Status"].startswith("DELETE"):
            raise StepFailed("the change set was deleted meanwhile")
        if page["Status"] not in ("CREATE_COMPLETE", "FAILED"):
            return None
        changes = [*described.get("Changes", []), *page["Changes"]]
        described = {**page, "Changes": changes}
    return described


def _changes(
    client: Any, described: Mapping[str, Any], path: str, stop: threading.Event
) -> Iterator[Change]:
    for entry in described["Changes"]:
        change = entry["ResourceChange"]
        name = f"{path}{change['LogicalResourceId']}"
        if change.get("ChangeSetId"):
            yield from _changes_of_nested(client, change["ChangeSetId"], f"{name}/", stop)
        else:
            policy = change.get("PolicyAction", "").removeprefix("ReplaceAnd")
            yield Change(
                name, change["ResourceType"], _action(change), _properties(change), policy=policy
            )


def _changes_of_nested(
    client: Any, change_set_id: str, path: str, stop: threading.Event
) -> Iterator[Change]:
    """Those of a nested stack; one without changes FAILs like any other."""
    # The nested stack may not be there yet: this one is read by its ARN.
    described = until(lambda: _worked_out(client, {"ChangeSetName": change_set_id}), stop)
    if described is None:
        raise StepFailed("left before the nested change sets were worked out")
    yield from _changes(client, described, path, stop)


def _action(change: Mapping[str, Any]) -> Action:
    action = ACTIONS[change["Action"]]
    if action is Action.MODIFY:
        action = REPLACEMENTS.get(change.get("Replacement", ""), action)
    kept = change.get("PolicyAction") in ("Retain", "ReplaceAndRetain")
    return Action.LEAVE if action is Action.REMOVE and kept else action


def _properties(change: Mapping[str, Any]) -> tuple[str, ...]:
    targets = [detail.get("Target", {}) for detail in change.get("Details", [])]
    return tuple(dict.fromkeys(t.get("Name") or t.get("Attribute", "") for t in targets))
