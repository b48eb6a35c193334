"""11 schedule: small at night, ready before the morning, by each Region's own clock.

Every action sets both bounds of the group, so whichever ran last leaves it whole: minimum never
above maximum, by day, by night and on weekends. None sets a desired capacity: between the bounds
the scaling policies decide, and only what lies outside is moved to the nearest bound.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
"""

from __future__ import annotations

from collections.abc import Mapping

from troposphere import Ref
from troposphere.autoscaling import ScheduledAction

from generator.layers import compute
from generator.layers.draft import Draft, Layer, Scope, Tunable, by_region
from generator.settings.model import Region, Settings

CRON = r"^\S+ \S+ \S+ \S+ \S+$"
ZONE = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$"


def fill(draft: Draft) -> None:
    """Night, day, and a later day on weekends."""
    schedule = draft.settings.schedule
    assert schedule is not None
    night = (draft.tune(night_minimum(draft.settings)), draft.tune(night_maximum(draft.settings)))
    day = (
        draft.tune(compute.minimum_instances(draft.settings)),
        draft.tune(compute.maximum_instances(draft.settings)),
    )
    _action(draft, "NightlyScaleDown", _time("NightStart", "Night", schedule.night_start), night)
    _action(draft, "DaytimeScaleUp", _time("DayStart", "Day", schedule.day_start), day)
    if schedule.weekend_day_start:
        weekend = _time("WeekendDayStart", "Weekend day", schedule.weekend_day_start)
        _action(draft, "WeekendScaleUp", weekend, day)


def _action(draft: Draft, title: str, start: Tunable, sizes: tuple[Ref, Ref]) -> ScheduledAction:
    smallest, largest = sizes
    return draft.add(
        ScheduledAction(
            title,
            AutoScalingGroupName=draft.need(compute.GROUP_NAME),
            Recurrence=draft.tune(start),
            TimeZone=draft.tune(_zone(draft.settings)),
            MinSize=smallest,
            MaxSize=largest,
        )
    )


def _time(name: str, label: str, cron: str) -> Tunable:
    return Tunable(
        name,
        f"{label} begins (cron)",
        "Minute, hour, day of month, month, day of week, in the Region's time zone.",
        default=cron,
        pattern=CRON,
        cost="Per hour and instance: the longer the night, the fewer hours of the day's minimum.",
    )


def _zone(settings: Settings) -> Tunable:
    zones = {region.name: region.local_time_zone for region in settings.regions}
    return Tunable(
        "TimeZone",
        "Time zone of the schedule",
        "IANA name, as in Asia/Seoul; summer time is followed.",
        default=zones[settings.home_region],
        pattern=ZONE,
        cost="Free: it moves the night, and does not lengthen it.",
        by_region=by_region(settings, zones),
    )


# --- the night's sizes ----------------------------------------------------------------------------


def night_minimum(settings: Settings) -> Tunable:
    """As asked, but never above the Region's day: a night larger than the day is none."""
    return _size(
        settings,
        "NightMinimumInstances",
        "Fewest instances by night",
        "What the service level needs while nobody is there; not above the day's minimum.",
        {region.name: _night(settings, region)[0] for region in settings.regions},
    )


def night_maximum(settings: Settings) -> Tunable:
    """As asked, between the night's minimum and the day's maximum; left out, the latter."""
    return _size(
        settings,
        "NightMaximumInstances",
        "Most instances by night",
        "Not below the night's minimum. At the day's maximum, a night's spike is met as by day.",
        {region.name: _night(settings, region)[1] for region in settings.regions},
    )


def _night(settings: Settings, region: Region) -> tuple[int, int]:
    """The bounds of one Region's night, within those of its day."""
    assert settings.schedule is not None
    day_minimum = region.minimum_instances or settings.compute.minimum_instances
    day_maximum = region.maximum_instances or settings.compute.maximum_instances
    smallest = min(settings.schedule.night_minimum_instances, day_minimum)
    asked = settings.schedule.night_maximum_instances or day_maximum
    return smallest, max(smallest, min(asked, day_maximum))


def _size(
    settings: Settings, name: str, label: str, description: str, sizes: Mapping[str, int]
) -> Tunable:
    default = sizes[settings.home_region]
    return Tunable(
        name,
        label,
        description,
        default=default,
        type="Number",
        minimum=1,
        maximum=1000,
        by_region=by_region(settings, {k: v for k, v in sizes.items() if v != default}),
        cost="Per hour and instance, in the hours of the night.",
    )


LAYER = Layer(
    name="schedule",
    step="11",
    purpose="Small nights and ready mornings, by each Region's clock",
    scope=Scope.REGIONAL,
    fill=fill,
    wanted=lambda settings: settings.schedule is not None,
)
