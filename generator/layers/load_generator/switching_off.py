"""The last of three that switch load generators off: once a night, whatever they do.

    the master       at the end of its run: results into the bucket, both groups to no instance
    each instance    a timer from its boot: the same, even when Locust hangs
    this schedule    every night, even when instances do nothing any more

Only MinSize and DesiredCapacity are set: with a MaxSize of 0 no load test could start next day. A
run over that hour is ended; one an hour would end every run.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
"""

from __future__ import annotations

from troposphere import Ref
from troposphere.autoscaling import ScheduledAction

from generator.layers.draft import Draft, Tunable
from generator.layers.load_generator.fleet import Groups

NIGHT = "0 4 * * *"


def add(draft: Draft, groups: Groups) -> None:
    """An action a group, by the clock of the home Region: where whoever forgot them sleeps."""
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
