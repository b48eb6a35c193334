"""The whole platform on one page: every layer and stack set, where it stands, in rollout order.

Parents, Parameters, Outputs, exports and imports are not here: `generator.wiring` derives them from
what each layer needs and offers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from generator import wiring
from generator.layers import (
    aurora,
    cache,
    chaos,
    compute,
    database,
    database_key,
    database_replica,
    dns,
    edge,
    foundation,
    github_actions,
    global_monitoring,
    health_check,
    load_balancer,
    load_generator,
    monitoring,
    network,
    pipeline,
    region_switch,
    root,
    scaling,
    schedule,
    security,
    storage,
    switch_functions,
)
from generator.layers.draft import Draft, Layer, Scope
from generator.settings.model import Settings

LAYERS: tuple[Layer, ...] = (
    # What everything else stands on: a bucket in every Region, roles, hosted zone, origin secret.
    storage.LAYER,
    foundation.LAYER,
    # Who may roll it out without a person at a keyboard.
    github_actions.LAYER,
    pipeline.LAYER,
    # 06: the key, its replicas (a stack set), then the table, which needs a key in every Region.
    database_key.LAYER,
    database_replica.LAYER,
    database.LAYER,
    # 01-05 and 09-11: the root of a Region and what it nests.
    root.LAYER,
    network.LAYER,
    security.LAYER,
    load_balancer.LAYER,
    compute.LAYER,
    cache.LAYER,
    aurora.LAYER,
    monitoring.LAYER,
    scaling.LAYER,
    schedule.LAYER,
    chaos.LAYER,
    switch_functions.LAYER,
    # 07, 08 and the world's part of 09: health checks (a stack set), then us-east-1.
    health_check.LAYER,
    edge.LAYER,
    dns.LAYER,
    global_monitoring.LAYER,
    # What drills and loads the platform once it stands.
    region_switch.LAYER,
    load_generator.LAYER,
)


class Platform(NamedTuple):
    """All drafts of one environment, in rollout order, connected but for the root's children."""

    settings: Settings
    drafts: tuple[Draft, ...]

    @property
    def nested(self) -> tuple[Draft, ...]:
        """The regional layers, which the root holds."""
        return tuple(d for d in self.drafts if d.layer.scope is Scope.REGIONAL)

    @property
    def top(self) -> tuple[Draft, ...]:
        """The stacks and stack sets that a rollout creates itself."""
        return tuple(d for d in self.drafts if d.layer.scope is not Scope.REGIONAL)


def draft_platform(settings: Settings) -> Platform:
    """Fill and connect every layer that these settings ask for."""
    drafts = tuple(
        _filled(layer, settings)
        for layer in LAYERS
        if layer.wanted(settings) and layer.scope.regions(settings)
    )
    wiring.connect(drafts)
    return Platform(settings, drafts)


def _filled(layer: Layer, settings: Settings) -> Draft:
    draft = Draft(layer, settings)
    draft.template.set_description(f"{settings.prefix}: {layer.purpose}")
    layer.fill(draft)
    return draft


def nest_regional(platform: Platform, files: Mapping[str, str]) -> Draft:
    """The root of a Region over templates of these file names, as a draft of its own."""
    holder = _filled(root.LAYER, platform.settings)
    outsiders = [draft for draft in platform.top if draft.layer is not root.LAYER]
    wiring.nest(holder, platform.nested, outsiders, files)
    return holder
