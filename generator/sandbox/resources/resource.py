"""What provisions one resource type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Properties = dict[str, Any]
"""Resolved properties: no intrinsic function is left in them."""
Attributes = dict[str, Any]
"""What Fn::GetAtt answers; Ref answers the physical id."""
Made = tuple[str, Attributes]
"""Physical id and attributes."""


class Resource(NamedTuple):
    """One resource type: each function runs on a worker thread and raises ValueError to fail."""

    create: Callable[[str, Properties, str], Made]
    """(logical id, properties, stack name)"""
    delete: Callable[[str, Properties], None]
    """(physical id, properties); what is gone already is no error"""
    update: Callable[[str, Properties, Properties, str], Made] | None = None
    """(physical id, old properties, new properties, stack name); None: every change replaces"""
    replacing: frozenset[str] = frozenset()
    """Create-only properties: a change of one makes a new resource."""
    properties: frozenset[str] = frozenset()
    """Every property that is understood; another is refused by name. Create-only ones are in it."""
    tags: str = ""
    """The property that takes the stack's tags, a list of Key and Value; empty: there is none."""
    name: str = ""
    """The property that may name it; what is so named is not replaced under the same name."""


def _nothing_before_create(logical_id: str, properties: Properties, stack: str) -> None:
    """Nothing is checked."""


def _as_made(made: Made, properties: Properties, stack: str) -> Made:
    return made


def _nothing_before_update(
    physical_id: str, old: Properties, new: Properties, stack: str
) -> Properties:
    return old


def _as_updated(made: Made, before: Any, properties: Properties, stack: str) -> Made:
    return made


def _nothing_before_delete(physical_id: str, properties: Properties) -> None:
    """Nothing is checked."""


def _all_accepted(properties: Properties) -> Properties:
    return properties


class Extension(NamedTuple):
    """What ministack's own type lacks. A function that checks raises ValueError to refuse."""

    before_create: Callable[[str, Properties, str], None] = _nothing_before_create
    """(logical id, properties, stack name)"""
    created: Callable[[Made, Properties, str], Made] = _as_made
    """(what was made, properties, stack name): what CloudFormation shall know of it"""
    before_update: Callable[[str, Properties, Properties, str], Any] = _nothing_before_update
    """(physical id, old properties, new properties, stack name): what `updated` shall be told"""
    updated: Callable[[Made, Any, Properties, str], Made] = _as_updated
    """(what stands now, what `before_update` answered, new properties, stack name)"""
    before_delete: Callable[[str, Properties], None] = _nothing_before_delete
    """(physical id, properties)"""
    accepted: Callable[[Properties], Properties] = _all_accepted
    """The properties that ministack's own type is given in place of the template's."""
