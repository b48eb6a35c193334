"""Stack policies of a stack and of those nested in it.

A policy holds for the resources of its own stack only, so each nested stack gets one too; and the
root's keeps the nested stacks themselves. Resources are named by type, not by logical id: a policy
may only name ids that its template has, before and after.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
"""

from __future__ import annotations

from collections.abc import Iterable

from generator.deploy.context import Context
from generator.deploy.looking.inventory import open_stack
from generator.deploy.preview.guard import stack_policy


def protect(context: Context, region: str, stack_id: str) -> None:
    """Termination protection and policies on; nested stacks have the root's protection."""
    client = context.aws.client("cloudformation", region)
    client.update_termination_protection(StackName=stack_id, EnableTerminationProtection=True)
    set_policies(context, region, stack_id)


def set_policies(
    context: Context, region: str, stack_id: str, allowed_types: Iterable[str] = ()
) -> None:
    """Give a stack and its nested ones their policy; `allowed_types` may be replaced meanwhile."""
    client, body = context.aws.client("cloudformation", region), stack_policy(allowed_types)
    for opened in open_stack(context.aws, region, stack_id, "", ""):
        client.set_stack_policy(StackName=opened.id, StackPolicyBody=body)
