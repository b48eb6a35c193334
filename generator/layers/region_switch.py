"""Region switch: ARC plan that takes a Region out of service and back."""

from __future__ import annotations

from generator.layers.draft import Draft, Layer, Scope


def fill(draft: Draft) -> None:
    """To be filled."""


LAYER = Layer(
    name="region_switch",
    step="",
    purpose="ARC plan that takes a Region out of service and back",
    scope=Scope.HOME,
    fill=fill,
    after=("regional", "health_check"),
    wanted=lambda settings: settings.region_switch is not None,
)
