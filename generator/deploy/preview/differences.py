"""How the resources of two templates differ, and what one resource's change does to others.

A resource that is replaced has another id, so whatever refers to it changes too: it is modified,
or replaced where the property that refers to it can't be updated. That goes on from resource to
resource until nothing more changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from generator.deploy.preview.conditions import ATTRIBUTES, Resource
from generator.deploy.preview.intrinsics import Reference, references
from generator.deploy.preview.recreation import CUSTOM, Recreation, at, recreation_of
from generator.deploy.steps import Action
from generator.deploy.world import NESTED

GROUP = "AWS::AutoScaling::AutoScalingGroup"
MOVING = {
    "AWS::EC2::LaunchTemplate": ("LatestVersionNumber", "DefaultVersionNumber"),
}
"""Attributes that another value has after an update in place."""

WEIGHT = {Action.MODIFY: 1, Action.MAY_REPLACE: 2, Action.REPLACE: 3}


class Difference(NamedTuple):
    """What an update does to a resource, and in which properties and attributes it differs."""

    action: Action
    properties: tuple[str, ...]


Differences = Mapping[str, Difference]
Resources = Mapping[str, Resource]


def differences(old: Resources, new: Resources, *, retagged: bool = False) -> Differences:
    """The resources of both that an update touches.

    `retagged`: the stack's own tags change, which CloudFormation passes on to its resources.
    """
    users = _users(new)
    found: dict[str, Difference] = {}
    waiting = dict.fromkeys(name for name in new if name in old)
    while waiting:
        name, _ = waiting.popitem()
        difference = _difference(old[name], new[name], new, found, retagged)
        if difference is not None and difference != found.get(name):
            found[name] = difference
            waiting |= dict.fromkeys(user for user in users.get(name, ()) if user in old)
    return found


def _users(resources: Resources) -> Mapping[str, list[str]]:
    """By logical id: the resources that refer to it."""
    users: dict[str, list[str]] = {}
    for name, resource in resources.items():
        for used in {reference.name for reference in references(dict(resource.properties))}:
            users.setdefault(used, []).append(name)
    return users


def _difference(
    old: Resource, new: Resource, resources: Resources, found: Differences, retagged: bool
) -> Difference | None:
    if old.type != new.type:
        return Difference(Action.REPLACE, ("Type",))
    moved = dict(_moved(new, resources, found))
    changed = [
        name
        for name in dict.fromkeys((*old.properties, *new.properties))
        if name in moved or old.properties.get(name) != new.properties.get(name)
    ]
    noted = [n for n in ATTRIBUTES if old.attributes.get(n) != new.attributes.get(n)]
    tags = recreation_of(new.type).tags if retagged else ""
    if not (changed or noted or tags):
        return None
    action = _heaviest(_actions(old, new, changed, moved))
    return Difference(action, tuple(dict.fromkeys((*changed, *noted, *([tags] if tags else [])))))


def _moved(
    new: Resource, resources: Resources, found: Differences
) -> Iterator[tuple[str, Mapping[Reference, Action]]]:
    """Properties that refer to what changes; to which, and how surely they change with it."""
    if not found:
        return
    for name, value in new.properties.items():
        moving = {r: a for r in references(value) if (a := _reach(r, resources, found))}
        if moving:
            yield name, moving


def _reach(reference: Reference, resources: Resources, found: Differences) -> Action | None:
    """REPLACE where the reference surely gets another value, MAY_REPLACE where it may."""
    difference = found.get(reference.name)
    if difference is None:
        return None
    if difference.action is not Action.MODIFY:
        return difference.action
    changes = reference.attribute and (
        reference.attribute in difference.properties
        or _is_moving(resources[reference.name].type, reference.attribute)
    )
    return Action.MAY_REPLACE if changes else None


def _is_moving(type_name: str, attribute: str) -> bool:
    """Whether an update in place may change an attribute: outputs may be anything."""
    return (
        type_name == NESTED
        or type_name.startswith(CUSTOM)
        or (attribute in MOVING.get(type_name, ()))
    )


def _actions(
    old: Resource,
    new: Resource,
    changed: Iterable[str],
    moved: Mapping[str, Mapping[Reference, Action]],
) -> Iterator[Action]:
    """What each changed property asks for."""
    recreation = recreation_of(new.type)
    properties = set(changed)
    if properties and not recreation.known:
        yield Action.MAY_REPLACE
    for path in (path for path in recreation.always if path[0] in properties):
        if at(old.properties, path) != at(new.properties, path):
            yield Action.REPLACE
        inside = set(references(at(new.properties, path)))
        yield from (a for r, a in moved.get(path[0], {}).items() if r in inside)
    if any(path[0] in properties for path in _conditional(recreation, new)):
        yield Action.MAY_REPLACE


def _conditional(recreation: Recreation, new: Resource) -> tuple[tuple[str, ...], ...]:
    """Paths whose change may replace. A group keeps its identity unless its policy says otherwise.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
    """
    policy: Any = new.attributes.get("UpdatePolicy", {})
    replacing = policy.get("AutoScalingReplacingUpdate", {}).get("WillReplace", "false")
    return () if new.type == GROUP and replacing == "false" else recreation.sometimes


def _heaviest(actions: Iterable[Action]) -> Action:
    return max(actions, key=WEIGHT.__getitem__, default=Action.MODIFY)
