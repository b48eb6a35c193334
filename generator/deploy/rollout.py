"""A deploy from end to end: look, plan, agree, take the lease, execute, tell.

look ──→ in flight? wait for it, and look again
  └────→ plan ──→ nothing to do? done, without one call that changes anything
           └────→ refuse what is dangerous ──→ agree ──→ lease ──→ moved? ──→ execute
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple
from uuid import uuid4

from generator.deploy.aws import Aws
from generator.deploy.context import Context, Observer, Outcome
from generator.deploy.executing.artifacts import bucket_stands
from generator.deploy.executing.execute import DETACHED, DONE, REFUSED, execute
from generator.deploy.executing.review import review
from generator.deploy.looking.leftovers import leftovers
from generator.deploy.looking.look import look
from generator.deploy.looking.reading import describe_stack, running_operations
from generator.deploy.observers import NOBODY, Observers
from generator.deploy.planning import Wishes, make_plan, release_hash
from generator.deploy.planning.parts import home_part, moved_beside, rest_of
from generator.deploy.planning.sketch import digest
from generator.deploy.preview.guard import dangers, refusal
from generator.deploy.records.journal import Journal, Past, read_past
from generator.deploy.records.lease import NAME, Lease, read_lease, refuse_if_held
from generator.deploy.release import Release
from generator.deploy.steps import Plan, StackStep, Step
from generator.deploy.waiting import until
from generator.deploy.world import StackSet, World
from generator.errors import Detached, Refused, RolloutFailed


class Desk(NamedTuple):
    """What a person at a command line has: an account, a release, wishes, and a screen."""

    aws: Aws
    release: Release
    wishes: Wishes
    allowed: tuple[str, ...]
    agree: Callable[[Plan, Past], Observer]
    """Shown the plan and the last journal; says who looks on, or raises Refused."""
    tell: Callable[[str], None]
    stop: threading.Event


class Survey(NamedTuple):
    """What stands, and what the last journal tells."""

    world: World
    past: Past


class Result(NamedTuple):
    """How a deploy ended; no outcomes where there was nothing to do."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    rest: Plan | None = None
    """What is left of it, where only the home Region was asked for."""


def deploy(desk: Desk, saved: Plan | None = None, *, until_home: bool = False) -> Result:
    """Bring what stands to what was built; exactly as `saved` says, where one is given.

    `until_home` stops after the home Region and its bake: the rest is a plan that holds for what
    stands then, so what was reviewed once is done in two goes.

    Raises Refused where that is not safe or the world moved, RolloutFailed with each step's
    cause, Detached where somebody left.
    """
    survey = attach(desk, take_survey(desk))
    plan = _confirmed(desk, survey.world, saved) if saved else _planned(desk, survey.world)
    if plan.steps:
        _refuse_dangers(desk, plan, survey.world)
    part = home_part(plan, desk.release.waves.layer) if until_home else plan
    outcomes = _do(desk, part, survey) if part.steps else ()
    return Result(part, outcomes, _rest(desk, plan, part, survey.world) if until_home else None)


def _do(desk: Desk, plan: Plan, survey: Survey) -> tuple[Outcome, ...]:
    observer = desk.agree(plan, survey.past)
    outcomes = _carry_out(desk, plan, survey, observer)
    _judge(outcomes)
    return outcomes


def _rest(desk: Desk, plan: Plan, done: Plan, before: World) -> Plan:
    """The plan of what is left. Raises Refused where anybody else was at work meanwhile."""
    after = take_survey(desk).world
    moved = moved_beside(done, before, after)
    if moved:
        raise Refused(
            f"home is done; meanwhile somebody else changed {', '.join(moved)}\n"
            "    what is left was planned for what stood before: plan again"
        )
    return rest_of(plan, done, after.fingerprint)


def refuse_dangers(desk: Desk, plan: Plan) -> None:
    """Raise Refused where a deploy of this plan would be, for what holds state and would go."""
    words = refusal(dangers(plan), desk.allowed)
    if words:
        raise Refused(words)


def plan(desk: Desk, *, change_sets: bool = True) -> Plan:
    """What a deploy would do now; nothing is executed.

    Without `change_sets` templates are compared and nothing is made, nor uploaded: what
    CloudFormation says is then compared with the plan when a step's turn comes.

    Raises Refused where it would be refused, while something is in flight too.
    """
    world = take_survey(desk).world
    if world.in_flight:
        raise Refused(
            "\n".join(["a plan holds only for what stands still:", *world.in_flight])
            + "\n    wait, or run deploy: it waits, and goes on"
        )
    return _planned(desk, world) if change_sets else make_plan(desk.release, world, desk.wishes)


def _refuse_dangers(desk: Desk, plan: Plan, world: World) -> None:
    """Raise Refused where state would be lost, or where names that are wanted are taken."""
    refuse_dangers(desk, plan)
    left = leftovers(desk.aws, desk.release, world)
    if left:
        raise Refused(
            "\n".join(["what an earlier rollout left has names that are wanted:", *map(str, left)])
        )


def take_survey(desk: Desk) -> Survey:
    """Look at the Regions of the release, and at those that the journal remembers."""
    aws, release = desk.aws, desk.release
    account = aws.account(release.home)
    bucket = release.bucket_in(release.home, account)
    past = read_past(aws.client("s3", release.home), bucket, release.key_prefix)
    return Survey(look(aws, release, account, past.regions), past)


def attach(desk: Desk, survey: Survey) -> Survey:
    """Wait for what CloudFormation still works on, after a deploy that was killed or left.

    Raises Refused where another deploy is at it, Detached where somebody leaves.
    """
    if not survey.world.in_flight:
        return survey
    aws, release = desk.aws, desk.release
    bucket = release.bucket_in(release.home, survey.world.account)
    refuse_if_held(read_lease(aws.client("s3", release.home), bucket, release.key_prefix + NAME))
    desk.tell("still under way, so waited for:")
    for words in survey.world.in_flight:
        desk.tell(f"  {words}")
    if until(lambda: _is_settled(desk, survey.world), desk.stop) is None:
        raise Detached("left while waiting")
    return attach(desk, take_survey(desk))


def _is_settled(desk: Desk, world: World) -> bool | None:
    for stack in world.stacks.values():
        if stack.in_flight:
            found = describe_stack(desk.aws, stack.region, stack.id) or {}
            if found.get("StackStatus", "").endswith("_IN_PROGRESS"):
                return None
    busy = any(s.operations and _is_busy(desk, s) for s in world.sets.values())
    return None if busy else True


def _is_busy(desk: Desk, stack_set: StackSet) -> bool:
    client = desk.aws.stack_sets(desk.release.home, stack_set.call_as)
    return any(running_operations(client, stack_set.name))


def _planned(desk: Desk, world: World) -> Plan:
    plan = make_plan(desk.release, world, desk.wishes)
    return review(_context(desk, plan, world, NOBODY, run=uuid4().hex))


def _confirmed(desk: Desk, world: World, saved: Plan) -> Plan:
    """The saved plan, if it is still one. Raises Refused where something moved."""
    moved = {
        "the environment": saved.environment != desk.release.environment,
        "the account": saved.account != world.account,
        "the built files": saved.release != release_hash(desk.release),
        "what stands": saved.fingerprint != world.fingerprint,
        "its own templates": any(digest(text) not in n for n, text in saved.templates.items()),
    }
    words = [what for what, is_other in moved.items() if is_other]
    if words:
        raise Refused(
            f"the plan no longer holds: {', '.join(words)} changed since it was made\n"
            f"    run: python -m generator plan --env {desk.release.environment}"
        )
    return saved


def _carry_out(desk: Desk, plan: Plan, survey: Survey, observer: Observer) -> tuple[Outcome, ...]:
    aws, release = desk.aws, desk.release
    caller = aws.caller(release.home)
    regions = (*release.all_regions, *(region for region, _ in survey.world.stacks))
    journal = Journal(plan.fingerprint[:12], caller, survey.past, regions)
    context = _context(desk, plan, survey.world, Observers((observer, journal)), run=uuid4().hex)
    first = _before_the_lease(context, plan)
    outcomes = execute(context, first)
    if any(outcome.state != DONE for outcome in outcomes):
        return outcomes
    client, bucket = aws.client("s3", release.home), release.bucket_in(release.home, plan.account)
    lease = Lease(client, bucket, release.key_prefix, caller, desk.stop.set)
    with lease.held():
        if not first:
            _refuse_if_moved(desk, survey)
        journal.keep_in(client, bucket, release.key_prefix)
        try:
            rest = tuple(step for step in plan.steps if step not in first)
            return (*outcomes, *execute(context, rest))
        finally:
            journal.close()
            if journal.trouble:
                desk.tell(journal.trouble)


def _before_the_lease(context: Context, plan: Plan) -> tuple[Step, ...]:
    """What makes the bucket in which the lease lies, where that does not stand yet."""
    if bucket_stands(context):
        return ()
    return tuple(
        step
        for step in plan.steps
        if isinstance(step, StackStep) and step.region == plan.home and not step.after
    )


def _refuse_if_moved(desk: Desk, survey: Survey) -> None:
    """What stood when the plan was made must stand when it begins."""
    now = look(desk.aws, desk.release, survey.world.account, survey.past.regions)
    if now.fingerprint != survey.world.fingerprint:
        raise Refused(
            "something changed what stands since the plan was made; nothing was done\n"
            "    run deploy again: it plans anew"
        )


def _judge(outcomes: tuple[Outcome, ...]) -> None:
    """Raise for steps that were not done, the worst kind first."""
    bad = [o for o in outcomes if o.reason and o.state != DONE]
    told = "\n".join(f"{o.step}: {o.reason}" for o in bad if o.state in ("failed", REFUSED))
    if any(o.state == "failed" for o in bad):
        raise RolloutFailed(f"{told}\n    what was done stays; mend the cause and run deploy again")
    if any(o.state == REFUSED for o in bad):
        raise Refused(told)
    if any(o.state == DETACHED for o in bad):
        raise Detached(
            "left; CloudFormation finishes what it began\n"
            "    run deploy again to watch it and to go on"
        )


def _context(desk: Desk, plan: Plan, world: World, observer: Observer, run: str = "") -> Context:
    return Context(
        aws=desk.aws,
        release=desk.release,
        world=world,
        plan=plan,
        allowed=desk.allowed,
        observer=observer,
        stop=desk.stop,
        run=run,
    )
