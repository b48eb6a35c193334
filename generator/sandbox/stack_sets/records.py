"""What the API keeps: sets, their instances, their operations. Frozen; a change is a new record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Action = Literal["CREATE", "UPDATE", "DELETE", "DETECT_DRIFT"]
OperationStatus = Literal["QUEUED", "RUNNING", "STOPPING", "STOPPED", "SUCCEEDED", "FAILED"]
ResultStatus = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
InstanceStatus = Literal["CURRENT", "OUTDATED", "INOPERABLE"]
DetailedStatus = Literal[
    "PENDING",
    "RUNNING",
    "SUCCEEDED",
    "FAILED",
    "CANCELLED",
    "INOPERABLE",
    "SKIPPED_SUSPENDED_ACCOUNT",
]
DriftStatus = Literal["NOT_CHECKED", "IN_SYNC", "DRIFTED", "UNKNOWN"]
Permissions = Literal["SELF_MANAGED", "SERVICE_MANAGED"]

UNFINISHED: tuple[OperationStatus, ...] = ("QUEUED", "RUNNING", "STOPPING")


@dataclass(frozen=True)
class Definition:
    """What every instance's stack is made from."""

    template: str
    parameters: dict[str, str]
    """Every parameter of the template with its value: given, or the template's default."""
    concealed: tuple[str, ...]
    """The NoEcho parameters: their values are never answered."""
    capabilities: tuple[str, ...]
    tags: dict[str, str]


@dataclass(frozen=True)
class DriftDetails:
    """StackSetDriftDetectionDetails: how many instances were found how."""

    status: DriftStatus = "NOT_CHECKED"
    detection: str = ""
    checked: str | None = None
    total: int = 0
    drifted: int = 0
    in_sync: int = 0
    in_progress: int = 0
    failed: int = 0


@dataclass(frozen=True)
class StackSet:
    """A set. Its id is NAME:UUID, as on AWS."""

    id: str
    name: str
    arn: str
    definition: Definition
    token: str
    permissions: Permissions
    administration_role: str | None
    execution_role: str | None
    auto_deployment: dict[str, Any] | None
    managed_execution: bool
    description: str | None = None
    status: Literal["ACTIVE", "DELETED"] = "ACTIVE"
    is_modified: bool = False
    """Whether it was updated: a repeated create is answered differently then."""
    drift: DriftDetails = DriftDetails()
    units: dict[str, list[str]] = field(default_factory=dict)
    """The Regions that each organizational unit was deployed to: automatic deployment's targets."""


@dataclass(frozen=True)
class Instance:
    """A stack instance: a reference to a stack, made or attempted, in one account and Region."""

    set_id: str
    account: str
    region: str
    status: InstanceStatus = "OUTDATED"
    detail: DetailedStatus = "PENDING"
    reason: str | None = None
    stack_id: str | None = None
    """None as long as no stack was made."""
    overrides: dict[str, str] | None = None
    unit: str | None = None
    """The organizational unit (or root) that brought it, with service-managed permissions."""
    drift: DriftStatus = "NOT_CHECKED"
    drift_checked: str | None = None
    last_operation: str | None = None

    @property
    def key(self) -> str:
        return instance_key(self.set_id, self.account, self.region)


@dataclass(frozen=True)
class Target:
    """One account and Region of an operation; the unit that it came from, if any."""

    account: str
    region: str
    unit: str | None = None


@dataclass(frozen=True)
class OperationResult:
    """How an operation went in one account and Region."""

    target: Target
    status: ResultStatus = "PENDING"
    reason: str | None = None


@dataclass(frozen=True)
class Operation:
    """One operation on a set: what it does where, and how far it is."""

    id: str
    set_id: str
    action: Action
    number: int
    """Its place among the operations of all sets, in the order of requests."""
    definition: Definition
    """What it deploys: the set's definition at the time of the request."""
    preferences: dict[str, Any]
    """OperationPreferences as given."""
    results: tuple[OperationResult, ...]
    status: OperationStatus
    created: str
    ended: str | None = None
    reason: str | None = None
    overrides: list[dict[str, Any]] | None = None
    """ParameterOverrides as given; None when they were not."""
    retain_stacks: bool | None = None
    deployment_targets: dict[str, Any] | None = None
    administration_role: str | None = None
    execution_role: str | None = None
    drift: DriftDetails | None = None


def instance_key(set_id: str, account: str, region: str) -> str:
    return f"{set_id}/{account}/{region}"


def now() -> str:
    """The time, as AWS writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    return str(uuid.uuid4())
