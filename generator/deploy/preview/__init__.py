"""What an operation does to a stack's resources, as far as its templates and parameters show it.

CloudFormation has no change set for a new instance, a stack set, or a deletion; and the plan is
to be a pure function. Where the stack stands, its change set is asked too, and knows better. What
can't be known here counts as changed: an import's new value, what an SSM parameter holds now, a
NoEcho parameter, and how a nested stack's outputs come out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from generator.deploy.preview.conditions import Body, Resource, pseudo_parameters, resources_of
from generator.deploy.preview.differences import Difference, differences
from generator.deploy.preview.intrinsics import ending
from generator.deploy.steps import Action, Change
from generator.deploy.world import NESTED

TABLE = "AWS::DynamoDB::GlobalTable"
KEPT = ("Retain", "RetainExceptOnCreate")
Nested = Callable[[str, Resource], Body | None]
"""The template of a nested stack, by its path and resource; None where it is not known."""


def additions_of(
    body: Body, parameters: Mapping[str, str], nested: Mapping[str, Body] | None = None
) -> tuple[Change, ...]:
    """Everything that a new stack makes; `nested` are templates by file, as in a TemplateURL."""

    def by_file(path: str, stack: Resource) -> Body | None:
        url = ending(stack.properties.get("TemplateURL", ""))
        files = [file for file in nested or () if url.endswith(file)]
        return (nested or {})[max(files, key=len)] if files else None

    return tuple(
        Change(path, resource.type, Action.ADD)
        for path, resource in _walk(body, parameters, by_file)
    )


def removals_of(
    body: Body, parameters: Mapping[str, str], nested: Mapping[str, Body] | None = None
) -> tuple[Change, ...]:
    """Everything that a deleted stack removes, or leaves where its DeletionPolicy says so.

    `nested` are the templates of its nested stacks, by their paths.
    """

    def by_path(path: str, stack: Resource) -> Body | None:
        return (nested or {}).get(path)

    return tuple(_removal(path, resource) for path, resource in _walk(body, parameters, by_path))


def changes_between(
    old: Body,
    old_parameters: Mapping[str, str],
    new: Body,
    new_parameters: Mapping[str, str],
    *,
    retagged: bool = False,
) -> tuple[Change, ...]:
    """What an update from one to the other does; `retagged`: to the stack's own tags as well."""
    before, after = resources_of(old, old_parameters), resources_of(new, new_parameters)
    found = differences(before, after, retagged=retagged)
    changes: list[Change] = []
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            changes.append(Change(name, after[name].type, Action.ADD))
        elif name not in after:
            changes.append(_removal(name, before[name]))
        elif name in found:
            changes += _updates(name, before[name], after[name], found[name])
    return tuple(changes)


def with_parts(shown: Iterable[Change], known: Iterable[Change]) -> tuple[Change, ...]:
    """A change set's changes, and those of parts of resources, which it does not tell apart."""
    return (*known, *(change for change in shown if change.part))


def _walk(
    body: Body, parameters: Mapping[str, str], nested: Nested, above: str = ""
) -> Iterator[tuple[str, Resource]]:
    """Resources with their paths, those of nested stacks behind their stack's own."""
    for name, resource in resources_of(body, parameters).items():
        path = f"{above}{name}"
        yield path, resource
        inner = nested(path, resource) if resource.type == NESTED else None
        if inner is not None:
            given, known = _given(resource, inner)
            known |= pseudo_parameters(parameters)
            yield from _walk(given, known, nested, f"{path}/")


def _given(stack: Resource, body: Body) -> tuple[Body, dict[str, str]]:
    """A nested stack's template and parameters: what it is given has no default, known or not."""
    given = stack.properties.get("Parameters", {})
    declared = {
        name: {**entry, "Default": None} if name in given else entry
        for name, entry in body.get("Parameters", {}).items()
    }
    known = {name: text for name, value in given.items() if (text := _text(value)) is not None}
    return {**body, "Parameters": declared}, known


def _text(value: Any) -> str | None:
    """A parameter's value as it is handed on; None where it is not known."""
    if isinstance(value, list):
        return ",".join(value) if all(isinstance(part, str) for part in value) else None
    return value if isinstance(value, str) else None


def _removal(path: str, resource: Resource) -> Change:
    policy = str(resource.attributes.get("DeletionPolicy", ""))
    action = Action.LEAVE if policy in KEPT else Action.REMOVE
    return Change(path, resource.type, action, policy=policy)


def _updates(
    name: str, before: Resource, after: Resource, difference: Difference
) -> Iterator[Change]:
    """A resource's change, and each replica that it loses: that deletes the Region's copy."""
    destroys = difference.action is not Action.MODIFY
    policy = str(before.attributes.get("UpdateReplacePolicy", "")) if destroys else ""
    yield Change(name, after.type, difference.action, difference.properties, policy=policy)
    if after.type == TABLE and difference.action is not Action.REPLACE:
        kept = _replicas(after)
        for region in (region for region in _replicas(before) if region not in kept):
            yield Change(name, TABLE, Action.REMOVE, ("Replicas",), part=f"Replicas/{region}")


def _replicas(table: Resource) -> list[str]:
    """Regions of a table's replicas; the stack's own is a function, and written as one."""
    regions = [member["Region"] for member in table.properties.get("Replicas", [])]
    return [region if isinstance(region, str) else json.dumps(region) for region in regions]
