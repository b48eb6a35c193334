"""The bake after a wave: wait, watch the alarms, and undo the wave where one says users are hurt.

CloudFormation's own rollback triggers watch while a stack is updated; this watches after it, over
all the stacks of a wave, before the next wave gets what this one got.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from botocore.exceptions import ClientError

from generator.deploy.context import Context, StepFailed
from generator.deploy.executing.artifacts import address, bucket_in
from generator.deploy.executing.repeated import ask_once
from generator.deploy.executing.request import CAPABILITIES, parameter_list, role_arn, tag_list
from generator.deploy.executing.stacks import wait_for_stack
from generator.deploy.looking.events import last_event
from generator.deploy.looking.reading import describe_stack
from generator.deploy.steps import BakeStep, StackStep
from generator.deploy.waiting import clock, until
from generator.deploy.world import Stack
from generator.errors import Detached

NO_UPDATES = "No updates are to be performed"


def run_bake_step(context: Context, step: BakeStep) -> None:
    """Watch for as long as it says. Raises StepFailed, with the wave rolled back, on an alarm."""
    end = clock() + step.minutes * 60
    wave = [context.plan.step(name) for name in step.wave]
    stacks = [made for made in wave if isinstance(made, StackStep)]

    def look() -> list[str] | None:
        raised = [name for stack in stacks for name in _raised(context, step, stack)]
        return raised if raised or clock() >= end else None

    raised = until(look, context.stop)
    if raised is None:
        raise Detached(f"{step.id}: left while it baked")
    if raised:
        _roll_back(context, stacks)
        raise StepFailed(f"the wave was rolled back: {', '.join(raised)} in ALARM")


def _raised(context: Context, step: BakeStep, stack: StackStep) -> list[str]:
    """Names of a stack's watched alarms that are in ALARM."""
    described = describe_stack(context.aws, stack.region, stack.name) or {}
    outputs = {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])}
    names = [outputs[key].rpartition(":alarm:")[2] for key in step.alarms if key in outputs]
    if not names:
        return []
    found = context.aws.client("cloudwatch", stack.region).describe_alarms(
        AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"], StateValue="ALARM"
    )
    return [
        alarm["AlarmName"]
        for kind in ("MetricAlarms", "CompositeAlarms")
        for alarm in found.get(kind, [])
    ]


def _roll_back(context: Context, wave: list[StackStep]) -> None:
    """Bring each stack of the wave back to what it was before; one that was new stays.

    Side by side, and each whatever becomes of the others: users are hurt in all of them.
    """
    stood = [(step, context.world.stack(step.region, step.name)) for step in wave]
    with ThreadPoolExecutor(len(wave)) as pool:
        tries = [pool.submit(_restore, context, step, before) for step, before in stood if before]
    failures = [str(error) for each in tries if (error := each.exception())]
    if failures:
        raise StepFailed("\n".join(["the wave was not rolled back everywhere:", *failures]))


def _restore(context: Context, step: StackStep, before: Stack) -> None:
    client = context.aws.client("cloudformation", step.region)
    seen, token = last_event(client, before.id), f"{context.token(step)}-back"
    call = partial(
        client.update_stack,
        StackName=before.id,
        TemplateURL=_keep(context, before),
        Parameters=parameter_list(before.parameters),
        Capabilities=CAPABILITIES,
        Tags=tag_list(before.tags),
        ClientRequestToken=token,
        **({"RoleARN": role_arn(context, step.region, step.role)} if step.role else {}),
    )
    try:
        ask_once(context, client, before.id, seen, token, call)
    except ClientError as error:
        if NO_UPDATES in str(error):
            return
        raise
    wait_for_stack(context, step, before.id, seen, "UPDATE_COMPLETE")


def _keep(context: Context, before: Stack) -> str:
    """Upload the template that stood before; its address. Its nested ones are there still."""
    name = f"before-{hashlib.sha256(before.template.encode()).hexdigest()[:12]}.template.json"
    context.aws.client("s3", before.region).put_object(
        Bucket=bucket_in(context, before.region),
        Key=context.release.key_prefix + name,
        Body=before.template.encode(),
    )
    return address(context, before.region, name)
