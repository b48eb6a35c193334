"""What pydantic found → messages for whoever wrote the file.

Imported only when there is a fault. What is allowed is read from the model's own JSON schema, so a
message cannot disagree with the check. One fault, one message: what was found, what is allowed.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.settings.model import Settings
from generator.settings.regions import EDGE_REGION
from generator.settings.scalars import short
from generator.settings.source import STAND_IN, Location, Place, Source

Schema = dict[str, Any]


def explain(error: ValidationError, source: Source) -> None:
    """Record a fault for each of pydantic's errors that YAML's own faults do not explain."""
    for details in sorted(error.errors(include_url=False), key=_unknown_keys_first):
        at = _location(details)
        if not any(at[: len(faulty)] == faulty for faulty in source.faulty):
            _add(details, at, source)


def remainder(source: Source) -> Settings | None:
    """The settings without what is faulty: defaults in its stead, stand-ins where there is none."""
    data: object = source.data
    for fault in sorted(source.faulty, key=_last_first, reverse=True):
        data = _without(data, fault)
    for _ in range(8):  # what is taken out can leave its surroundings incomplete
        try:
            return Settings.model_validate(_with_stand_ins(data))
        except ValidationError as error:
            gaps = {_gap(details) for details in error.errors(include_url=False)}
        source.faulty |= gaps
        for gap in sorted(gaps, key=_last_first, reverse=True):
            data = _without(data, gap)
    return None


def _unknown_keys_first(details: ErrorDetails) -> bool:
    """A misspelt key explains why the right one is missing, so it has to be known first."""
    return details["type"] != "extra_forbidden"


def _add(details: ErrorDetails, at: Location, source: Source) -> None:
    if details["type"] == "extra_forbidden":
        problem, remedy, near = _unknown_key(at)
        source.add_fault(at, problem, remedy, source.place(at, prefer_key=True))
        meant = (*at[:-1], near) if near else at
        if meant not in source.keys:  # the misspelt key's default must not make a second fault
            source.faulty.add(meant)
        return
    schema = _schema_at(at)
    if details["type"] == "missing":
        place = source.place(at[:-1], prefer_key=True)
        source.add_fault(at, "this key is missing", _remedy(schema), place)
        return
    of_a_key = details["loc"] != at
    place, found = source.place(at, prefer_key=of_a_key), details["input"]
    remedy = _remedy(schema, _hint(found, schema, place))
    source.add_fault(at, _found(found, details["type"], place), remedy, place)


def _unknown_key(at: Location) -> tuple[str, str, str | None]:
    valid = sorted(_schema_at(at[:-1]).get("properties", {}))
    near = get_close_matches(str(at[-1]), valid, 1)
    if near:
        return "there is no such key", f"Did you mean {near[0]}?", near[0]
    return "there is no such key", f"Keys here: {', '.join(valid)}.", None


def _found(value: object, kind: str, place: Place) -> str:
    if kind in ("too_long", "too_short") and isinstance(value, list | dict):
        return f"found {len(value)} items"
    if kind == "string_too_long" and isinstance(value, str):
        return f'found a text of {len(value)} characters, "{short(value)}"'
    if isinstance(value, bool) and place.plain not in (None, "true", "false"):
        return f"found {place.plain}, which YAML reads as {str(value).lower()}"
    return f"found {_value(value)}"


def _value(value: object) -> str:
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {short(str(value))}"
        case str():
            return f'text "{short(value)}"'
        case list():
            return "a list"
        case _:
            return "a mapping of keys to values"


def _remedy(schema: Schema, hint: str = "") -> str:
    description = schema.get("description", "").partition("\n")[0]
    return " ".join(filter(None, (f"Allowed: {allowed(schema)}.", hint, description)))


def allowed(schema: Schema) -> str:
    """What a part of the schema allows, in words."""
    if "enum" in schema:
        return "one of " + ", ".join(str(choice) for choice in schema["enum"])
    match schema.get("type"):
        case "integer":
            return f"a whole number {_range(schema)}"
        case "number":
            return f"a number {_range(schema)}"
        case "boolean":
            return "true or false"
        case "array":
            return f"a list of {schema.get('minItems', 0)} to {schema['maxItems']} items"
        case "object":
            return "a section, that is keys on indented lines of their own"
        case _:
            return _text(schema)


def _range(schema: Schema) -> str:
    if "minimum" in schema:
        return f"from {schema['minimum']} to {schema['maximum']}"
    return f"above {schema['exclusiveMinimum']} and up to {schema['maximum']}"


def _text(schema: Schema) -> str:
    words = ["text"]
    if "maxLength" in schema:
        low = f"{schema['minLength']} to" if "minLength" in schema else "up to"
        words.append(f"of {low} {schema['maxLength']} characters")
    if "examples" in schema:
        words.append(f"such as {schema['examples'][0]}")
    return " ".join(words)


def _hint(found: object, schema: Schema, place: Place) -> str:
    kind = schema.get("type")
    if found is None:
        return "Leave the key out for its default."
    if isinstance(found, str) and kind in ("integer", "number", "boolean"):
        return "Write it without quotes." if place.plain is None else ""
    if kind == "string" and place.plain and not isinstance(found, str):
        return f'Quote it to make it text: "{short(place.plain)}".'
    return ""


@cache
def _whole_schema() -> Schema:
    return Settings.model_json_schema()


def _schema_at(at: Location) -> Schema:
    """The part of the JSON schema that governs `at`; empty where nothing does."""
    node = _resolved(_whole_schema())
    for part in at:
        if isinstance(part, int):
            node = _resolved(node.get("items", {}))
        else:
            others = node.get("additionalProperties") or {}
            node = _resolved(node.get("properties", {}).get(part, others))
    return node


def _resolved(node: Schema) -> Schema:
    """Follow `$ref` and drop the null of an optional value; the description nearest wins."""
    outer = {key: node[key] for key in ("description", "examples") if key in node}
    for choice in node.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice) | outer
    if "$ref" in node:
        definition: Schema = _whole_schema()["$defs"][node["$ref"].rpartition("/")[2]]
        return _resolved(definition) | outer
    return node


def _location(details: ErrorDetails) -> Location:
    """Pydantic's place, without the words it adds for the key of a mapping."""
    at = details["loc"]
    return at[:-2] + at[-2:-1] if at[-1:] == ("[key]",) else at


def _gap(details: ErrorDetails) -> Location:
    """What has to go: the value itself, or what lacks a key that it needs."""
    at = _location(details)
    return at[:-1] if details["type"] == "missing" and len(at) > 1 else at


def _last_first(at: Location) -> list[tuple[bool, str | int]]:
    return [(isinstance(part, int), part) for part in at]


def _without(data: object, at: Location) -> object:
    """A copy of `data` that lacks what is at `at`."""
    if isinstance(data, dict) and at:
        rest = {at[0]: _without(data[at[0]], at[1:])} if at[0] in data and at[1:] else {}
        return {key: value for key, value in data.items() if key != at[0]} | rest
    if isinstance(data, list) and at and isinstance(at[0], int):
        rest_items = [_without(item, at[1:]) for item in data[at[0] : at[0] + 1] if at[1:]]
        return [*data[: at[0]], *rest_items, *data[at[0] + 1 :]]
    return data


def _with_stand_ins(data: object) -> object:
    """Required keys that are faulty, so that the rest can be examined."""
    if not isinstance(data, dict):
        return data
    regions = data.get("regions") or [{"name": data.get("home_region", EDGE_REGION)}]
    first = regions[0].get("name", EDGE_REGION) if isinstance(regions[0], dict) else EDGE_REGION
    return {"environment": STAND_IN, "home_region": first, **data, "regions": regions}
