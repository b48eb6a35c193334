"""A Region loses another: nothing gets there from its instances, and tables are not replicated.

    IsolateInstances      no route from the private subnets to the other Region's public addresses
    PauseReplication      of the global tables, from and to this Region

Composed like AWS's own scenario, without what the platform has not (transit gateways, replicated
buckets, MemoryDB). FIS makes route tables with the other Region's address ranges, so the quota
"routes per route table" has to be 250 (350 where us-east-1 is isolated) above what is used; the
data subnets have no route out anyway, and the public ones hold nothing that asks.
https://docs.aws.amazon.com/fis/latest/userguide/cross-region-scenario.html
"""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import Ref
from troposphere.fis import ExperimentTemplateAction

from generator import names
from generator.layers import network
from generator.layers.chaos.experiments import Experiment, Fault, duration, exactly, subnet_arns
from generator.layers.draft import Draft, Tunable, by_region, sub
from generator.policies import fault_injection as policies
from generator.policies import network_faults
from generator.settings.model import Settings


def experiment(draft: Draft) -> Experiment:
    """For a platform of two Regions or more."""
    return Experiment(
        "RegionConnectivity",
        "region-connectivity",
        "Another Region cannot be reached, and global tables are not replicated.",
        list(_faults(draft)),
    )


def _faults(draft: Draft) -> Iterator[Fault]:
    yield _isolate_instances(draft)
    yield _pause_replication(draft)


def _isolate_instances(draft: Draft) -> Fault:
    subnets = subnet_arns(draft.need(network.PRIVATE_SUBNETS), range(draft.settings.zones))
    action = ExperimentTemplateAction(
        ActionId="aws:network:route-table-disrupt-cross-region-connectivity",
        Description="Instances reach nothing in the other Region.",
        Parameters={"duration": duration(draft), "region": _other_region(draft)},
        Targets={"Subnets": "Subnets"},
    )
    target = exactly("aws:ec2:subnet", *subnets)
    return Fault("IsolateInstances", action, network_faults.isolate(subnets), {"Subnets": target})


def _other_region(draft: Draft) -> Ref:
    """The next one in the settings, unless an operator chooses another."""
    others = neighbours(draft.settings)
    return draft.tune(
        Tunable(
            "ChaosIsolatedRegion",
            "Region that cannot be reached",
            "Another Region of the platform, never the one that the experiment runs in.",
            default=others[draft.settings.home_region],
            choices=tuple(sorted(others)),
            by_region=by_region(draft.settings, others),
            cost="Free.",
        )
    )


def neighbours(settings: Settings) -> dict[str, str]:
    """Each Region's next, the first after the last."""
    regions = settings.region_names
    return dict(zip(regions, (*regions[1:], regions[0]), strict=True))


def _pause_replication(draft: Draft) -> Fault:
    settings = draft.settings
    tables = [sub(names.table_arn(settings, purpose)) for purpose in names.TABLES]
    action = ExperimentTemplateAction(
        ActionId="aws:dynamodb:global-table-pause-replication",
        Description="The tables are not replicated, from and to this Region.",
        Parameters={"duration": duration(draft)},
        Targets={"Tables": "Tables"},
    )
    target = exactly("aws:dynamodb:global-table", *tables)
    is_strong = settings.database.consistency == "strong"
    grants = policies.pause_replication(tables, strong=is_strong)
    return Fault("PauseReplication", action, grants, {"Tables": target})
