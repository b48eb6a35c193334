"""A plan in parts: what some of its steps need, and home alone before the rest of the world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from generator.deploy.steps import BakeStep, Plan, SetStep, StackStep, Step
from generator.deploy.world import World


def with_needs(steps: tuple[Step, ...], wanted: Iterable[str]) -> tuple[Step, ...]:
    """The steps of these ids and whatever they wait for, in the plan's order."""
    by_id = {step.id: step for step in steps}
    queue, kept = list(wanted), set[str]()
    while queue:
        step_id = queue.pop()
        if step_id not in kept:
            kept.add(step_id)
            queue += by_id[step_id].after
    return tuple(step for step in steps if step.id in kept)


def home_part(plan: Plan, root: str) -> Plan:
    """The home Region's root stack, whose layer is `root`: what it needs, itself, its bake.

    No steps where home's root stays as it is.
    """
    own = {
        step.id
        for step in plan.steps
        if isinstance(step, StackStep) and (step.layer, step.region) == (root, plan.home)
    }
    bakes = {s.id for s in plan.steps if isinstance(s, BakeStep) and own & set(s.wave)}
    return replace(plan, steps=with_needs(plan.steps, own | bakes))


def moved_beside(done: Plan, before: World, after: World) -> list[str]:
    """Stacks and sets that are not as they were, though no step of `done` touched them."""
    touched = {
        ("" if isinstance(step, SetStep) else step.region, step.name)
        for step in done.steps
        if isinstance(step, StackStep | SetStep)
    }
    was, now = before.facts, after.facts
    moved = {where for where in {*was, *now} - touched if was.get(where) != now.get(where)}
    return [f"{name} in {region}" if region else name for region, name in sorted(moved)]


def rest_of(plan: Plan, done: Plan, fingerprint: str) -> Plan:
    """What is left of a plan once a part of it was done, for the world that this left behind."""
    over = {step.id for step in done.steps}
    left = tuple(
        replace(step, after=tuple(name for name in step.after if name not in over))
        for step in plan.steps
        if step.id not in over
    )
    return replace(plan, steps=left, fingerprint=fingerprint)
