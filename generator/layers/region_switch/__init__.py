"""Region switch: plans of ARC Region switch that take a Region out of service and back.

A plan has exactly two Regions, so there is one for each Region but home, and home is the other in
all of them. Both serve users (active/active), and either may be left:

    deactivate A     B's group grows to twice what a Region ran at its busiest of the last day, and
                     is healthy; where A is home, Aurora's writer moves to B; B sets A's evacuation
                     switch
    activate A       A's group grows as much; where A is home, the writer comes back; A clears its
                     own switch

What ARC does with a writer that is in neither of a plan's Regions, or is where it shall be, is not
documented. So the writer moves with home only, and the function that sets a switch refuses while
the Region to leave has the writer: one plan leads out of home and back (see `docs/resilience.md`).

The switch is the platform's own (see health_check): the plan, `evacuate` and `restore` set the same
metric, and `status` shows it whoever set it. The plan's Route 53 block would be a second switch on
the same records, and a second truth. What runs is data plane all the way: a plan's execution in
each of its Regions, a function in the Region that takes users, a metric, health checks.

Always run a plan gracefully: in an ungraceful execution ARC skips Lambda steps, and so the switch.
A step that cannot be done (the capacity step, where EC2 has none) is made ungraceful by itself.
https://docs.aws.amazon.com/r53recovery/latest/dg/region-switch-plans.html
"""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import GetAtt
from troposphere.arcregionswitch import AssociatedAlarm, Plan, Step, Workflow
from troposphere.iam import Role

from generator import names
from generator.layers import monitoring
from generator.layers.draft import Draft, Expression, Layer, Scope, sub
from generator.layers.region_switch import steps
from generator.layers.region_switch.steps import Pair
from generator.policies import region_switch as policies
from generator.policies.statements import role
from generator.policies.trust import plain_trust

HEALTH = ("TargetErrorsCritical", "LoadBalancerErrorsCritical")
"""Alarms that tell ARC when users are well: errors that they see, from either sender."""


def fill(draft: Draft) -> None:
    """One role, and a plan for each Region but home."""
    runner = _role(draft)
    for region in draft.settings.replica_regions:
        _plan(draft, (draft.settings.home_region, region), runner)


def _role(draft: Draft) -> Role:
    settings = draft.settings
    regions = settings.region_names
    purposes = ("restore", *(f"evacuate-{region}" for region in regions))
    grants = policies.execution(
        settings,
        groups=[steps.group(draft, region) for region in regions],
        functions=[
            steps.function(settings, each, region) for region in regions for each in purposes
        ],
        alarms=[arn for region in regions for arn in _health(draft, region).values()],
    )
    if settings.aurora:
        clusters = [sub(steps.cluster_arn(settings, region)) for region in regions]
        grants += policies.database(names.aurora(settings), clusters)
    return draft.add(role("PlanRole", plain_trust(policies.SERVICE), grants))


def _plan(draft: Draft, pair: Pair, runner: Role) -> None:
    home, region = pair
    option = draft.settings.region_switch
    assert option is not None
    name = names.switch_plan(draft.settings, region)
    draft.add(
        Plan(
            "Plan" + "".join(part.capitalize() for part in region.split("-")),
            Name=name,
            Description=f"Leave {home} for {region}, or the other way round.",
            ExecutionRole=GetAtt(runner, "Arn"),
            RecoveryApproach="activeActive",
            RecoveryTimeObjectiveMinutes=option.recovery_minutes,
            Regions=[home, region],
            AssociatedAlarms=_alarms(draft, pair),
            Workflows=[
                workflow(draft, each)
                for each in (pair, (region, home))
                for workflow in (_deactivate, _activate)
            ],
            Tags={"Name": name},
        )
    )


def _alarms(draft: Draft, pair: Pair) -> dict[str, AssociatedAlarm]:
    """ARC measures until they are quiet: that is the recovery time."""
    return {
        f"{name}-{region}": AssociatedAlarm(AlarmType="applicationHealth", ResourceIdentifier=arn)
        for region in pair
        for name, arn in _health(draft, region).items()
    }


def _health(draft: Draft, region: str) -> dict[str, Expression]:
    return {name: draft.need(monitoring.SYMPTOM_ALARM_ARNS[name], region) for name in HEALTH}


def _deactivate(draft: Draft, pair: Pair) -> Workflow:
    leaving, staying = pair
    return Workflow(
        WorkflowTargetAction="deactivate",
        WorkflowTargetRegion=leaving,
        WorkflowDescription=f"Users of {leaving} go to {staying}, or to whichever is near.",
        Steps=list(_steps(draft, pair, f"evacuate-{leaving}")),
    )


def _activate(draft: Draft, pair: Pair) -> Workflow:
    return Workflow(
        WorkflowTargetAction="activate",
        WorkflowTargetRegion=pair[0],
        WorkflowDescription=f"{pair[0]} serves its users again.",
        Steps=list(_steps(draft, pair, "restore")),
    )


def _steps(draft: Draft, pair: Pair, purpose: str) -> Iterator[Step]:
    """Users come last: to servers that are there, and to a database that takes writes nearby."""
    yield steps.capacity(draft, pair)
    if draft.settings.aurora and pair[0] == draft.settings.home_region:
        yield steps.database(draft.settings, pair)
    yield steps.switch(draft.settings, purpose, pair)


LAYER = Layer(
    name="region_switch",
    step="",
    purpose="ARC plans that take a Region out of service and back",
    scope=Scope.HOME,
    fill=fill,
    after=("regional", "health_check"),
    wanted=lambda settings: settings.region_switch is not None,
)
