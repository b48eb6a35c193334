"""AWS::CloudFormation::Stack: a nested stack is a whole stack, made by the stack actions.

So it has what a stack has: its own events, rollback, exports, dynamic references and retained
resources; and the parent waits for it on a worker thread. Where it fails, the parent's event says
so in CloudFormation's words and the nested stack's own events say why.

A rollback of the parent puts a nested stack that was updated back by a second update, whose events
it has, and which ends in UPDATE_ROLLBACK_COMPLETE.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from generator.sandbox import seams
from generator.sandbox.resources.resource import Made, Properties, Resource

_KNOWN = frozenset({"NotificationARNs", "Parameters", "Tags", "TemplateURL", "TimeoutInMinutes"})
_NO_UPDATES = "No updates are to be performed."
_LETTERS = string.ascii_uppercase + string.digits
_NAME_LIMIT = 128
_LOOK_EVERY = 0.02
"""Seconds. The stack's record is in this process: a look costs next to nothing."""


def create(logical_id: str, properties: Properties, parent_name: str) -> Made:
    """Make the nested stack and wait for it. Raises ValueError when it fails; it is gone then."""
    parent = seams.stack_records()[parent_name]
    request = _request(properties, parent)
    name = child_name(parent_name, logical_id)
    made = _told(seams.client("cloudformation").create_stack, StackName=name, **request)
    child_id = str(made["StackId"])
    child = find(child_id)
    child["ParentId"] = parent["StackId"]
    _announce(parent, logical_id, child_id)
    if _settled(child) != "CREATE_COMPLETE":
        reason = f"Embedded stack {child_id} was not successfully created: {_failure(child)}"
        if not parent.get("DisableRollback"):
            delete(child_id, properties)
        raise ValueError(reason)
    return child_id, _attributes(child)


def update(physical_id: str, old: Properties, new: Properties, parent_name: str) -> Made:
    """Update the nested stack in place. Raises ValueError when it had to roll back."""
    parent, child = seams.stack_records()[parent_name], find(physical_id)
    try:
        request = _request(new, parent)
        _told(seams.client("cloudformation").update_stack, StackName=physical_id, **request)
    except ValueError as error:
        if str(error) != _NO_UPDATES:
            raise
        return physical_id, _attributes(child)
    if _settled(child) != "UPDATE_COMPLETE":
        raise ValueError(
            f"Embedded stack {physical_id} was not successfully updated: {_failure(child)}"
        )
    if parent["StackStatus"].startswith("UPDATE_ROLLBACK"):
        _call_rolled_back(child)
    return physical_id, _attributes(child)


def delete(physical_id: str, properties: Properties) -> None:
    """Delete the nested stack; what its template retains stays. Raises ValueError when it fails."""
    try:
        child = find(physical_id)
    except ValueError:
        return
    if child["StackStatus"] == "DELETE_COMPLETE":
        return
    _settled(child)
    client = seams.client("cloudformation")
    _told(client.delete_stack, StackName=physical_id)
    # Answered after the deletion has begun, which DeleteStack itself may not be.
    _told(client.describe_stacks, StackName=physical_id)
    if _settled(child) != "DELETE_COMPLETE":
        raise ValueError(
            f"Embedded stack {physical_id} was not successfully deleted: "
            f"{child.get('StackStatusReason', '')}"
        )


def install() -> None:
    """Provision nested stacks our way; a failed one's last event has its id, as on AWS."""
    seams.register_resource(seams.STACK, Resource(create, delete, update))
    seams.keep_physical_ids()


def child_name(parent_name: str, logical_id: str) -> str:
    """A name as CloudFormation generates it: parent, logical id and twelve random characters."""
    suffix = "-" + "".join(secrets.choice(_LETTERS) for _ in range(12))
    return f"{parent_name}-{logical_id}"[: _NAME_LIMIT - len(suffix)] + suffix


def find(stack_id: str) -> seams.Record:
    """A stack of the current account and Region by id. Raises ValueError when there is none."""
    for record in seams.stack_records().values():
        if record["StackId"] == stack_id:
            return record
    raise ValueError(f"Stack with id {stack_id} does not exist")


def _request(properties: Properties, parent: seams.Record) -> dict[str, Any]:
    """What the nested stack is asked for: the parent's capabilities and tags are its own too."""
    unknown = sorted(properties.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"Encountered unsupported property {', '.join(unknown)} of {seams.STACK}")
    tags = [tag for tag in properties.get("Tags", []) if not tag["Key"].startswith("aws:")]
    return {
        "TemplateURL": properties["TemplateURL"],
        "Parameters": parameter_list(properties),
        "Capabilities": list(parent.get("Capabilities", [])),
        "Tags": tags,
        "DisableRollback": bool(parent.get("DisableRollback")),
    }


def parameter_list(properties: Properties) -> list[dict[str, str]]:
    """A nested stack's Parameters as the actions take them. Raises ValueError for a list value."""
    given = properties.get("Parameters") or {}
    if any(isinstance(value, (list, dict)) for value in given.values()):
        raise ValueError(
            "Value of property Parameters must be an object with String (or simple type) properties"
        )
    return [{"ParameterKey": key, "ParameterValue": _text(value)} for key, value in given.items()]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _told(call: Callable[..., Any], **members: Any) -> Any:
    """A stack action. Raises ValueError with the message of its error."""
    try:
        return call(**members)
    except ClientError as error:
        raise ValueError(error.response["Error"]["Message"]) from error


def _call_rolled_back(child: seams.Record) -> None:
    """An update that puts a nested stack back is the end of a rollback."""
    child["StackStatus"] = status = "UPDATE_ROLLBACK_COMPLETE"
    seams.add_event(child, child["StackName"], seams.STACK, status, "", child["StackId"])


def _announce(parent: seams.Record, logical_id: str, child_id: str) -> None:
    """The parent's second event of a resource, the first with its physical id."""
    seams.add_event(
        parent,
        logical_id,
        seams.STACK,
        "CREATE_IN_PROGRESS",
        "Resource creation Initiated",
        child_id,
    )


def _settled(child: seams.Record) -> str:
    """Wait until nothing is in progress; the status then. Raises ValueError when it is gone."""
    while child["StackStatus"].endswith("_IN_PROGRESS"):
        if seams.stack_records().get(child["StackName"]) is not child:
            raise ValueError(f"Stack with id {child['StackId']} does not exist")
        time.sleep(_LOOK_EVERY)
    return str(child["StackStatus"])


def _attributes(child: seams.Record) -> dict[str, Any]:
    return {f"Outputs.{each['OutputKey']}": each["OutputValue"] for each in child["Outputs"]}


def _failure(child: seams.Record) -> str:
    """Which resources of the last action failed, as CloudFormation lists them."""
    failed: list[seams.Record] = []
    for event in reversed(seams.event_records()[child["StackId"]]):
        if event["LogicalResourceId"] == child["StackName"]:
            if event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
                break
        elif event["ResourceStatus"] in ("CREATE_FAILED", "UPDATE_FAILED"):
            failed.append(event)
    if not failed:
        return str(child.get("StackStatusReason", ""))
    verb = "create" if failed[-1]["ResourceStatus"] == "CREATE_FAILED" else "update"
    names = ", ".join(event["LogicalResourceId"] for event in reversed(failed))
    return f"The following resource(s) failed to {verb}: [{names}]. "
