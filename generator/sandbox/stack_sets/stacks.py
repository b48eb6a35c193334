"""An instance's own stack, through the emulator's stack actions, where the instance is.

Every function works for the current account and Region and runs on the server's event loop, where
the actions themselves run: no thread, no call back over the network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from generator.sandbox import seams, template_seams
from generator.sandbox.stack_sets.faults import Fault, invalid
from generator.sandbox.stack_sets.protocol import service
from generator.sandbox.stack_sets.records import Definition, new_id

TEMPLATE_URL = "https://stack-sets.invalid/template"
"""Where a set's template is for the length of one action: it may be longer than a TemplateBody."""
_STACK_NAME_MAX = 128
_FIRST_LOOK, _LONGEST_WAIT = 0.005, 0.02
"""Seconds between two looks at a stack that is being worked on."""
_NO_UPDATES = "No updates are to be performed."
_STILLBORN = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
"""A create that failed: such a stack can only be deleted, so a retry makes a new one.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"""


class Outcome(NamedTuple):
    """What became of a stack: its id (None without one), whether it is as wanted, and why not."""

    stack_id: str | None
    is_good: bool
    reason: str | None = None


class Wanted(NamedTuple):
    """What an instance's stack is to be."""

    set_name: str
    definition: Definition
    overrides: Mapping[str, str]

    def template(self) -> AbstractContextManager[None]:
        """TEMPLATE_URL is the template until the block ends."""
        return template_seams.document_at(TEMPLATE_URL, self.definition.template)

    def members(self) -> dict[str, Any]:
        """What CreateStack and UpdateStack are given. Tags are always named: dropped ones go."""
        definition = self.definition
        known = {key: self.overrides[key] for key in self.overrides if key in definition.parameters}
        parameters = definition.parameters | known
        return {
            "TemplateURL": TEMPLATE_URL,
            "Capabilities": list(definition.capabilities),
            "Tags": [{"Key": key, "Value": value} for key, value in definition.tags.items()],
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
        }


def call(action: str, **members: Any) -> dict[str, Any]:
    """One action of CloudFormation, as a client would call it. Raises Fault with its error."""
    model = service().operation_model(action)
    serializer = create_serializer("query", include_validation=False)
    body = serializer.serialize_to_request(members, model)["body"]
    return checked(action, seams.action(action)({key: [text] for key, text in body.items()}))


def checked(action: str, answer: seams.Answer) -> dict[str, Any]:
    """An answer of the emulator's own as data. Raises Fault when it is an error."""
    status, headers, body = answer
    response = {"status_code": status, "headers": headers, "body": body}
    shape = service().operation_model(action).output_shape
    parsed: dict[str, Any] = create_parser("query").parse(response, shape)
    if status >= 300:
        raise Fault(parsed["Error"]["Code"], parsed["Error"]["Message"])
    return parsed


Made = Callable[[str], None]
"""Is told the id of a new stack as soon as there is one."""


async def deploy(wanted: Wanted, stack_id: str | None, made: Made) -> Outcome:
    """Bring an instance's stack up to what is wanted: create it, update it, or make it anew."""
    status = status_of(stack_id)
    try:
        if stack_id is None or status is None:
            return await _create(wanted, made)
        if status in _STILLBORN:
            gone = await delete(stack_id)
            return await _create(wanted, made) if gone.is_good else gone
        return await _update(wanted, stack_id)
    except Fault as fault:
        return Outcome(stack_id, False, fault.message)


async def _create(wanted: Wanted, made: Made) -> Outcome:
    suffix = f"-{new_id()}"
    name = f"StackSet-{wanted.set_name}"[: _STACK_NAME_MAX - len(suffix)] + suffix
    with wanted.template():
        stack_id = str(call("CreateStack", StackName=name, **wanted.members())["StackId"])
    made(stack_id)
    return await _outcome(stack_id, {"CREATE_COMPLETE"})


async def _update(wanted: Wanted, stack_id: str) -> Outcome:
    await _settled(stack_id)
    try:
        with wanted.template():
            call("UpdateStack", StackName=stack_id, **wanted.members())
    except Fault as fault:
        if fault.message != _NO_UPDATES:
            raise
        return Outcome(stack_id, True, _NO_UPDATES)
    return await _outcome(stack_id, {"UPDATE_COMPLETE"})


async def delete(stack_id: str | None) -> Outcome:
    """Delete an instance's stack; one that is gone already is no error."""
    if stack_id is None or status_of(stack_id) is None:
        return Outcome(None, True)
    try:
        await _settled(stack_id)
        call("DeleteStack", StackName=stack_id)
        found = await _outcome(stack_id, {"DELETE_COMPLETE"})
    except Fault as fault:
        return Outcome(stack_id, False, fault.message)
    return found._replace(stack_id=None) if found.is_good else found


def status_of(stack_id: str | None) -> str | None:
    """The status of a stack; None for one that was never made, or is deleted."""
    status = None if stack_id is None else _status(stack_id)
    return None if status == "DELETE_COMPLETE" else status


def _status(stack_id: str) -> str | None:
    """As the emulator has it; DELETE_COMPLETE too."""
    record = seams.stack_records().get(stack_id.split("/")[1], {})
    return str(record["StackStatus"]) if record.get("StackId") == stack_id else None


async def _outcome(stack_id: str, good: set[str]) -> Outcome:
    await asyncio.sleep(_FIRST_LOOK)  # a delete changes the status only when its task starts
    status = await _settled(stack_id)
    if status in good:
        return Outcome(stack_id, True)
    return Outcome(stack_id, False, first_failure(stack_id) or f"Stack is in {status}")


async def _settled(stack_id: str) -> str:
    """Wait until nothing is in progress; the status then. Raises Fault after a reset."""
    wait = _FIRST_LOOK
    while (status := _status(stack_id)) is not None and status.endswith("_IN_PROGRESS"):
        await asyncio.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)
    if status is None:
        raise invalid(f"Stack [{stack_id}] does not exist")
    return status


def first_failure(stack_id: str) -> str | None:
    """Why the last action on a stack failed: its first failure, in StackSets' own words."""
    failed = None
    for event in _events(stack_id):
        if event["ResourceStatus"].endswith("_FAILED"):
            failed = event
        if event.get("PhysicalResourceId") == stack_id and _is_start(event):
            break
    return None if failed is None else _in_words(failed)


def _events(stack_id: str) -> Iterator[dict[str, Any]]:
    """Newest first, over all pages."""
    page = call("DescribeStackEvents", StackName=stack_id)
    yield from page["StackEvents"]
    while token := page.get("NextToken"):
        page = call("DescribeStackEvents", StackName=stack_id, NextToken=token)
        yield from page["StackEvents"]


def _is_start(event: Mapping[str, Any]) -> bool:
    return event["ResourceStatus"] in {
        "CREATE_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
    }


def _in_words(event: Mapping[str, Any]) -> str:
    return (
        f"ResourceLogicalId:{event['LogicalResourceId']}, ResourceType:{event['ResourceType']}, "
        f"ResourceStatusReason:{event.get('ResourceStatusReason', '')}."
    )
