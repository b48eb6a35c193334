"""Plans of ARC Region switch, as records: the emulator has no such service, and runs no plan.

A stack knows its plan and gives it an ARN; `aws arc-region-switch` is not answered here.
"""

from __future__ import annotations

from uuid import uuid4

from generator.sandbox import seams
from generator.sandbox.resources.resource import Made, Properties, Resource


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    account, mark = seams.current_account(), uuid4().hex[:6]
    arn = f"arn:aws:arc-region-switch::{account}:plan/{properties['Name']}:{mark}"
    return arn, _attributes(arn)


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    return physical_id, _attributes(physical_id)


def _delete(physical_id: str, properties: Properties) -> None:
    """Nothing is left of a record."""


def _attributes(arn: str) -> Properties:
    return {"Arn": arn, "Owner": arn.split(":")[4], "Version": "1"}


RESOURCES = {
    "AWS::ARCRegionSwitch::Plan": Resource(
        _create,
        _delete,
        _update,
        frozenset({"Name", "PrimaryRegion", "RecoveryApproach", "Regions"}),
        frozenset(
            {
                "AssociatedAlarms",
                "Description",
                "ExecutionRole",
                "RecoveryTimeObjectiveMinutes",
                "Tags",
                "Workflows",
            }
        ),
        name="Name",
    ),
}
