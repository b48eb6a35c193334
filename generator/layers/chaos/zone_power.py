"""An Availability Zone loses its power, composed like AWS's own scenario.

    StopInstances         the zone's instances of the group, until the time is over
    PauseLaunches         the group gets InsufficientInstanceCapacity for that zone
    CutOffSubnets         the zone's subnets, load balancer and NAT gateway included
    InterruptCache        the zone's cache nodes: a replica elsewhere becomes primary
    FailOverDatabase      at home, where the writer of the Aurora cluster stands in the zone

An action that fails ends the whole experiment, so the database takes part only where it can: with
another instance to take over, and in the home Region, for clusters of other Regions have no writer.
The scenario's error for launches by IAM roles is left out: only the group launches instances here.
Pods, tasks and volumes of others are no part of the platform.
https://docs.aws.amazon.com/fis/latest/userguide/az-availability-scenario.html
"""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import Equals, FindInMap, GetAZs, Ref, Select
from troposphere.fis import ExperimentTemplateAction

from generator import names
from generator.layers import cache, compute, network
from generator.layers.chaos.experiments import (
    Experiment,
    Fault,
    duration,
    exactly,
    stop_instances,
    subnet_arns,
)
from generator.layers.draft import Draft, Expression, Tunable, sub
from generator.policies import fault_injection as policies
from generator.policies import network_faults

PLACES = "ZonePlaces"
"""Mapping: the zone's number as people count, to its place in lists."""
IS_HOME = "IsHome"
"""Condition: this is the Region whose Aurora cluster takes writes, unless that was moved."""
TIERS = (network.PUBLIC_SUBNETS, network.PRIVATE_SUBNETS, network.DATA_SUBNETS)


def experiment(draft: Draft) -> Experiment:
    """What this platform has in a zone."""
    return Experiment(
        "ZonePower",
        "zone-power",
        "An Availability Zone loses its power: instances, launches, network, cache, database.",
        list(_faults(draft, _place(draft))),
    )


def _faults(draft: Draft, place: Expression) -> Iterator[Fault]:
    zone = Select(place, GetAZs(""))
    yield stop_instances(draft, "ALL", **{"Placement.AvailabilityZone": zone})
    yield _pause_launches(draft, zone)
    yield _cut_off_subnets(draft, place)
    if draft.settings.cache.replicas_per_shard:
        yield _interrupt_cache(draft, zone)
    aurora = draft.settings.aurora
    if aurora and aurora.instances > 1:
        yield _fail_over_database(draft, zone)


def _place(draft: Draft) -> FindInMap:
    """The zone's place in the network's lists: its number is a Parameter, its name the account's.

    Fn::Select and Fn::GetAZs name the same zones here as for the subnets.
    """
    numbers = [str(number) for number in range(1, draft.settings.zones + 1)]
    places = {number: {"Place": str(place)} for place, number in enumerate(numbers)}
    draft.template.add_mapping(PLACES, places)
    chosen = draft.tune(
        Tunable(
            "ChaosZone",
            "Zone that loses its power",
            "Which of the network's Availability Zones the experiment hits: 1 is the first.",
            default=numbers[0],
            choices=tuple(numbers),
            cost="Free.",
        )
    )
    return FindInMap(PLACES, chosen, "Place")


def _pause_launches(draft: Draft, zone: Expression) -> Fault:
    group = draft.need(compute.GROUP_ARN)
    action = ExperimentTemplateAction(
        ActionId=policies.CAPACITY_ERROR,
        Description="The group's launches in the zone fail for lack of capacity.",
        Parameters={
            "availabilityZoneIdentifiers": zone,
            "duration": duration(draft),
            "percentage": "100",
        },
        Targets={"AutoScalingGroups": "Group"},
    )
    target = exactly("aws:ec2:autoscaling-group", group)
    return Fault("PauseLaunches", action, policies.pause_launches(group), {"Group": target})


def _cut_off_subnets(draft: Draft, place: Expression) -> Fault:
    subnets = [arn for tier in TIERS for arn in subnet_arns(draft.need(tier), [place])]
    action = ExperimentTemplateAction(
        ActionId="aws:network:disrupt-connectivity",
        Description="Nothing enters or leaves the zone's subnets.",
        Parameters={"duration": duration(draft), "scope": "all"},
        Targets={"Subnets": "Subnets"},
    )
    target = exactly("aws:ec2:subnet", *subnets)
    return Fault("CutOffSubnets", action, network_faults.cut_off(subnets), {"Subnets": target})


def _interrupt_cache(draft: Draft, zone: Expression) -> Fault:
    """Of a cache with replicas: FIS demands Multi-AZ."""
    arn = sub(
        "arn:${AWS::Partition}:elasticache:${AWS::Region}:${AWS::AccountId}:replicationgroup:${Id}",
        Id=draft.need(cache.REPLICATION_GROUP_ID),
    )
    action = ExperimentTemplateAction(
        ActionId="aws:elasticache:replicationgroup-interrupt-az-power",
        Description="The cache's nodes in the zone stop.",
        Parameters={"duration": duration(draft)},
        Targets={"ReplicationGroups": "Cache"},
    )
    kind = "aws:elasticache:replicationgroup"
    target = exactly(kind, arn, availabilityZoneIdentifier=zone)
    return Fault("InterruptCache", action, policies.interrupt_cache(arn), {"Cache": target})


def _fail_over_database(draft: Draft, zone: Expression) -> Fault:
    """Only where the writer stands in the zone."""
    home = draft.settings.home_region
    draft.template.add_condition(IS_HOME, Equals(Ref("AWS::Region"), home))
    name = names.aurora(draft.settings)
    arn = sub(f"arn:${{AWS::Partition}}:rds:${{AWS::Region}}:${{AWS::AccountId}}:cluster:{name}")
    action = ExperimentTemplateAction(
        ActionId="aws:rds:failover-db-cluster",
        Description="A writer in the zone gives way to another instance.",
        Targets={"Clusters": "Database"},
    )
    target = exactly("aws:rds:cluster", arn, writerAvailabilityZoneIdentifiers=zone)
    grants = policies.fail_over_database(arn)
    return Fault("FailOverDatabase", action, grants, {"Database": target}, IS_HOME)
