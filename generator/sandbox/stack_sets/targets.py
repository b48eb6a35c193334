"""Which accounts and Regions a request means.

Self-managed sets name accounts; service-managed ones name organizational units, whose accounts the
emulator's own Organizations service knows.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import chain, product

import botocore.session

from generator.sandbox.stack_sets import organization, preferences, store
from generator.sandbox.stack_sets.faults import invalid
from generator.sandbox.stack_sets.protocol import Request
from generator.sandbox.stack_sets.records import Instance, StackSet, Target


def check(request: Request) -> None:
    """What every action looks at first. Raises Fault for preferences that contradict themselves."""
    preferences.check(request.get("OperationPreferences", {}))


def of_create(stack_set: StackSet, request: Request) -> list[Target]:
    """Every account that the request means, in every Region of it."""
    _check(stack_set, request)
    if stack_set.permissions == "SELF_MANAGED":
        accounts: dict[str, str | None] = dict.fromkeys(request["Accounts"])
        return _everywhere(accounts, request["Regions"])
    wanted = request["DeploymentTargets"]
    if organization.filter_of(wanted) == "UNION":
        raise invalid("AccountFilterType UNION is not supported for CreateStackInstances")
    return _everywhere(organization.accounts(wanted), request["Regions"])


def of_standing(stack_set: StackSet, request: Request) -> list[Target]:
    """The instances that the request means. Raises Fault where it names an account and Region
    that has none."""
    _check(stack_set, request)
    if stack_set.permissions == "SELF_MANAGED":
        named = dict.fromkeys(product(request["Accounts"], request["Regions"]))
        found = [store.instance(stack_set, *place) for place in named]
    else:
        found = _under(stack_set, request)
    return [_target(instance) for instance in found]


def of_delete(stack_set: StackSet, request: Request) -> list[Target]:
    """The instances that the request means, of those that stand."""
    _check(stack_set, request)
    if stack_set.permissions == "SERVICE_MANAGED":
        return [_target(instance) for instance in _under(stack_set, request)]
    return [
        _target(instance)
        for instance in store.instances(stack_set)
        if instance.account in request["Accounts"] and instance.region in request["Regions"]
    ]


def of_update(stack_set: StackSet, request: Request) -> list[Target]:
    """Of UpdateStackSet: all instances, or those that the request names. INOPERABLE ones are
    left out: only deleting helps them."""
    named = [name for name in ("Accounts", "DeploymentTargets", "Regions") if name in request]
    if named:
        if "AutoDeployment" in request:
            raise invalid(f"Specify AutoDeployment or {', '.join(named)}, but not both")
        if "Regions" not in named or len(named) == 1:
            raise invalid("Specify accounts (or DeploymentTargets) together with Regions")
        chosen = of_standing(stack_set, request)
    else:
        chosen = [_target(instance) for instance in store.instances(stack_set)]
    return [each for each in chosen if not _is_inoperable(stack_set, each)]


def _is_inoperable(stack_set: StackSet, target: Target) -> bool:
    found = store.find_instance(stack_set.id, target.account, target.region)
    return found is not None and found.status == "INOPERABLE"


def _check(stack_set: StackSet, request: Request) -> None:
    own, other = "Accounts", "DeploymentTargets"
    if stack_set.permissions == "SERVICE_MANAGED":
        own, other = other, own
    if request.get(other):
        raise invalid(f"{other} can't be specified with {stack_set.permissions} permissions")
    if not (request.get(own) and request.get("Regions")):
        raise invalid(f"{own} and Regions must each have at least one value")
    unknown = sorted(set(request["Regions"]) - _regions())
    if unknown:
        raise invalid(f"Regions that CloudFormation is not in: {', '.join(unknown)}")


@cache
def _regions() -> frozenset[str]:
    """The Regions of every partition, as botocore knows them."""
    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    found = (session.get_available_regions("cloudformation", each) for each in partitions)
    return frozenset(chain.from_iterable(found))


def _everywhere(accounts: dict[str, str | None], regions: Iterable[str]) -> list[Target]:
    return [
        Target(account, region, unit)
        for region in dict.fromkeys(regions)
        for account, unit in accounts.items()
    ]


def _under(stack_set: StackSet, request: Request) -> list[Instance]:
    """The instances of a service-managed set that DeploymentTargets and Regions mean: those of the
    accounts that are there now, and those that a unit brought before its account left."""
    wanted = request["DeploymentTargets"]
    accounts = organization.accounts(wanted)
    return [
        instance
        for instance in store.instances(stack_set)
        if instance.region in request["Regions"]
        and (instance.account in accounts or organization.has_left(instance, wanted))
    ]


def _target(instance: Instance) -> Target:
    return Target(instance.account, instance.region, instance.unit)
