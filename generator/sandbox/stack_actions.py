"""What CloudFormation's stack actions do beside the stack itself, where ministack differs.

- A request repeated with its ClientRequestToken is answered as the first time; another request
  with the same token is TokenAlreadyExistsException.
- A stack is created only where none stands, updated and deleted only when it is not being worked
  on: ROLLBACK_COMPLETE can only be deleted.
- DescribeStacks and ListStacks answer RoleARN, NotificationARNs, DeploymentConfig, ParentId, RootId
  and, for a parameter out of the Parameter Store, both its name and its ResolvedValue.

An EXPRESS deployment is accepted and shown, and is as fast as any other here.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from itertools import count, takewhile
from typing import Any
from xml.sax.saxutils import escape

from generator.sandbox import seams

Rule = Callable[[seams.Params, seams.Handler], seams.Answer]
"""Answers a request, by what answered it before if it likes."""

_WITH_TOKEN = (
    *("CreateStack", "UpdateStack", "DeleteStack", "ExecuteChangeSet"),
    *("RollbackStack", "ContinueUpdateRollback"),
)
_UPDATABLE = {
    *("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"),
    *("IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"),
    *("CREATE_FAILED", "UPDATE_FAILED"),
}
"""CREATE_FAILED and UPDATE_FAILED are ends of an action with DisableRollback."""
_DELETABLE_IN_PROGRESS = {"REVIEW_IN_PROGRESS", "DELETE_IN_PROGRESS", "CREATE_IN_PROGRESS"}


def install() -> None:
    """Put the rules in front of ministack's actions."""
    guard("CreateStack", _create_anew)
    guard("UpdateStack", _update_only_what_rests)
    guard("DeleteStack", _delete_only_what_rests)
    for name in ("CreateStack", "UpdateStack"):
        guard(name, _remember_settings)
    for name in _WITH_TOKEN:
        guard(name, _once(name))
    guard("DescribeStacks", _describe)
    guard("ListStacks", _list)


def guard(action: str, rule: Rule) -> None:
    """Let a rule answer an action; it may go on to what answered before."""
    before = seams.action(action)
    seams.register_action(action, lambda params: rule(params, before))


def stack_of(params: seams.Params) -> seams.Record | None:
    """The stack that a request names, by name or id; a deleted one only by id."""
    name = seams.value(params, "StackName")
    found = seams.stack_records().get(name)
    if found is not None and found["StackStatus"] != "DELETE_COMPLETE":
        return found
    return next((each for each in seams.stack_records().values() if each["StackId"] == name), None)


def refuse_update(stack: seams.Record) -> seams.Answer | None:
    """The error for a stack that can't be updated now; None for one that can."""
    if stack["StackStatus"] in _UPDATABLE:
        return None
    message = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
    return seams.error("ValidationError", message)


# --- states


def _create_anew(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    stack = stack_of(params)
    if stack is not None:
        return seams.error("AlreadyExistsException", f"Stack [{stack['StackName']}] already exists")
    return go_on(params)


def _update_only_what_rests(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    stack = stack_of(params)
    return (refuse_update(stack) if stack else None) or go_on(params)


def _delete_only_what_rests(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    stack = stack_of(params)
    status = stack["StackStatus"] if stack else ""
    if stack and status.endswith("_IN_PROGRESS") and status not in _DELETABLE_IN_PROGRESS:
        message = f"Stack [{stack['StackName']}] cannot be deleted while in status {status}"
        return seams.error("ValidationError", message)
    return go_on(params)


# --- settings that ministack does not keep


def settings(params: seams.Params) -> dict[str, Any]:
    """RoleARN, NotificationARNs and the deployment mode of a request, those that are given."""
    arns = strings(params, "NotificationARNs")
    mode = seams.value(params, "DeploymentConfig.Mode")
    found = {"RoleARN": seams.value(params, "RoleARN"), "NotificationARNs": arns, "_mode": mode}
    return {name: value for name, value in found.items() if value}


def strings(params: seams.Params, name: str) -> list[str]:
    """A list of strings in a request."""
    members = (seams.value(params, f"{name}.member.{number}") for number in count(1))
    return list(takewhile(bool, members))


def _remember_settings(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    answer, stack = go_on(params), stack_of(params)
    if answer[0] == 200 and stack is not None:
        stack.update(settings(params))
    return answer


# --- tokens


def _once(action: str) -> Rule:
    """An action with the same token is done once: the answer is kept with the stack."""

    def rule(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
        token = f"{action} {seams.value(params, 'ClientRequestToken')}"
        known = _tokens(params).get(token) if seams.value(params, "ClientRequestToken") else None
        if known is None:
            answer = go_on(params)
            if answer[0] == 200 and not token.endswith(" "):
                _tokens(params)[token] = [_fingerprint(params), answer[2].decode()]
            return answer
        if known[0] != _fingerprint(params):
            message = f"Token {token.partition(' ')[2]} already exists"
            return seams.error("TokenAlreadyExistsException", message)
        return 200, {"Content-Type": "application/xml"}, known[1].encode()

    return rule


def _tokens(params: seams.Params) -> dict[str, list[str]]:
    """What was answered to the tokens of a stack; forgotten where there is none."""
    stack = stack_of(params) or _stack_of_change_set(params)
    tokens: dict[str, list[str]] = {} if stack is None else stack.setdefault("_tokens", {})
    return tokens


def _stack_of_change_set(params: seams.Params) -> seams.Record | None:
    change_set = seams.change_set_records().get(seams.value(params, "ChangeSetName"))
    return None if change_set is None else stack_of({"StackName": change_set["StackId"]})


def _fingerprint(params: seams.Params) -> str:
    text = "\n".join(f"{key}={seams.value(params, key)}" for key in sorted(params))
    return hashlib.sha256(text.encode()).hexdigest()


# --- answers


def _describe(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    found = list(seams.stack_records().values())
    for stack in found:
        name_parameters(stack)
    status, headers, body = go_on(params)
    text = body.decode()
    for stack in found:
        text = _add(text, stack, _family(stack) + _settings_xml(stack))
        text = add_resolved_values(text, stack)
    return status, headers, text.encode()


def _list(params: seams.Params, go_on: seams.Handler) -> seams.Answer:
    status, headers, body = go_on(params)
    text = body.decode()
    for stack in seams.stack_records().values():
        text = _add(text, stack, _family(stack))
    return status, headers, text.encode()


def _add(text: str, stack: seams.Record, inner: str) -> str:
    start = f"<StackId>{escape(stack['StackId'])}</StackId>"
    return text.replace(start, start + inner)


def _family(stack: seams.Record) -> str:
    if "ParentId" not in stack:
        return ""
    return element("ParentId", stack["ParentId"]) + element("RootId", _root_id(stack))


def _root_id(stack: seams.Record) -> str:
    parents = {each["StackId"]: each for each in seams.stack_records().values()}
    while (parent := parents.get(stack.get("ParentId", ""))) is not None:
        stack = parent
    return str(stack["StackId"])


def _settings_xml(stack: seams.Record) -> str:
    arns = "".join(element("member", arn) for arn in stack.get("NotificationARNs", []))
    mode = element("Mode", stack["_mode"]) if "_mode" in stack else ""
    return (
        (element("RoleARN", stack["RoleARN"]) if "RoleARN" in stack else "")
        + (f"<NotificationARNs>{arns}</NotificationARNs>" if arns else "")
        + (f"<DeploymentConfig>{mode}</DeploymentConfig>" if mode else "")
    )


def element(name: str, text: str) -> str:
    """One element of an answer."""
    return f"<{name}>{escape(text)}</{name}>"


def name_parameters(record: seams.Record) -> None:
    """Show the name of a Parameter Store parameter as the value, as AWS does, and hide NoEcho."""
    resolved = record.get("_resolved_params", {})
    for each in record["Parameters"]:
        value: Mapping[str, Any] = resolved.get(each["ParameterKey"], {})
        if "SsmName" in value:
            each["ParameterValue"] = value["SsmName"]
        if value.get("NoEcho"):
            each["ParameterValue"] = "****"


def add_resolved_values(text: str, record: seams.Record) -> str:
    """Put ResolvedValue behind each parameter whose value is the name of another."""
    for key, value in _resolved(record):
        shown = element("ParameterKey", key) + element("ParameterValue", value["SsmName"])
        text = text.replace(shown, shown + element("ResolvedValue", value["Value"]))
    return text


def _resolved(record: seams.Record) -> Iterable[tuple[str, Mapping[str, Any]]]:
    found: Mapping[str, Mapping[str, Any]] = record.get("_resolved_params", {})
    return ((key, value) for key, value in found.items() if "SsmName" in value)
