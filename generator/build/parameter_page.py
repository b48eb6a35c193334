"""docs/parameters.md: every Parameter of the reference platform, and how it moves the bill.

In units and without prices, which differ by Region and go stale. The texts are the Tunables' own;
`STRUCTURE` says the same of what no Parameter carries because it decides which resources there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from generator.build.units import Unit
from generator.layers.draft import Tunable

PAGE = "parameters.md"

INTRODUCTION = """\
# What each parameter does, and costs

Generated from the reference platform by `make golden`; not edited by hand. Parameters may be
changed at any time without a build: in the console, or in `build/<env>/parameters/`. How they move
the bill is said in units; for prices see AWS's pages of your Region. Nothing of this is a limit on
what is spent: `MaximumInstances` is the nearest to one.
"""

COLUMNS = ("Parameter", "Default", "Takes", "What it does", "On the bill")


class Setting(NamedTuple):
    """A key of a settings file that decides which resources there are."""

    path: str
    cost: str


STRUCTURE = (
    Setting("regions", "Everything regional once more, and each write to the tables once more."),
    Setting(
        "zones",
        "One NAT gateway more and one network interface more of each endpoint, per "
        "hour; GB between zones.",
    ),
    Setting(
        "network.nat",
        "Per hour and NAT gateway, and per GB through it: `per_zone` has one a "
        "zone, `single` one a Region, and GB between zones.",
    ),
    Setting(
        "network.interface_endpoints",
        "Per hour, endpoint and zone, and per GB; those GB no longer pass NAT.",
    ),
    Setting(
        "domain",
        "Per month for the zone and for each health check; queries at the apex and "
        "its names are free, for they are aliases.",
    ),
    Setting("domain.check_interval_seconds", "10 instead of 30: an extra per month and check."),
    Setting("compute.spot_percent", "Saves per hour and instance, and may be taken back."),
    Setting("compute.warm_pool", "Per GB and month: stopped instances cost their volumes."),
    Setting("compute.root_volume_gib", "Per GB and month, for each instance."),
    Setting("cache.shards", "Per hour and node: each has a primary and its replicas."),
    Setting("cache.replicas_per_shard", "Per hour and node."),
    Setting(
        "database.provisioned",
        "Per hour and capacity unit, used or not, instead of per request; in each Region.",
    ),
    Setting("edge.enabled", "Per request and per GB to viewers, in place of GB out of Regions."),
    Setting("edge.price_class", "Per GB and request: fewer places are cheaper ones."),
    Setting("edge.origin_shield", "Per request that passes it; saves fetches from the Regions."),
    Setting("edge.web_acl", "Per month for the list and each rule, and per request."),
    Setting("edge.web_acl.bot_control", "Per month, and an extra per request."),
    Setting("monitoring.anomaly_detection", "Per month: its alarm counts as three."),
    Setting(
        "log_retention_days",
        "Per GB and month in CloudWatch Logs; taking logs in is the larger part, per GB.",
    ),
    Setting(
        "aurora",
        "Per hour and capacity unit (ACU), per GB and month, per I/O, and per write "
        "that is replicated.",
    ),
    Setting("load_generator", "Per hour and instance while a load runs, and all that it causes."),
    Setting("region_switch", "Per month and plan."),
    Setting("chaos", "Per minute and action of an experiment that runs."),
)


def page(units: Sequence[Unit]) -> str:
    """The whole page, as Markdown."""
    parts = (INTRODUCTION, *map(_stack, units), _structure())
    return "\n".join(filter(None, parts))


def _stack(unit: Unit) -> str:
    """One stack's table; nothing where it has no Parameter."""
    if not unit.sources:
        return ""
    rows = [_row(given.tunable) for given in unit.given.values()]
    lines = chain(
        (f"## {unit.layer.name}", "", f"{unit.layer.purpose}: {unit.layer.scope.value}.", ""),
        _table(COLUMNS, rows) if rows else (),
        _copied(unit),
    )
    return "\n".join(lines) + "\n"


def _copied(unit: Unit) -> Iterator[str]:
    """Parameters that the rollout fills; by hand they are copied from where they come from."""
    if not unit.carried:
        return
    if unit.given:
        yield ""
    yield "Copied from other stacks' outputs:"
    yield ""
    for name, source in unit.carried.items():
        yield f"- `{name}`: `{source.output}` of {source.layer} in {source.region}"


def _row(tunable: Tunable) -> tuple[str, ...]:
    name = f"`{tunable.name}`<br>{tunable.label}"
    return (name, _default(tunable), _takes(tunable), tunable.description, tunable.cost)


def _default(tunable: Tunable) -> str:
    usual = f"`{tunable.default}`" if tunable.default != "" else "empty"
    own = [
        f"{region}: `{value}`" for region, value in tunable.by_region if value != tunable.default
    ]
    return "<br>".join((usual, *own))


def _takes(tunable: Tunable) -> str:
    if tunable.choices:
        return ", ".join(f"`{choice}`" for choice in tunable.choices)
    if tunable.pattern:
        return f"`{tunable.pattern}`"
    if tunable.type == "Number":
        return _range(tunable)
    return f"`{tunable.type}`"


def _range(tunable: Tunable) -> str:
    least, most = tunable.minimum, tunable.maximum
    if most is None:
        return "a number" if least is None else f"from {least:,}"
    return f"{least:,} to {most:,}"


def _structure() -> str:
    rows = [(f"`{setting.path}`", setting.cost) for setting in STRUCTURE]
    lines = (
        "## What only a build changes",
        "",
        "These decide which resources there are; `parameters/settings.schema.json` says what "
        "they take.",
        "",
    )
    return "\n".join((*lines, *_table(("Setting", "On the bill"), rows))) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
