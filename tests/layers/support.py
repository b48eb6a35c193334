"""What the tests of all layers share: settings to start from, and a layer's template as data."""

from __future__ import annotations

import json
from typing import Any

from generator.layers.draft import Draft, Layer
from generator.settings.model import Domain, Region, Settings

REGIONS = ("ap-northeast-2", "us-east-1", "eu-west-1")


def settings(**changes: Any) -> Settings:
    """Three Regions behind an edge and a domain of their own; `changes` replace whole keys."""
    usual: dict[str, Any] = {
        "environment": "test",
        "home_region": REGIONS[0],
        "regions": [Region(name=name) for name in REGIONS],
        "domain": Domain(name="example.com"),
    }
    return Settings(**(usual | changes))


def over(*names: str, **changes: Any) -> Settings:
    """The same over other Regions, the first of them home."""
    regions = [Region(name=name) for name in names]
    return settings(home_region=names[0], regions=regions, **changes)


def drafted(layer: Layer, chosen: Settings) -> Draft:
    """One layer alone, filled: for its needs, offers and tunables."""
    draft = Draft(layer, chosen)
    layer.fill(draft)
    return draft


def filled(layer: Layer, chosen: Settings) -> dict[str, Any]:
    """One layer's template as plain data."""
    template: dict[str, Any] = json.loads(drafted(layer, chosen).template.to_json())
    return template
