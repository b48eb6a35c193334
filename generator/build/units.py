"""The stacks and stack sets that a rollout makes itself, derived from what was drafted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from generator import wiring
from generator.blueprint import Platform
from generator.layers.draft import Draft, Layer, Scope
from generator.wiring import Carried, Given, Source


class Unit(NamedTuple):
    """A stack or stack set that a rollout makes itself, and where its Parameters come from."""

    layer: Layer
    regions: tuple[str, ...]
    after: tuple[str, ...]
    sources: Mapping[str, Source]
    published: tuple[str, ...]
    """Outputs that are for people and tools, whether or not a stack uses them."""

    @property
    def given(self) -> dict[str, Given]:
        """Parameters whose values the settings gave."""
        return {name: s for name, s in self.sources.items() if isinstance(s, Given)}

    @property
    def carried(self) -> dict[str, Carried]:
        """Parameters whose values other stacks' outputs give."""
        return {name: s for name, s in self.sources.items() if isinstance(s, Carried)}


def units_of(platform: Platform) -> tuple[Unit, ...]:
    """All of them, in rollout order."""
    producers = wiring.find_producers(platform.drafts)
    names = {draft.layer.name for draft in platform.top}
    units = []
    for draft in platform.top:
        children = platform.nested if draft.layer.scope is Scope.ROOT else ()
        sources = wiring.sources(draft, children, producers)
        after = _after(draft, children, sources, producers) & names
        ordered = tuple(d.layer.name for d in platform.top if d.layer.name in after)
        regions = draft.layer.scope.regions(platform.settings)
        published = _published((draft, *children))
        units.append(Unit(draft.layer, regions, ordered, sources, published))
    return tuple(units)


def _published(drafts: tuple[Draft, ...]) -> tuple[str, ...]:
    offers = [offer for draft in drafts for offer, _ in draft.offers.values()]
    return tuple(offer.name for offer in offers if offer.published)


def _after(
    draft: Draft,
    children: tuple[Draft, ...],
    sources: Mapping[str, Source],
    producers: Mapping[str, Draft],
) -> set[str]:
    """What must stand first: named by the layer, carried from, or imported from."""
    named = {name for layer in (draft, *children) for name in layer.layer.after}
    carried = {source.layer for source in sources.values() if isinstance(source, Carried)}
    imported = {producers[name].layer.name for name in draft.imports}
    return (named | carried | imported) - {draft.layer.name}
