"""Evacuate a Region and restore it: one value of one metric, and a wait until Route 53 agrees.

Never DNS: records are Route 53's control plane, in us-east-1, which may be what is down, and health
is its data plane, which is everywhere. The switch stays as it was last set; silence changes
nothing, so a Region comes back only when a 0 is written.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/best-practices-dns.html
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import NamedTuple

from botocore.config import Config

from generator.deploy.around.switches import (
    Check,
    Health,
    Switch,
    read_health,
    switch_alarm,
    switch_unit,
)
from generator.deploy.aws import CONFIG, Aws
from generator.deploy.failures import speaking_of
from generator.deploy.release import Release
from generator.deploy.waiting import clock, looks
from generator.errors import AwsError, Detached, Refused

QUICK = CONFIG.merge(
    Config(
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
)
"""For clients that must not hang on a Region that is down."""

SECONDS_BETWEEN_LOOKS = 10.0
SECONDS_BETWEEN_VALUES = 60.0
"""The alarm's period. It counts the highest value in one, so a 0 in the minute of a 1 is lost."""


class Order(NamedTuple):
    """What is to be done with one Region."""

    release: Release
    region: str
    evacuate: bool
    seconds: float
    """How long to wait until Route 53 agrees; 0: not at all."""

    @property
    def value(self) -> float:
        """What the metric is set to."""
        return 1.0 if self.evacuate else 0.0

    @property
    def command(self) -> str:
        """What a person would type."""
        word = "evacuate" if self.evacuate else "restore"
        return f"{word} --env {self.release.environment} --region {self.region}"


def survey(aws: Aws, order: Order) -> tuple[Health, ...]:
    """All Regions' health. Raises Refused where the order can't be, or must not be, obeyed."""
    release, region = order.release, order.region
    unit = switch_unit(release)
    if unit is None:
        raise Refused(
            f"{release.environment} has no domain, and so no evacuation switch: CloudFront itself "
            "fails over between the Regions' load balancers\n"
            "    a switch comes with `domain` in the settings"
        )
    if region not in unit.regions:
        raise Refused(
            f"{region} is not a Region of {release.environment}\n    it has: "
            + ", ".join(unit.regions)
        )
    healths = read_health(aws, release)
    _refuse_without_switch(order, healths)
    if order.evacuate:
        _refuse_the_last(order, healths)
    return healths


def _refuse_without_switch(order: Order, healths: tuple[Health, ...]) -> None:
    own = next(health for health in healths if health.region == order.region)
    if own.switch is Switch.MISSING:
        raise Refused(
            f"there is no alarm {_alarm(order)} in {order.region}: nothing would obey the switch\n"
            f"    run: python -m generator deploy --env {order.release.environment}"
        )


def _refuse_the_last(order: Order, healths: tuple[Health, ...]) -> None:
    """Where a state can't be seen the Region counts as well: us-east-1 may be what is down."""
    others = [health for health in healths if health.region != order.region]
    if all(health.is_out for health in others):
        states = "; ".join(f"{h.region}: {h.switch}, {h.calculated}" for h in others)
        raise Refused(
            f"{order.region} is the last Region that serves users ({states or 'the only one'})\n"
            "    restore another one first: Route 53 sends users everywhere when no Region is "
            "healthy"
        )


def consequences(order: Order, healths: tuple[Health, ...]) -> tuple[str, ...]:
    """What will happen to users, in words."""
    others = [health for health in healths if health.region != order.region]
    serving = ", ".join(_named(health) for health in others if not health.is_out) or "none"
    if order.evacuate:
        return (
            f"{order.region} leaves the DNS answers one to two minutes after its switch is set;",
            "resolvers keep what they have for another minute, and open connections stay open.",
            f"Its users go to: {serving}. Mind their maxima.",
            "Nothing in the Region is stopped. It stays out until it is restored.",
        )
    return (
        f"{order.region} is in the DNS answers again once its switch is off and its endpoint is "
        "healthy,",
        "and gets its share of users within minutes: its caches are cold, its fleet may be small.",
        f"Until then users are served by: {serving}.",
    )


def _named(health: Health) -> str:
    unknown = health.calculated is Check.UNKNOWN
    return f"{health.region} (health unknown)" if unknown else health.region


def set_switch(aws: Aws, order: Order) -> None:
    """Write the metric in the Region's own CloudWatch. Raises AwsError where that is refused."""
    evacuation, alarm = order.release.evacuation, _alarm_properties(order)
    assert evacuation is not None
    dimensions = [
        {"Name": d["Name"], "Value": d["Value"] if isinstance(d["Value"], str) else order.region}
        for d in alarm.get("Dimensions", [])
    ]
    with speaking_of(f"the switch of {order.region}", deployer=order.release.roles["deployer"]):
        aws.client("cloudwatch", order.region).put_metric_data(
            Namespace=evacuation.namespace,
            MetricData=[
                {"MetricName": evacuation.metric, "Dimensions": dimensions, "Value": order.value}
            ],
        )


def obey(aws: Aws, order: Order, tell: Callable[[str], None], stop: threading.Event) -> Health:
    """Set the switch, and wait until the alarm and the calculated check agree.

    The value is written anew each minute until then. Raises AwsError where they do not agree in
    time, Detached where somebody leaves; the switch is set in both cases.
    """
    began, written = clock(), -math.inf
    seen: Health | None = None
    for _ in looks(stop, SECONDS_BETWEEN_LOOKS):
        if clock() - written >= SECONDS_BETWEEN_VALUES:
            set_switch(aws, order)
            written = clock()
        now = next(h for h in read_health(aws, order.release) if h.region == order.region)
        if now != seen:
            tell(f"{now.region}: switch {now.switch}, {_checks(now)}")
        seen = now
        if agrees(order, now) or not order.seconds:
            return now
        if clock() - began >= order.seconds:
            raise AwsError(_late(order, now))
    raise Detached(f"left; the switch of {order.region} is set, and stays so")


def agrees(order: Order, health: Health) -> bool:
    """Whether alarm and calculated check are as ordered."""
    if order.evacuate:
        return health.switch is Switch.EVACUATED and health.calculated is Check.UNHEALTHY
    return health.switch is Switch.IN_SERVICE and health.calculated is Check.HEALTHY


def _late(order: Order, health: Health) -> str:
    lines = [
        f"{order.region}: the switch was set, and after {order.seconds:.0f} s not all agree: "
        f"switch {health.switch}, {_checks(health)}"
    ]
    if health.calculated is Check.UNKNOWN:
        lines.append("    its checks can't be seen: their metrics are in us-east-1 only")
    elif not order.evacuate and health.checks.get("endpoint") is Check.UNHEALTHY:
        lines.append("    its endpoint is unhealthy: it stays out of DNS until that answers")
    lines.append(f"    look again: python -m generator status --env {order.release.environment}")
    return "\n".join(lines)


def _checks(health: Health) -> str:
    found = [f"{kind} check {state}" for kind, state in sorted(health.checks.items())]
    return ", ".join(found) or "no health checks found"


def _alarm(order: Order) -> str:
    return order.release.evacuation.alarm if order.release.evacuation else ""


def _alarm_properties(order: Order) -> dict[str, list[dict[str, object]]]:
    unit = switch_unit(order.release)
    return dict((switch_alarm(order.release, unit) if unit else None) or {})
