"""Stack sets by an organization: what can't be done is refused before anything is."""

from __future__ import annotations

from generator.deploy.release import Kind, Release, Unit
from generator.deploy.world import World
from generator.errors import Refused


def refuse_another_reach(release: Release, world: World) -> None:
    """Raise Refused where a set stands with other permissions, or can't reach this account.

    CloudFormation changes the permission model of an empty set only.
    """
    words = [
        *(_of_another_model(unit, world) for unit in release.units if unit.kind is Kind.STACK_SET),
        *(_out_of_reach(unit, world) for unit in release.units if unit.reach),
    ]
    found = [each for each in words if each]
    if found:
        raise Refused(
            "\n".join([f"{release.environment}: organization can't be followed:", *found])
        )


def _of_another_model(unit: Unit, world: World) -> str:
    standing = world.sets.get(unit.name)
    if standing is None or standing.service_managed is bool(unit.reach):
        return ""
    stands = "service-managed" if standing.service_managed else "self-managed"
    return (
        f"  stack set {unit.name} stands {stands}, and can't become the other with its instances\n"
        "    leave organization as it was, or remove the set's layer first, in a rollout of its own"
    )


def _out_of_reach(unit: Unit, world: World) -> str:
    assert unit.reach is not None
    if unit.reach.everyone or world.account in world.accounts:
        return ""
    units = ", ".join(unit.reach.units)
    return (
        f"  account {world.account} is not under {units}, so {unit.name} would reach nothing\n"
        "    name its organizational unit too"
    )
