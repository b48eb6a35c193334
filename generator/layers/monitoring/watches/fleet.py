"""What the Auto Scaling group and its instances report.

Metrics: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
"""

from __future__ import annotations

from generator.layers import compute
from generator.layers.alarms import Level, Metric, Silence, Watch
from generator.layers.draft import Draft, Expression

ABOVE_SCALING, MOST_CPU = 10, 98
"""CPU warns this far above the step policy's threshold: scaling comes first, people later."""

WHY_NETWORK = "Average of an instance. An m7g.large has 937 Mbit/s for good; adapt to the type."
BLIND = Silence("breaching", "Group metrics come every minute: without them the fleet is unseen.")


def watches(draft: Draft) -> tuple[Watch, ...]:
    """Load of the instances, then the group's size."""
    group = draft.need(compute.GROUP_NAME)
    return (
        _cpu(draft, _of(group, "AWS/EC2", "CPUUtilization")),
        _network("NetworkIn", "received", _of(group, "AWS/EC2", "NetworkIn")),
        _network("NetworkOut", "sent", _of(group, "AWS/EC2", "NetworkOut")),
        _short(_sizes(group, "desired", "running")),
        _full(_sizes(group, "running", "smallest", "largest")),
    )


def _of(group: Expression, namespace: str, name: str) -> Metric:
    return Metric(namespace, name, "Average", (("AutoScalingGroupName", group),))


SIZES = {
    "desired": "GroupDesiredCapacity",
    "running": "GroupInServiceInstances",
    "smallest": "GroupMinSize",
    "largest": "GroupMaxSize",
}


def _sizes(group: Expression, *which: str) -> dict[str, Metric]:
    return {size: _of(group, "AWS/AutoScaling", SIZES[size]) for size in which}


def _cpu(draft: Draft, cpu: Metric) -> Watch:
    start = draft.settings.scaling.cpu_threshold_percent
    why = "Average of the group; above the scaling policies' reach, so that they come first."
    return Watch(
        "Cpu",
        measure="CPU",
        unit="Percent",
        meaning="The group's CPU stays high although scaling has had its chance.",
        remedy="At the group's maximum: raise MaximumInstances. Below it: read the group's "
        "activity history for launches that fail.",
        silence=Silence("missing", "No instance reports: the alarms on hosts tell, not this one."),
        metrics={"cpu": cpu},
        warning=Level(min(start + ABOVE_SCALING, MOST_CPU), 10, why),
        critical=Level(min(start + 2 * ABOVE_SCALING, MOST_CPU), 5, why),
    )


def _network(title: str, verb: str, traffic: Metric) -> Watch:
    return Watch(
        title,
        measure="Network of an instance",
        unit="Mbps",
        tuned_as="Network",
        meaning=f"Each instance has {verb} near its type's baseline bandwidth for minutes; once "
        "burst credits are gone, packets are shaped and latency rises.",
        remedy="Look for large answers or missing compression; else take a larger type or lower "
        "RequestsPerTarget, so that more instances share the traffic.",
        silence=Silence("notBreaching", "No instance, no traffic."),
        metrics={"traffic": traffic},
        expression="8 * traffic / PERIOD(traffic) / 1000000",
        warning=Level(650, 10, WHY_NETWORK),
        critical=Level(850, 10, WHY_NETWORK),
    )


def _short(sizes: dict[str, Metric]) -> Watch:
    return Watch(
        "GroupShort",
        measure="Instances that are wanted but not in service",
        unit="Percent",
        meaning="Auto Scaling wants more instances than it has got into service for 15 minutes: "
        "longer than any boot, warm-up or replacement takes.",
        remedy="Read the group's activity history: no capacity in a zone, a limit, a launch "
        "template or a lifecycle hook that fails.",
        silence=BLIND,
        metrics=sizes,
        expression="IF(desired > 0, 100 * (desired - running) / desired, 0)",
        warning=Level(10, 15, "One of ten; less is an instance being replaced."),
        critical=Level(50, 15, "Half of the group: a zone's loss is no longer survived."),
    )


def _full(sizes: dict[str, Metric]) -> Watch:
    return Watch(
        "GroupFull",
        measure="Group at its maximum",
        unit="Percent",
        meaning="The group is at its maximum: the next spike is not met.",
        remedy="Is it users, a bot or a retry storm? If users: raise MaximumInstances (by night "
        "NightMaximumInstances) and check the account's vCPU limit.",
        silence=BLIND,
        metrics=sizes,
        # A group of fixed size is always at its maximum: that is meant.
        expression="IF(largest > smallest, 100 * running / largest, 0)",
        warning=Level(100, 10),
    )
