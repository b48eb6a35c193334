"""A destruction from end to end: look, say what goes and what stays, agree, take the lease, delete.

One that was killed is called again: what is in flight is waited for, and the rest is planned anew.
The journal is written until the bucket that holds it goes; lease and journal end before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import uuid4

from generator.deploy.around.buckets import Bucket, delete_bucket, find_buckets
from generator.deploy.around.destruction import plan_destruction, strangers
from generator.deploy.around.keeping import Kept, look_inside
from generator.deploy.context import Context, Observer, Outcome
from generator.deploy.executing.artifacts import bucket_in, bucket_stands
from generator.deploy.executing.execute import DETACHED, DONE, FAILED, REFUSED, execute
from generator.deploy.looking.leftovers import Leftover, leftovers
from generator.deploy.looking.look import look
from generator.deploy.observers import Observers
from generator.deploy.records.journal import Journal, Past
from generator.deploy.records.lease import NAME, Lease, read_lease, refuse_if_held
from generator.deploy.rollout import Desk, Survey, attach, take_survey
from generator.deploy.steps import Plan
from generator.deploy.world import World
from generator.errors import Detached, Refused, RolloutFailed


class Destruction(NamedTuple):
    """What will go and what will stay."""

    plan: Plan
    kept: tuple[Kept, ...]
    protected: tuple[str, ...]
    """ARNs of load balancers whose deletion protection is turned off first."""
    strangers: tuple[str, ...]
    """What has a name of ours and not our tag: left."""
    buckets: tuple[Bucket, ...]
    """Buckets that are emptied and deleted, where that was asked for; those not ours are left."""
    leftovers: tuple[Leftover, ...]
    """What earlier destructions kept."""

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to delete."""
        return not (self.plan.steps or any(bucket.is_ours for bucket in self.buckets))


Agree = Callable[[Destruction, Past], Observer]
"""Shown what goes and what stays; says who looks on, or raises Refused."""


def destroy(desk: Desk, agree: Agree, *, delete_buckets: bool = False) -> Destruction:
    """Delete all stacks and stack sets of an environment, and its buckets where asked for.

    Raises Refused where another deployer is at work or nobody agrees, RolloutFailed with each
    step's cause, Detached where somebody leaves.
    """
    survey = attach(desk, take_survey(desk))
    _refuse_while_another_works(desk, survey)
    destruction = _survey_destruction(desk, survey, delete_buckets=delete_buckets)
    if not destruction.is_nothing:
        _carry_out(desk, destruction, survey, agree(destruction, survey.past))
    return destruction


def _refuse_while_another_works(desk: Desk, survey: Survey) -> None:
    release = desk.release
    bucket = release.bucket_in(release.home, survey.world.account)
    client = desk.aws.client("s3", release.home)
    refuse_if_held(read_lease(client, bucket, release.key_prefix + NAME))


def _survey_destruction(desk: Desk, survey: Survey, *, delete_buckets: bool) -> Destruction:
    aws, release, account = desk.aws, desk.release, survey.world.account
    insides = look_inside(aws, release, survey.world)
    held = {kept.physical for kept in insides.kept}
    buckets = find_buckets(aws, release, account, held) if delete_buckets else ()
    going = {bucket.name for bucket in buckets if bucket.is_ours}
    return Destruction(
        plan=plan_destruction(release, insides.world),
        kept=tuple(kept for kept in insides.kept if kept.physical not in going),
        protected=insides.protected,
        strangers=strangers(release, insides.world),
        buckets=buckets,
        leftovers=tuple(
            left for left in leftovers(aws, release, survey.world) if left.name not in going
        ),
    )


def _carry_out(desk: Desk, destruction: Destruction, survey: Survey, observer: Observer) -> None:
    """Stacks, then buckets; that of the lease and the journal when both are over."""
    home = desk.release.bucket_in(desk.release.home, survey.world.account)
    ours = [bucket for bucket in destruction.buckets if bucket.is_ours]
    with _recorded(desk, destruction.plan, survey, observer) as context:
        _judge(execute(context, destruction.plan.steps))
        _delete_buckets(desk, [bucket for bucket in ours if bucket.name != home])
    _delete_buckets(desk, [bucket for bucket in ours if bucket.name == home])


@contextmanager
def _recorded(desk: Desk, plan: Plan, survey: Survey, observer: Observer) -> Iterator[Context]:
    """With lease and journal, where there is a bucket for them."""
    aws, release = desk.aws, desk.release
    caller = aws.caller(release.home)
    journal = Journal(plan.fingerprint[:12], caller, survey.past, release.all_regions)
    context = _context(desk, plan, survey.world, Observers((observer, journal)))
    if not bucket_stands(context):
        yield context
        return
    client, bucket = aws.client("s3", release.home), bucket_in(context, release.home)
    with Lease(client, bucket, release.key_prefix, caller, desk.stop.set).held():
        _refuse_if_moved(desk, survey)
        journal.keep_in(client, bucket, release.key_prefix)
        try:
            yield context
        finally:
            journal.close()


def _context(desk: Desk, plan: Plan, world: World, observer: Observer) -> Context:
    return Context(
        aws=desk.aws,
        release=desk.release,
        world=world,
        plan=plan,
        allowed=(),
        observer=observer,
        stop=desk.stop,
        run=uuid4().hex,
    )


def _delete_buckets(desk: Desk, buckets: list[Bucket]) -> None:
    for bucket in buckets:
        delete_bucket(desk.aws, bucket, desk.tell)


def _refuse_if_moved(desk: Desk, survey: Survey) -> None:
    """What was shown is what is deleted."""
    now = look(desk.aws, desk.release, survey.world.account, survey.past.regions)
    if now.fingerprint != survey.world.fingerprint:
        raise Refused(
            "something changed what stands since this was shown; nothing was deleted\n"
            "    run destroy again: it looks anew"
        )


def _judge(outcomes: tuple[Outcome, ...]) -> None:
    """Raise for what was not deleted, the worst kind first."""
    left = [outcome for outcome in outcomes if outcome.state != DONE]
    told = "\n".join(f"{o.step}: {o.reason}" for o in left if o.state in (FAILED, REFUSED))
    if any(outcome.state == FAILED for outcome in left):
        raise RolloutFailed(f"{told}\n    what is gone is gone; mend the cause, run destroy again")
    if told:
        raise Refused(told)
    if any(outcome.state == DETACHED for outcome in left):
        raise Detached(
            "left; CloudFormation finishes what it began\n"
            "    run destroy again to watch it and to go on"
        )
