"""Values in which something is left for AWS to work out: one normal form, and questions to it.

A value is text, a list, a mapping, or a function: a mapping with the one key Ref or Fn::….
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Reference(NamedTuple):
    """What a value takes from another resource; `attribute` is empty for a Ref."""

    name: str
    attribute: str


def references(value: Any) -> Iterator[Reference]:
    """Everything that a value takes from resources."""
    match value:
        case {"Ref": str(name), **rest} if not rest:
            yield Reference(name, "")
        case {"Fn::GetAtt": [str(name), str(attribute)], **rest} if not rest:
            yield Reference(name, attribute)
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def is_known(value: Any) -> bool:
    """Whether nothing in it is left for AWS to work out."""
    match value:
        case dict():
            asks = len(value) == 1 and is_function(next(iter(value)))
            return not asks and all(map(is_known, value.values()))
        case list():
            return all(map(is_known, value))
        case _:
            return True


def ending(value: Any) -> str:
    """The text that a value surely ends in; empty where that is not known."""
    match value:
        case str():
            return value
        case {"Fn::Join": ["", [*_, str(last)]]}:
            return last
        case _:
            return ""


def is_function(key: str) -> bool:
    """Whether a mapping with this one key is a function."""
    return key == "Ref" or key.startswith("Fn::")


def join(delimiter: str, parts: Any) -> Any:
    """Parts with a delimiter between them."""
    if not isinstance(parts, list):
        return {"Fn::Join": [delimiter, parts]}
    between = [piece for part in parts for piece in (delimiter, part)][1:]
    return joined(between)


def joined(parts: Iterable[Any]) -> Any:
    """Parts as one text, or as one Join of texts and what is not known."""
    merged: list[Any] = [""]
    for part in _flat(parts):
        if isinstance(part, str) and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    kept = [part for part in merged if part != ""]
    if len(kept) > 1:
        return {"Fn::Join": ["", kept]}
    return kept[0] if kept else ""


def _flat(parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        match part:
            case {"Fn::Join": ["", list(inner)]}:
                yield from inner
            case _:
                yield part


def select(index: Any, options: Any) -> Any:
    """One of a list, counted from 0."""
    if isinstance(options, list) and isinstance(index, str) and index.isdigit():
        number = int(index)
        if number < len(options):
            return options[number]
    return {"Fn::Select": [index, options]}


def split(delimiter: str, text: Any) -> Any:
    """A text as a list."""
    return text.split(delimiter) if isinstance(text, str) else {"Fn::Split": [delimiter, text]}
