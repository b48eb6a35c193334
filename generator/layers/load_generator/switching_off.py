"""The last two of four that switch load generators off, whatever instances do.

    the master       at the end of its run: results into the bucket, both groups to no instance
    each instance    a timer from its boot: the same, even when Locust hangs
    an alarm         once they were wanted for longer than any load test may (`watching`)
    a schedule       every night

The first two need an instance that works and an AWS that answers it. One that shuts down instead is
replaced by its group, and the new one's timer begins anew: so the last two change what the groups
want, and nothing of an instance's own.
"""

from __future__ import annotations

from troposphere import Ref
from troposphere.autoscaling import (
    AutoScalingGroup,
    ScalingPolicy,
    ScheduledAction,
    StepAdjustments,
)

from generator.layers.draft import Draft, Expression, Tunable
from generator.layers.load_generator.fleet import Groups

NIGHT = "0 4 * * *"


def add(draft: Draft, groups: Groups) -> list[Expression]:
    """The schedule; what the alarm does, as ARNs."""
    _add_nights(draft, groups)
    return [Ref(_empty(draft, group)) for group in groups]


def _empty(draft: Draft, group: AutoScalingGroup) -> ScalingPolicy:
    """No instance, at whatever size. By steps: a simple policy waits for replacements to end.

    No warm-up, or an instance that has just replaced another would hold it up.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/simple-scaling-policies.html
    """
    return draft.add(
        ScalingPolicy(
            f"{group.title}RunsOn",
            AutoScalingGroupName=Ref(group),
            PolicyType="StepScaling",
            AdjustmentType="ExactCapacity",
            EstimatedInstanceWarmup=0,
            StepAdjustments=[StepAdjustments(MetricIntervalLowerBound=0, ScalingAdjustment=0)],
        )
    )


def _add_nights(draft: Draft, groups: Groups) -> None:
    """An action a group, by the clock of the home Region: where whoever forgot them sleeps.

    Only MinSize and DesiredCapacity are set: with a MaxSize of 0 no load test could start next day.
    A run over that hour is ended; one an hour would end every run.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
    """
    night, zone = draft.tune(_NIGHT), draft.tune(_zone(draft))
    for group in groups:
        draft.add(
            ScheduledAction(
                f"{group.title}Off",
                AutoScalingGroupName=Ref(group),
                Recurrence=night,
                TimeZone=zone,
                MinSize=0,
                DesiredCapacity=0,
            )
        )


_NIGHT = Tunable(
    "LoadGeneratorOff",
    "Switched off at (cron)",
    "When load generators that somebody forgot are switched off: minute, hour, day of month, "
    "month, day of week. A run over that moment is ended.",
    default=NIGHT,
    pattern=r"^\S+ \S+ \S+ \S+ \S+$",
    cost="Free.",
)


def _zone(draft: Draft) -> Tunable:
    home = draft.settings.region(draft.settings.home_region)
    return Tunable(
        "LoadGeneratorTimeZone",
        "Time zone of that",
        "IANA name, as in Asia/Seoul; summer time is followed.",
        default=home.local_time_zone,
        pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$",
        cost="Free.",
    )
