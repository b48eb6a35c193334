"""A share of the group's instances stop, wherever they are.

The load balancer leaves them out, Auto Scaling replaces what its health checks find, and FIS starts
what was not replaced when the time is over.
"""

from __future__ import annotations

from generator.layers.chaos.experiments import Experiment, stop_instances
from generator.layers.draft import Draft, Tunable, sub


def experiment(draft: Draft) -> Experiment:
    """The share is a Parameter."""
    percent = draft.tune(
        Tunable(
            "ChaosInstancesPercent",
            "Instances that stop (percent)",
            "Share of the running instances that the experiment stops, chosen at random.",
            default=34,
            type="Number",
            minimum=1,
            maximum=100,
            cost="Free.",
        )
    )
    return Experiment(
        "StoppedInstances",
        "stopped-instances",
        "A share of the group's instances stop; they are replaced or started again.",
        [stop_instances(draft, sub("PERCENT(${Percent})", Percent=percent))],
    )
