"""What pydantic found → messages for whoever wrote the file.

Imported only when there is a fault. What is allowed is read from the model's own JSON schema, so a
message cannot disagree with the check. One fault, one message: what was found, what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generator.settings.model import Settings
from generator.settings.parts import RELATION, Part, Schema, part_at, tag_of
from generator.settings.regions import EDGE_REGION
from generator.settings.scalars import short
from generator.settings.source import STAND_IN, Location, Place, Source


def explain(error: ValidationError, source: Source, model: type[BaseModel] = Settings) -> None:
    """Record a fault for each of pydantic's errors that YAML's own faults do not explain."""
    for details in sorted(error.errors(include_url=False), key=_unknown_keys_first):
        part = part_at(model, _location(details))
        if not any(part.at[: len(faulty)] == faulty for faulty in source.faulty):
            _add(details, part, source, model)


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


def _add(details: ErrorDetails, part: Part, source: Source, model: type[BaseModel]) -> None:
    match details["type"]:
        case "extra_forbidden":
            around = part_at(model, _location(details)[:-1])
            _add_unknown_key(part.at, around.schema, source)
        case "missing":
            _add_missing(part, source)
        case "union_tag_not_found":
            _add_missing(tag_of(part), source)
        case "union_tag_invalid":
            tag, data = tag_of(part), details["input"]
            _add_value(tag, data[tag.at[-1]], details, source)
        case kind if kind == RELATION:
            _add_relation(part.at, details["ctx"], source)
        case _:
            _add_value(part, details["input"], details, source)


def _add_unknown_key(at: Location, around: Schema, source: Source) -> None:
    problem, remedy, near = _unknown_key(at, around)
    source.add_fault(at, problem, remedy, source.place(at, prefer_key=True))
    meant = (*at[:-1], near) if near else at
    if meant not in source.keys:  # the misspelt key's default must not make a second fault
        source.faulty.add(meant)


def _add_missing(part: Part, source: Source) -> None:
    place = source.place(part.at[:-1], prefer_key=True)
    source.add_fault(part.at, "this key is missing", _remedy(part.schema), place)


def _add_value(part: Part, found: object, details: ErrorDetails, source: Source) -> None:
    place = source.place(part.at, prefer_key=_is_of_a_key(details))
    remedy = _remedy(part.schema, _hint(found, part.schema, place))
    source.add_fault(part.at, _found(found, details["type"], place), remedy, place)


def _add_relation(at: Location, context: Mapping[str, str], source: Source) -> None:
    at = (*at, context["key"]) if context["key"] else at
    source.add_fault(at, context["problem"], context["remedy"], source.place(at))


def _unknown_key(at: Location, around: Schema) -> tuple[str, str, str | None]:
    valid = sorted(around.get("properties", {}))
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
    match schema.get("type", "object" if "discriminator" in schema else "string"):
        case "integer":
            return f"a whole number {_range(schema)}"
        case "number":
            return f"a number {_range(schema)}"
        case "boolean":
            return "true or false"
        case "array":
            least, most = schema.get("minItems", 0), schema["maxItems"]
            return (
                f"a list of {least} items"
                if least == most
                else f"a list of {least} to {most} items"
            )
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


def _location(details: ErrorDetails) -> Location:
    """Pydantic's place, without the words it adds for the key of a mapping."""
    return details["loc"][:-1] if _is_of_a_key(details) else details["loc"]


def _is_of_a_key(details: ErrorDetails) -> bool:
    return details["loc"][-1:] == ("[key]",)


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
