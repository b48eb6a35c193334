"""Change sets, where ministack differs: nested stacks, states, tokens, and what is shown.

A nested stack's change set is executed and deleted by its root's only. The Status of a change set
is final as soon as it is made: CREATE_IN_PROGRESS is never seen here.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from generator.sandbox import nested_changes, seams, stack_actions

_ACTIONS = (
    *("CreateChangeSet", "DescribeChangeSet", "DeleteChangeSet"),
    *("ExecuteChangeSet", "ListChangeSets"),
)


def install() -> None:
    """Put our rules in front of ministack's change sets. Before stack_actions.install(): tokens."""
    stack_actions.guard("CreateChangeSet", _create)
    stack_actions.guard("DescribeChangeSet", _describe)
    stack_actions.guard("DeleteChangeSet", _delete)
    stack_actions.guard("ExecuteChangeSet", _execute)
    stack_actions.guard("ListChangeSets", _list)
    for name in _ACTIONS:
        stack_actions.guard(name, _by_name)


def _by_name(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    """A stack's id is as good as its name."""
    stack = stack_actions.stack_of(params)
    return go_on(params if stack is None else {**params, "StackName": [stack["StackName"]]})


def _find(params: seams.Params) -> seams.Record | None:
    name, stack = seams.value(params, "ChangeSetName"), seams.value(params, "StackName")
    for each in seams.change_set_records().values():
        if name == each["ChangeSetId"] or (name, stack) == (
            each["ChangeSetName"],
            each["StackName"],
        ):
            return each
    return None


# --- create


def _create(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    token, known = seams.value(params, "ClientToken"), _find(params)
    if known is not None and token and known.get("_token") == token:
        return _created(known)
    stack = stack_actions.stack_of(params)
    refusal = _refuse(params, stack) if stack is not None else None
    if refusal is not None:
        return refusal
    answer = go_on(params)
    made = _find(params)
    if answer[0] != 200 or made is None:
        return answer
    if stack is not None:
        _keep_id(made, stack["StackId"])
    made.update(stack_actions.settings(params), _token=token)
    _include_nested(params, made, go_on)
    if stack is not None:
        _accept_other_outputs(made, stack)
    return _created(made)


def _accept_other_outputs(made: seams.Record, stack: seams.Record) -> None:
    """Where only Outputs differ, a change set shows no change, and can be executed all the same.

    Seen by AWS's own tools: https://github.com/aws/aws-cdk/pull/2029
    """
    before, after = (each.get("_template", {}).get("Outputs") for each in (stack, made))
    if made.get("StatusReason") == nested_changes.NO_CHANGES and before != after:
        made.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")


def _created(change_set: seams.Record) -> seams.Answer:
    return seams.answer(
        "CreateChangeSet",
        stack_actions.element("Id", change_set["ChangeSetId"])
        + stack_actions.element("StackId", change_set["StackId"]),
    )


def _refuse(params: seams.Params, stack: seams.Record) -> seams.Answer | None:
    """An UPDATE needs a stack that rests; a CREATE needs none, or one that was never executed."""
    kind = seams.value(params, "ChangeSetType", "UPDATE")
    if kind == "UPDATE":
        return stack_actions.refuse_update(stack)
    if kind == "CREATE" and stack["StackStatus"] != "REVIEW_IN_PROGRESS":
        message = (
            f"Stack [{stack['StackName']}] already exists and cannot be created again with the "
            f"changeSet [{seams.value(params, 'ChangeSetName')}]"
        )
        return seams.error("AlreadyExistsException", message)
    return None


def _keep_id(made: seams.Record, stack_id: str) -> None:
    """A stack in review keeps its id through all its change sets."""
    new_id = made["StackId"]
    if new_id == stack_id:
        return
    made["StackId"] = stack_id
    seams.stack_records()[made["StackName"]]["StackId"] = stack_id
    seams.event_records().pop(new_id, None)


def _include_nested(params: seams.Params, made: seams.Record, make: seams.Handler) -> None:
    if seams.value(params, "IncludeNestedStacks") != "true":
        return
    made["IncludeNestedStacks"] = True
    stack = stack_actions.stack_of({"StackName": made["StackId"]})
    try:
        nested_changes.include(made, stack or {"_resources": {}}, make)
    except ValueError as error:
        made.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=str(error))
        _drop_orphans()


# --- describe and list


def _describe(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    change_set = _find(params)
    if change_set is None:
        return go_on(params)
    stack_actions.name_parameters(change_set)
    _follow_root(change_set)
    status, headers, body = go_on(params)
    text = _add_family(body.decode(), change_set)
    for change in change_set["Changes"]:
        text = _add_child(text, change["ResourceChange"])
    return status, headers, stack_actions.add_resolved_values(text, change_set).encode()


def _list(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    status, headers, body = go_on(params)
    text = body.decode()
    for change_set in seams.change_set_records().values():
        text = _add_family(text, change_set)
    return status, headers, text.encode()


def _follow_root(change_set: seams.Record) -> None:
    """What became of the root became of its nested change sets."""
    root = seams.change_set_records().get(change_set.get("RootChangeSetId", ""))
    if root is not None and root["ExecutionStatus"] != "AVAILABLE":
        change_set["ExecutionStatus"] = root["ExecutionStatus"]


def _add_family(text: str, change_set: seams.Record) -> str:
    start = stack_actions.element("ChangeSetId", change_set["ChangeSetId"])
    family = [
        stack_actions.element(name, change_set[name])
        for name in ("ParentChangeSetId", "RootChangeSetId")
        if name in change_set
    ]
    is_nested = str("IncludeNestedStacks" in change_set).lower()
    inner = stack_actions.element("IncludeNestedStacks", is_nested) + "".join(family)
    return text.replace(start, start + inner, 1)


def _add_child(text: str, change: Mapping[str, Any]) -> str:
    if "ChangeSetId" not in change:
        return text
    start = f"<LogicalResourceId>{escape(change['LogicalResourceId'])}</LogicalResourceId>"
    return text.replace(
        start, start + stack_actions.element("ChangeSetId", change["ChangeSetId"]), 1
    )


# --- execute and delete


def _execute(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    change_set = _find(params)
    if change_set is None:
        return go_on(params)
    stack = stack_actions.stack_of({"StackName": change_set["StackId"]})
    refusal = _refuse_child(change_set, "executed")
    if refusal is None and stack is not None and stack["StackStatus"] != "REVIEW_IN_PROGRESS":
        refusal = stack_actions.refuse_update(stack)
    if refusal is not None:
        return refusal
    answer = go_on(params)
    if answer[0] == 200 and stack is not None:
        kept = ("RoleARN", "NotificationARNs", "_mode")
        stack.update({name: change_set[name] for name in kept if name in change_set})
        _drop_orphans()
    return answer


def _delete(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    change_set = _find(params)
    refusal = _refuse_child(change_set, "deleted") if change_set else None
    if change_set is not None and change_set["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
        refusal = _status_error(change_set, "is being executed and can't be deleted")
    if refusal is not None:
        return refusal
    answer = go_on(params)
    _drop_orphans()
    return answer


def _refuse_child(change_set: seams.Record, what: str) -> seams.Answer | None:
    if "RootChangeSetId" not in change_set:
        return None
    return _status_error(change_set, f"can only be {what} from its root change set")


def _status_error(change_set: seams.Record, message: str) -> seams.Answer:
    return seams.error(
        "InvalidChangeSetStatus", f"ChangeSet [{change_set['ChangeSetId']}] {message}"
    )


def _drop_orphans() -> None:
    """Change sets of nested stacks go with their root."""
    records = seams.change_set_records()
    for change_set_id, change_set in list(records.items()):
        root_id = change_set.get("RootChangeSetId")
        if root_id is not None and _is_over(records.get(root_id)):
            records.pop(change_set_id, None)


def _is_over(root: seams.Record | None) -> bool:
    return root is None or root["Status"] == "FAILED"
