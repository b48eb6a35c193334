"""The frozen steps of a plan. A step says everything that its execution needs, and why.

They are data only: written to a plan file, read from it, shown, executed, journalled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from generator.deploy.places import SELF
from generator.deploy.release import Carried

FROM_CHANGE_SET = "change set"
FROM_TEMPLATES = "templates"


class Action(StrEnum):
    """What happens to one resource."""

    ADD = "add"
    MODIFY = "modify"
    REPLACE = "replace"
    MAY_REPLACE = "may replace"
    REMOVE = "remove"
    LEAVE = "leave"
    """Out of the stack, but kept: its DeletionPolicy says Retain."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource of one stack. `path` is its logical id, below those of nested stacks."""

    path: str
    type: str
    action: Action
    properties: tuple[str, ...] = ()
    part: str = ""
    """What of the resource is meant, if not all of it: `Replicas/us-east-1`."""
    policy: str = ""
    """DeletionPolicy or UpdateReplacePolicy, where one decides about what goes."""

    @property
    def logical_id(self) -> str:
        """The resource's own logical id."""
        return self.path.rpartition("/")[2]

    @property
    def name(self) -> str:
        """Path and part: how it is called where there may be several parts."""
        return f"{self.path}/{self.part}" if self.part else self.path


class Do(StrEnum):
    """What a step does to a stack."""

    CREATE = "create"
    RECREATE = "create anew"
    """Removes the empty remains of a failed or reviewed creation first."""
    UPDATE = "update"
    REPAIR = "repair"
    """Finishes a rollback that got stuck; an update, if one is due, follows."""
    DELETE = "delete"


class DoSet(StrEnum):
    """What a step does to a stack set."""

    CREATE = "create set"
    UPDATE = "update set"
    ADD = "add instances"
    OVERRIDE = "change overrides"
    REMOVE = "remove instances"
    DELETE = "delete set"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStep:
    """One operation on one stack."""

    id: str
    after: tuple[str, ...]
    layer: str
    name: str
    region: str
    do: Do
    template: str = ""
    """File of the release, or of the plan's own `templates`; empty where none is needed."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    carried: Mapping[str, Carried] = field(default_factory=dict)
    """Parameters whose values other steps make."""
    role: str = ""
    """Name of the role that CloudFormation works in; empty: the caller's own rights."""
    express: bool = False
    """Whether CloudFormation reports it done without waiting for resources to be ready."""
    inline: bool = False
    """Whether the template travels in the call: its bucket does not stand yet."""
    change_set: str = ""
    """Id of the reviewed change set; empty: one is made when its turn comes, and compared."""
    stack_id: str = ""
    changes: tuple[Change, ...] = ()
    source: str = FROM_TEMPLATES
    """How the changes are known."""
    why: str = ""
    kind: Literal["stack"] = "stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStep:
    """One operation on one stack set, over Regions."""

    id: str
    after: tuple[str, ...]
    layer: str
    name: str
    region: str
    """Where the set itself is administered."""
    do: DoSet
    places: tuple[str, ...] = ()
    """Of its instances: a Region, or account/Region in an account that is not the platform's."""
    units: tuple[str, ...] = ()
    """Organizational units of a service-managed set; a self-managed one has none."""
    call_as: str = SELF
    auto_deployment: bool = False
    template: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    carried: Mapping[str, Carried] = field(default_factory=dict)
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Parameters in which these instances differ from the set."""
    retain: bool = False
    """Whether the instances' stacks are left standing."""
    changes: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)
    """By place: the deployed instance's template and parameters against the new ones."""
    source: str = FROM_TEMPLATES
    why: str = ""
    kind: Literal["stack set"] = "stack set"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStep:
    """Templates and archives into a Region's artifact bucket; what is there already is left."""

    id: str
    after: tuple[str, ...]
    region: str
    files: tuple[str, ...]
    kind: Literal["upload"] = "upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class BakeStep:
    """Wait and watch after a wave; an alarm rolls the wave back and stops the rollout."""

    id: str
    after: tuple[str, ...]
    wave: tuple[str, ...]
    """Ids of the stack steps that it judges."""
    minutes: float
    alarms: tuple[str, ...]
    """Outputs of the wave's stacks that are ARNs of alarms."""
    kind: Literal["bake"] = "bake"


Step = Annotated[StackStep | SetStep | UploadStep | BakeStep, Field(discriminator="kind")]


def timing_key(step: Step) -> str:
    """Names what takes alike long: a creation and an update of one stack do not."""
    return f"{step.id} {step.do}" if isinstance(step, StackStep | SetStep) else step.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in an order in which each comes after what it needs."""

    environment: str
    prefix: str
    home: str
    account: str
    fingerprint: str
    """Of what stood when the plan was made."""
    release: str
    """Of the built files that it was made from."""
    steps: tuple[Step, ...]
    unchanged: int
    """Stacks and instances that need nothing."""
    tags: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    """Templates between the old and the new one, where a change takes more than one update."""

    def step(self, step_id: str) -> Step:
        """The step of that id; KeyError if there is none."""
        return {step.id: step for step in self.steps}[step_id]
