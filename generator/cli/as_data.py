"""Results as JSON, for `--json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def as_json(value: object) -> str:
    """Named tuples become objects, with their own field names."""
    return json.dumps(_data(value), indent=1, ensure_ascii=False)


def _data(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(key): _data(inner) for key, inner in value.items()}
        case tuple() if hasattr(value, "_asdict"):
            return _data(value._asdict())
        case list() | tuple():
            return [_data(inner) for inner in value]
        case _:
            return value
