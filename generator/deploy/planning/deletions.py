"""The deletion of one stack, whether its layer is no longer wanted or the whole platform is not."""

from __future__ import annotations

from generator.deploy.preview import removals_of
from generator.deploy.steps import Change, Do, StackStep
from generator.deploy.world import Stack

HOLDS_NOTHING = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")
"""Stacks whose creation was never begun, or was undone."""


def delete_step(layer: str, stack: Stack, after: tuple[str, ...], why: str) -> StackStep:
    """The step that deletes a stack, with what goes with it."""
    return StackStep(
        id=f"{layer}@{stack.region}/delete",
        after=after,
        layer=layer,
        name=stack.name,
        region=stack.region,
        do=Do.DELETE,
        stack_id=stack.id,
        changes=removals(stack),
        why=why,
    )


def removals(stack: Stack) -> tuple[Change, ...]:
    """What goes with a stack, and what it leaves."""
    if stack.status in HOLDS_NOTHING:
        return ()
    parameters = {**stack.parameters, "AWS::Region": stack.region}
    return removals_of(stack.body, parameters, stack.nested_bodies)
