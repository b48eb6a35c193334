"""Load generators: Locust master and workers that load the platform from outside."""

from __future__ import annotations

from generator.layers.draft import Draft, Layer, Scope


def fill(draft: Draft) -> None:
    """To be filled."""


LAYER = Layer(
    name="load_generator",
    step="",
    purpose="Locust master and workers that load the platform from outside",
    scope=Scope.GENERATORS,
    fill=fill,
    after=("storage", "foundation"),
    wanted=lambda settings: settings.load_generator is not None,
)
