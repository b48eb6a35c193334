"""A plan reviewed: where a stack stands already, CloudFormation itself says what would change.

The planner compares templates; a change set knows more. So the new templates are uploaded where
their buckets stand, a change set is worked out for each stack's first update, and the plan keeps
its id: what was shown is what is executed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from generator.deploy.context import Context
from generator.deploy.executing.artifacts import upload
from generator.deploy.executing.change_sets import make_change_set
from generator.deploy.preview import with_parts
from generator.deploy.steps import FROM_CHANGE_SET, Do, Plan, StackStep, Step, UploadStep

REVIEWERS = 8


def review(context: Context) -> Plan:
    """The context's plan with its change sets. Raises StepFailed where one can't be made."""
    firsts = _first_updates(context.plan)
    with ThreadPoolExecutor(REVIEWERS) as pool:
        uploads = [step for step in context.plan.steps if isinstance(step, UploadStep)]
        ready = [step for step in uploads if _stands(context, step.region)]
        list(pool.map(lambda step: upload(context, step), ready))
        reviewed = dict(pool.map(lambda step: (step.id, _reviewed(context, step)), firsts))
    steps: tuple[Step, ...] = tuple(reviewed.get(s.id, s) for s in context.plan.steps)
    return replace(context.plan, steps=steps)


def _first_updates(plan: Plan) -> list[StackStep]:
    """The first step on each stack that stands, where that is an update that can be worked out.

    It can't while another stack has yet to make a value that this one takes.
    """
    firsts: dict[str, StackStep] = {}
    for step in plan.steps:
        if isinstance(step, StackStep) and step.stack_id:
            firsts.setdefault(step.stack_id, step)
    return [
        step
        for step in firsts.values()
        if step.do is Do.UPDATE and not set(step.carried) - set(step.parameters)
    ]


def _stands(context: Context, region: str) -> bool:
    """Whether the Region's artifact bucket is there: nothing has yet to make it."""
    makers = [step for step in context.plan.steps if isinstance(step, StackStep) and step.inline]
    return not any(step.region == region and step.do is not Do.UPDATE for step in makers)


def _reviewed(context: Context, step: StackStep) -> StackStep:
    change_set = make_change_set(context, step)
    changes = with_parts(step.changes, change_set.changes)
    return replace(step, change_set=change_set.id, changes=changes, source=FROM_CHANGE_SET)
