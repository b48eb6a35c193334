"""What a stack set operation tells of each Region, and why it failed where it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.deploy.context import Context
from generator.deploy.failures.scrub import scrubbed
from generator.deploy.looking.events import StackEvent, first_cause
from generator.deploy.places import place
from generator.deploy.steps import SetStep
from generator.deploy.waiting import clock


def _results(client: Any, step: SetStep, operation: str) -> Iterator[dict[str, Any]]:
    pages = client.get_paginator("list_stack_set_operation_results").paginate(
        StackSetName=step.name, OperationId=operation
    )
    for page in pages:
        yield from page["Summaries"]


def tell(
    context: Context, step: SetStep, client: Any, operation: str, told: dict[str, str]
) -> None:
    """Tell each instance's state when it changes."""
    for result in _results(client, step, operation):
        where, status = _place(context, result), result["Status"]
        if told.get(where) != status:
            told[where] = status
            reason = scrubbed(result.get("StatusReason", ""))
            event = StackEvent(clock(), where, "AWS::CloudFormation::StackSet", status, reason)
            context.observer.happened(step, event)


def explain(context: Context, step: SetStep, client: Any, operation: str, state: str) -> str:
    """Each failed instance's first real cause, from its stack's own events where these are ours."""
    lines = [f"the operation ended as {state}"]
    for result in _results(client, step, operation):
        if result["Status"] == "FAILED":
            lines.append(_cause(context, step, client, result))
        elif result["Status"] != "SUCCEEDED":
            lines.append(f"{_place(context, result)}: {result['Status']}, and so as it was")
    return "\n".join(lines)


def _place(context: Context, result: dict[str, Any]) -> str:
    return place(result["Account"], result["Region"], context.plan.account)


def _cause(context: Context, step: SetStep, client: Any, result: dict[str, Any]) -> str:
    where, region = _place(context, result), result["Region"]
    if where != region:
        return f"{where}: {result.get('StatusReason', 'no reason was given')}"
    try:
        instance = client.describe_stack_instance(
            StackSetName=step.name,
            StackInstanceAccount=result["Account"],
            StackInstanceRegion=region,
        )["StackInstance"]
    except client.exceptions.StackInstanceNotFoundException:
        instance = {}
    stack_id = instance.get("StackId", "")
    cause = first_cause(context.aws, region, stack_id) if stack_id else None
    return str(cause) if cause else f"{region}: {result.get('StatusReason', 'no reason was given')}"
