"""Relations of the fleet: sizes by day and night, instance types, start-up, the CPU ladder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from generator.settings.cron import fault as cron_fault
from generator.settings.cron import meet
from generator.settings.model import Settings
from generator.settings.rule import Problem, reads
from generator.settings.rules_regions import repeated
from generator.settings.source import Location

# Graviton families have a g after the generation's digit: m7g, c7gn, r8gd, im4gn; a1 came first.
_ARM_FAMILY = re.compile(r"a1|[a-z]+\d+g[a-z]*(-[a-z0-9-]+)?")

_MINIMUM = ("compute.minimum_instances", "regions.*.minimum_instances")
_MAXIMUM = ("compute.maximum_instances", "regions.*.maximum_instances")


class Size(NamedTuple):
    """A group's size by day in one Region, and which keys it is from."""

    region: str
    minimum: int
    maximum: int
    at_minimum: Location
    at_maximum: Location


def _sizes(settings: Settings) -> Iterator[Size]:
    """The size of each Region: its own where it has one, else the common one."""
    for index, region in enumerate(settings.regions):
        low, high = region.minimum_instances, region.maximum_instances
        yield Size(
            region.name,
            low or settings.compute.minimum_instances,
            high or settings.compute.maximum_instances,
            ("regions", index, "minimum_instances") if low else ("compute", "minimum_instances"),
            ("regions", index, "maximum_instances") if high else ("compute", "maximum_instances"),
        )


def _to_blame(size: Size, settings: Settings) -> Location:
    """Of a minimum above its maximum, the one that says more: a Region's own, or a written one."""
    if size.at_minimum[0] == "regions" or size.at_maximum[0] == "regions":
        return size.at_minimum if size.at_minimum[0] == "regions" else size.at_maximum
    is_written = "minimum_instances" in settings.compute.model_fields_set
    return size.at_minimum if is_written else size.at_maximum


@reads(*_MINIMUM, *_MAXIMUM)
def minimum_is_not_above_maximum(settings: Settings) -> Iterator[Problem]:
    wrong = [size for size in _sizes(settings) if size.minimum > size.maximum]
    for at, size in {_to_blame(size, settings): size for size in reversed(wrong)}.items():
        problem = f"{size.region} has at least {size.minimum} but at most {size.maximum} instances"
        yield Problem(at, problem, "Lower minimum_instances or raise maximum_instances.")


@reads("schedule.night_minimum_instances", *_MINIMUM)
def nights_are_not_larger_than_days(settings: Settings) -> Iterator[Problem]:
    if not settings.schedule:
        return
    night = settings.schedule.night_minimum_instances
    smallest = min(_sizes(settings), key=lambda size: size.minimum)
    if smallest.minimum < night:
        least = smallest.minimum
        problem = (
            f"{night} by night is above the {least} that {smallest.region} has at least by day"
        )
        at = ("schedule", "night_minimum_instances")
        yield Problem(at, problem, f"Write {least} or less, or raise minimum_instances.")


@reads("schedule.night_minimum_instances", "schedule.night_maximum_instances")
def night_minimum_is_not_above_its_maximum(settings: Settings) -> Iterator[Problem]:
    if not settings.schedule or settings.schedule.night_maximum_instances is None:
        return
    low, high = settings.schedule.night_minimum_instances, settings.schedule.night_maximum_instances
    if low > high:
        problem = f"the night's maximum of {high} is below its minimum of {low}"
        remedy = "Raise night_maximum_instances or lower night_minimum_instances."
        yield Problem(("schedule", "night_maximum_instances"), problem, remedy)


@reads("schedule.night_maximum_instances", *_MAXIMUM)
def night_maximum_is_not_above_the_days(settings: Settings) -> Iterator[Problem]:
    if not settings.schedule or settings.schedule.night_maximum_instances is None:
        return
    night = settings.schedule.night_maximum_instances
    smallest = min(_sizes(settings), key=lambda size: size.maximum)
    if smallest.maximum < night:
        least = smallest.maximum
        problem = f"{night} by night is above the {least} that {smallest.region} has at most by day"
        at = ("schedule", "night_maximum_instances")
        yield Problem(at, problem, f"Write {least} or less, or leave it out for the day's.")


def _starts(settings: Settings) -> dict[str, str]:
    """Key to cron expression, of those that are given."""
    schedule = settings.schedule
    if schedule is None:
        return {}
    starts = {"night_start": schedule.night_start, "day_start": schedule.day_start}
    weekend = schedule.weekend_day_start
    return starts | ({"weekend_day_start": weekend} if weekend else {})


@reads("schedule")
def schedules_are_cron(settings: Settings) -> Iterator[Problem]:
    for key, written in _starts(settings).items():
        if problem := cron_fault(written):
            remedy = "Five fields: minute hour day-of-month month day-of-week, as in 0 7 * * 1-5."
            yield Problem(("schedule", key), problem, remedy)


@reads("schedule.night_start", "schedule.day_start", "schedule.weekend_day_start")
def schedules_do_not_meet(settings: Settings) -> Iterator[Problem]:
    """Of two actions at one time EC2 Auto Scaling refuses one."""
    starts = {key: it for key, it in _starts(settings).items() if not cron_fault(it)}
    for one, other in combinations(starts, 2):
        if meet(starts[one], starts[other]):
            remedy = "EC2 Auto Scaling refuses two actions at one time; move one of them."
            yield Problem(("schedule", other), f"it starts when {one} does, at times", remedy)


@reads("schedule.day_start", "schedule.weekend_day_start")
def weekday_mornings_spare_the_weekend(settings: Settings) -> Iterator[Problem]:
    schedule = settings.schedule
    if schedule and schedule.weekend_day_start and schedule.day_start.split()[4] == "*":
        problem = "it starts the weekend's day too, before weekend_day_start"
        remedy = "End it with the weekdays, as in 0 7 * * 1-5."
        yield Problem(("schedule", "day_start"), problem, remedy)


@reads("load_balancer.slow_start_seconds", "load_balancer.algorithm")
def slow_start_works(settings: Settings) -> Iterator[Problem]:
    balancer, at = settings.load_balancer, ("load_balancer", "slow_start_seconds")
    seconds = balancer.slow_start_seconds
    if 0 < seconds < 30:
        remedy = "Write 0 for off, or 30 to 900 seconds."
        yield Problem(at, f"{seconds} seconds are less than a load balancer accepts", remedy)
    if seconds and balancer.algorithm != "round_robin":
        problem = f"slow start does not work with {balancer.algorithm}"
        yield Problem(at, problem, "Write 0, or set load_balancer.algorithm to round_robin.")


@reads("compute.spot_percent", "compute.instance_types")
def spot_has_a_second_pool(settings: Settings) -> Iterator[Problem]:
    if settings.compute.spot_percent and len(settings.compute.instance_types) < 2:
        remedy = "List two or more compute.instance_types, or set spot_percent to 0."
        problem = "Spot with one instance type: the loss of its pool would be the fleet's"
        yield Problem(("compute", "spot_percent"), problem, remedy)


@reads("compute.warm_pool", "compute.spot_percent")
def warm_pools_have_no_spot(settings: Settings) -> Iterator[Problem]:
    if settings.compute.warm_pool and settings.compute.spot_percent:
        problem = "EC2 Auto Scaling has no warm pool for groups with Spot Instances"
        remedy = "Set compute.spot_percent to 0, or warm_pool to false."
        yield Problem(("compute", "warm_pool"), problem, remedy)


def is_graviton(instance_type: str) -> bool:
    """Whether an instance type has arm64 processors."""
    return _ARM_FAMILY.fullmatch(instance_type.partition(".")[0]) is not None


@reads("compute.instance_types", "compute.architecture")
def instance_types_match_the_architecture(settings: Settings) -> Iterator[Problem]:
    for index, name in enumerate(settings.compute.instance_types):
        is_arm = is_graviton(name)
        if is_arm != (settings.compute.architecture == "arm64"):
            problem = f"{name} has {'arm64' if is_arm else 'x86_64'} processors"
            remedy = f"compute.architecture is {settings.compute.architecture}: change one of them."
            yield Problem(("compute", "instance_types", index), problem, remedy)


@reads("compute.instance_types")
def instance_types_differ(settings: Settings) -> Iterator[Problem]:
    types = settings.compute.instance_types
    for index, first in repeated(types):
        remedy = f"It is instance_types[{first}] too; keep one of them."
        at = ("compute", "instance_types", index)
        yield Problem(at, f"{types[index]} is listed twice", remedy)


@reads("scaling.steps")
def steps_rise_from_zero(settings: Settings) -> Iterator[Problem]:
    steps = settings.scaling.steps
    if steps[0].above_percent != 0:
        problem = f"the first step begins at {steps[0].above_percent}, not at 0"
        remedy = "Set it to 0, so that a step begins where the alarm does."
        yield Problem(("scaling", "steps", 0, "above_percent"), problem, remedy)
    for index in range(1, len(steps)):
        before, here = steps[index - 1].above_percent, steps[index].above_percent
        if here <= before:
            problem = f"step {index + 1} begins at {here}, the one before it at {before}"
            at = ("scaling", "steps", index, "above_percent")
            yield Problem(at, problem, "Sort the steps by above_percent, each above the last.")


@reads("scaling.steps", "scaling.cpu_threshold_percent")
def steps_can_be_reached(settings: Settings) -> Iterator[Problem]:
    threshold = settings.scaling.cpu_threshold_percent
    for index, step in enumerate(settings.scaling.steps):
        if threshold + step.above_percent > 100:
            problem = f"{step.above_percent} above the threshold of {threshold} is more than 100 %"
            remedy = f"Write {100 - threshold} or less, or lower cpu_threshold_percent."
            yield Problem(("scaling", "steps", index, "above_percent"), problem, remedy)


RULES = (
    minimum_is_not_above_maximum,
    nights_are_not_larger_than_days,
    night_minimum_is_not_above_its_maximum,
    night_maximum_is_not_above_the_days,
    schedules_are_cron,
    schedules_do_not_meet,
    weekday_mornings_spare_the_weekend,
    slow_start_works,
    spot_has_a_second_pool,
    warm_pools_have_no_spot,
    instance_types_match_the_architecture,
    instance_types_differ,
    steps_rise_from_zero,
    steps_can_be_reached,
)
