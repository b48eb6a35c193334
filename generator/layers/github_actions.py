"""GitHub Actions: Roles that GitHub Actions takes by OpenID Connect."""

from __future__ import annotations

from generator.layers.draft import Draft, Layer, Scope


def fill(draft: Draft) -> None:
    """To be filled."""


LAYER = Layer(
    name="github_actions",
    step="",
    purpose="Roles that GitHub Actions takes by OpenID Connect",
    scope=Scope.HOME,
    fill=fill,
    after=("foundation",),
    wanted=lambda settings: settings.github_actions is not None,
)
