"""What an update changes, as far as two templates and their parameters show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.deploy.steps import Action, Change

Body = Mapping[str, Any]


def additions_of(
    body: Body, parameters: Mapping[str, str], nested: Mapping[str, Body] | None = None
) -> tuple[Change, ...]:
    """Everything that a new stack makes."""
    return tuple(
        Change(name, resource["Type"], Action.ADD)
        for name, resource in body.get("Resources", {}).items()
    )


def removals_of(body: Body, parameters: Mapping[str, str]) -> tuple[Change, ...]:
    """Everything that a deleted stack removes, or leaves."""
    return tuple(
        Change(
            name,
            resource["Type"],
            Action.LEAVE
            if resource.get("DeletionPolicy", "").startswith("Retain")
            else Action.REMOVE,
        )
        for name, resource in body.get("Resources", {}).items()
    )


def changes_between(
    old: Body, old_parameters: Mapping[str, str], new: Body, new_parameters: Mapping[str, str]
) -> tuple[Change, ...]:
    """What an update from one to the other does."""
    before, after = old.get("Resources", {}), new.get("Resources", {})
    return tuple(
        Change(name, (after.get(name) or before[name])["Type"], _action(before, after, name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    )


def _action(before: Body, after: Body, name: str) -> Action:
    if name not in before:
        return Action.ADD
    return Action.MODIFY if name in after else Action.REMOVE
