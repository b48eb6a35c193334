"""Chaos: Fault injection experiments, each stopped by the critical alarm."""

from __future__ import annotations

from generator.layers.draft import Draft, Layer, Scope


def fill(draft: Draft) -> None:
    """To be filled."""


LAYER = Layer(
    name="chaos",
    step="",
    purpose="Fault injection experiments, each stopped by the critical alarm",
    scope=Scope.REGIONAL,
    fill=fill,
    after=(),
    wanted=lambda settings: settings.chaos is not None,
)
