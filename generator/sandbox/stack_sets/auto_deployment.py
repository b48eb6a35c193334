"""Automatic deployment: a service-managed set follows the accounts of its organizational units.

An account that comes under a unit gets its instances, one that leaves loses them (their stacks too,
unless they are to be retained): each as an operation of the set, behind those that run.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generator.sandbox import seams
from generator.sandbox.stack_sets import answers, operations, organization, store
from generator.sandbox.stack_sets.faults import Fault
from generator.sandbox.stack_sets.protocol import Request, Result
from generator.sandbox.stack_sets.records import Action, StackSet, Target, new_id


def follow(stack_set: StackSet, action: Action, request: Request) -> None:
    """Instances of units are created or deleted: the set follows these units from now on, or no
    longer."""
    units = {unit: list(regions) for unit, regions in stack_set.units.items()}
    for unit in request.get("DeploymentTargets", {}).get("OrganizationalUnitIds", []):
        before = units.pop(unit, [])
        others = [region for region in before if region not in request["Regions"]]
        after = others if action == "DELETE" else others + request["Regions"]
        units |= {unit: after} if after else {}
    store.put_set(replace(stack_set, units=units))


def notice() -> None:
    """The organization's accounts have changed: let every set that follows them catch up."""
    for region in store.regions():
        with seams.scope(seams.current_account(), region):
            for stack_set in store.all_sets():
                deployment = stack_set.auto_deployment or {}
                if stack_set.status == "ACTIVE" and deployment.get("Enabled"):
                    _catch_up(stack_set, bool(deployment.get("RetainStacksOnAccountRemoval")))


def _catch_up(stack_set: StackSet, retain: bool) -> None:
    wanted = _wanted(stack_set)
    places = {(each.account, each.region) for each in wanted}
    standing = store.instances(stack_set)
    come = [
        each
        for each in wanted
        if store.find_instance(stack_set.id, each.account, each.region) is None
    ]
    gone = [
        Target(each.account, each.region, each.unit)
        for each in standing
        if each.unit in stack_set.units and (each.account, each.region) not in places
    ]
    if come:
        _begin(stack_set, "CREATE", come, {})
    if gone:
        _begin(stack_set, "DELETE", gone, {"RetainStacks": retain})


def _wanted(stack_set: StackSet) -> list[Target]:
    """Where the set's instances belong; a unit that was deleted has no accounts any more."""
    found: list[Target] = []
    for unit, regions in stack_set.units.items():
        try:
            accounts = organization.accounts({"OrganizationalUnitIds": [unit]})
        except Fault:
            accounts = {}
        found += [Target(each, region, unit) for region in regions for each in accounts]
    return found


def _begin(stack_set: StackSet, action: Action, chosen: Sequence[Target], request: Request) -> None:
    operation_id = new_id()
    status = operations.status_of_new(replace(stack_set, managed_execution=True))
    if action == "CREATE":
        store.reserve(stack_set, chosen, operation_id)
    operations.begin(stack_set, action, operation_id, status, request, chosen)


def list_targets(request: Request) -> Result:
    """ListStackSetAutoDeploymentTargets"""
    stack_set = store.active_set(request["StackSetName"])
    found = [
        {"OrganizationalUnitId": unit, "Regions": regions}
        for unit, regions in stack_set.units.items()
    ]
    return answers.page("ListStackSetAutoDeploymentTargets", found, request)
