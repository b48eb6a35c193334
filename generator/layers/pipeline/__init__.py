"""Pipeline: CodePipeline that builds once and promotes the build."""

from __future__ import annotations

from generator.layers.draft import Draft, Layer, Scope


def fill(draft: Draft) -> None:
    """To be filled."""


LAYER = Layer(
    name="pipeline",
    step="",
    purpose="CodePipeline that builds once and promotes the build",
    scope=Scope.HOME,
    fill=fill,
    after=("storage", "foundation"),
    wanted=lambda settings: settings.pipeline is not None,
)
