"""The JSON schema of a settings file, for editors: completion, ranges and texts while typing.

Written to parameters/settings.schema.json. The loader stays the judge: relations between fields
are beyond a schema.
"""

from __future__ import annotations

import json
from typing import Any

from generator.settings.model import Settings
from generator.settings.regions import REGIONS

Schema = dict[str, Any]
SCHEMA_FILE = "settings.schema.json"


def schema_text() -> str:
    """The schema as the text of its file; the same for the same model."""
    schema = _without_titles(Settings.model_json_schema())
    _name_regions(schema)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of one environment of the platform",
    }
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


def _without_titles(node: Any) -> Any:
    """Pydantic repeats each key as a title, which editors show and nobody needs."""
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    # A title that is a mapping is a key called "title", not a title.
    return {
        key: _without_titles(value)
        for key, value in node.items()
        if key != "title" or isinstance(value, dict)
    }


def _name_regions(schema: Schema) -> None:
    """Offer the Regions by name where the model has but a pattern."""
    for properties, key in (
        (schema["properties"], "home_region"),
        (schema["$defs"]["Region"]["properties"], "name"),
    ):
        field = properties[key]
        del field["pattern"], field["examples"]
        properties[key] = field | {"enum": sorted(REGIONS)}
