"""How a rollout goes over the Regions."""

from __future__ import annotations

from pydantic import Field

from generator.settings.kinds import Section


class Rollout(Section):
    """How a change of the regional stacks spreads: home first, then the others in waves."""

    regions_at_once: int = Field(
        2,
        ge=1,
        le=10,
        description="Regions of one wave (count), after the home Region, which goes alone.",
    )
    bake_minutes: int = Field(
        10,
        ge=0,
        le=180,
        description="Minutes between waves of an update, in which an alarm that says that users "
        "are hurt rolls the wave back; 10 is two of its evaluations. A first rollout has no users, "
        "and does not wait.",
    )
