"""Aurora: PostgreSQL beside the tables: one global database over the Regions."""

from __future__ import annotations

from generator.layers.draft import Draft, Layer, Scope


def fill(draft: Draft) -> None:
    """To be filled."""


LAYER = Layer(
    name="aurora",
    step="",
    purpose="PostgreSQL beside the tables: one global database over the Regions",
    scope=Scope.REGIONAL,
    fill=fill,
    after=(),
    wanted=lambda settings: settings.aurora is not None,
)
