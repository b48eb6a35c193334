"""The part of a model's JSON schema that governs a place in a file.

What is allowed is read from there, so that a message cannot disagree with the check.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from generator.settings.source import Location

Schema = dict[str, Any]
RELATION = "relation"


class Part(NamedTuple):
    """A place as the file has it, and what governs it: nothing, where the model has no such key."""

    at: Location
    schema: Schema


def broken(key: str, problem: str, remedy: str) -> PydanticCustomError:
    """What a section's validator raises where its values do not go together.

    `key` is the value that is blamed, one of the section's; empty for the section itself.
    """
    context = {"key": key, "problem": problem, "remedy": remedy}
    return PydanticCustomError(RELATION, "{problem}", context)


def part_at(model: type[BaseModel], location: Location) -> Part:
    """The part at pydantic's `location`, which has a union's tag in it where the file has none."""
    at: Location = ()
    node = _resolved(model, _whole(model))
    for step in location:
        if "discriminator" in node:
            node = _resolved(model, _choice(node, step))
            continue
        at = (*at, step)
        node = _resolved(model, _inside(node, step))
    return Part(at, node)


def tag_of(part: Part) -> Part:
    """The key that says which of a union is meant, and its choices."""
    union = part.schema["discriminator"]
    key: str = union["propertyName"]
    return Part((*part.at, key), {"enum": list(union["mapping"])})


@cache
def _whole(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def _inside(node: Schema, step: str | int) -> Schema:
    if isinstance(step, int):
        items: Schema = node.get("items", {})
        return items
    others = node.get("additionalProperties") or {}
    found: Schema = node.get("properties", {}).get(step, others)
    return found


def _choice(union: Schema, tag: str | int) -> Schema:
    return {"$ref": union["discriminator"]["mapping"][tag]}


def _resolved(model: type[BaseModel], node: Schema) -> Schema:
    """Follow `$ref` and drop the null of an optional value; the description nearest wins."""
    outer = {key: node[key] for key in ("description", "examples") if key in node}
    for choice in node.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(model, choice) | outer
    if "$ref" in node:
        definition: Schema = _whole(model)["$defs"][node["$ref"].rpartition("/")[2]]
        return _resolved(model, definition) | outer
    return node
