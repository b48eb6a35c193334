"""What stands, as far as a rollout cares: frozen, and read once.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (status codes)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from generator.deploy.places import SELF

EMPTY_STATUSES = frozenset(
    {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
)
"""What can only be deleted: no update is accepted. But for DELETE_FAILED, nothing in it served."""

SETTLED_STATUSES = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
)
"""What accepts an update."""

NESTED = "AWS::CloudFormation::Stack"
"""The type of a nested stack."""

INOPERABLE = "INOPERABLE"
"""An instance whose stack CloudFormation could not delete: it takes no more operations.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackInstance.html
"""

RUNNING_OPERATIONS = frozenset({"QUEUED", "RUNNING", "STOPPING"})
"""States of a stack set operation that is not over. Only SUCCEEDED is success."""


class Stack(NamedTuple):
    """A stack that stands, or is on its way. `template` is the text that it was made from."""

    region: str
    name: str
    id: str
    status: str
    template: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    tags: Mapping[str, str]
    protected: bool
    policy: str
    updated: str
    created: str = ""
    nested: Mapping[str, str] = {}
    """By path, the templates of its nested stacks: read where the stack is to be deleted."""

    @property
    def in_flight(self) -> bool:
        """Whether CloudFormation works on it."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def body(self) -> dict[str, Any]:
        """Its template as data; empty where a review has none yet."""
        data: dict[str, Any] = json.loads(self.template) if self.template else {}
        return data

    @property
    def nested_bodies(self) -> dict[str, dict[str, Any]]:
        """The templates of its nested stacks as data."""
        return {path: json.loads(text) for path, text in self.nested.items()}


class Instance(NamedTuple):
    """One account's and Region's instance of a stack set."""

    region: str
    account: str
    status: str
    detail: str
    reason: str
    overrides: Mapping[str, str]
    stack: Stack | None
    """None where none was made, and in other accounts, where it can't be read."""
    stack_id: str = ""


class Operation(NamedTuple):
    """A stack set operation that is not over."""

    id: str
    action: str
    status: str


class StackSet(NamedTuple):
    """A stack set in the home Region."""

    name: str
    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    instances: Mapping[str, Instance]
    """By place: see `places.py`."""
    operations: tuple[Operation, ...]
    units: tuple[str, ...] = ()
    """Organizational units of a service-managed set."""
    service_managed: bool = False
    call_as: str = SELF
    auto_deployment: bool = False


class World(NamedTuple):
    """Everything of one environment that stands."""

    account: str
    stacks: Mapping[tuple[str, str], Stack]
    """By Region and name."""
    sets: Mapping[str, StackSet]
    accounts: tuple[str, ...] = ()
    """Those of the organizational units that the release names, the management account never."""

    def stack(self, region: str, name: str) -> Stack | None:
        """The stack of that name in a Region, if one stands."""
        return self.stacks.get((region, name))

    def output(self, region: str, name: str, output: str) -> str | None:
        """An output that is known now."""
        stack = self.stack(region, name)
        return stack.outputs.get(output) if stack else None

    @property
    def in_flight(self) -> tuple[str, ...]:
        """What CloudFormation works on, in words."""
        stacks = [
            f"{s.name} in {s.region}: {s.status}" for s in self.stacks.values() if s.in_flight
        ]
        sets = [
            f"stack set {s.name}: {o.action} {o.status}"
            for s in self.sets.values()
            for o in s.operations
        ]
        return (*stacks, *sets)

    @property
    def facts(self) -> dict[tuple[str, str], list[object]]:
        """What moves when somebody works on it: by Region and name; a set's Region is empty."""
        stacks: dict[tuple[str, str], list[object]] = {
            where: [s.id, s.status, s.updated, s.template, sorted(s.parameters.items())]
            for where, s in self.stacks.items()
        }
        sets: dict[tuple[str, str], list[object]] = {
            ("", name): [
                s.template,
                sorted(s.parameters.items()),
                *[(p, i.status, sorted(i.overrides.items())) for p, i in s.instances.items()],
            ]
            for name, s in self.sets.items()
        }
        return stacks | sets

    @property
    def fingerprint(self) -> str:
        """Changes when anything moved: a saved plan holds for one fingerprint."""
        facts = [[*where, *told] for where, told in sorted(self.facts.items())]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def as_told(values: Mapping[str, str]) -> dict[str, str]:
    """Texts as CloudFormation answers them: it tells a ? for what is not ASCII."""
    return {name: text.encode("ascii", "replace").decode() for name, text in values.items()}


SAYS_NOTHING = ("Description", "Metadata")
"""Sections that CloudFormation does not update by themselves."""


def same_template(first: str, second: str) -> bool:
    """Whether an update from one template to the other would change anything."""
    return first == second or (
        bool(first and second) and same_body(json.loads(first), json.loads(second))
    )


def same_body(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """The same of templates as data."""
    return _telling(first) == _telling(second)


def _telling(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: section for name, section in body.items() if name not in SAYS_NOTHING}
