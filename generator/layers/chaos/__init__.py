"""Chaos: experiments of AWS Fault Injection Service, for drills. Nothing runs until somebody starts
one, and the alarms that page people stop it.

    ZonePower             an Availability Zone loses its power
    RegionConnectivity    another Region cannot be reached (two Regions or more)
    ThrottledTable        reads of a table are throttled (tables on demand)
    StoppedInstances      a share of the instances stop

How to run them, and what should be seen: docs/resilience.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.layers.chaos import (
    experiments,
    region_connectivity,
    stopped_instances,
    throttled_table,
    zone_power,
)
from generator.layers.draft import Draft, Layer, Scope


def fill(draft: Draft) -> None:
    """One log group, and the experiments that this platform can have."""
    log = experiments.add_log_group(draft)
    for experiment in _experiments(draft):
        experiments.add(draft, experiment, log)


def _experiments(draft: Draft) -> Iterator[experiments.Experiment]:
    yield zone_power.experiment(draft)
    if len(draft.settings.regions) > 1:
        yield region_connectivity.experiment(draft)
    if draft.settings.database.provisioned is None:
        yield throttled_table.experiment(draft)
    yield stopped_instances.experiment(draft)


LAYER = Layer(
    name="chaos",
    step="",
    purpose="Fault injection experiments, each stopped by the critical alarms",
    scope=Scope.REGIONAL,
    fill=fill,
    wanted=lambda settings: settings.chaos is not None,
)
