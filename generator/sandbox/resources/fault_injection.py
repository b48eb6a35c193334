"""Experiment templates of AWS FIS, as records: the emulator has no FIS, and no fault is injected.

A stack knows its template and gives it an id; `aws fis` is not answered here.
"""

from __future__ import annotations

from uuid import uuid4

from generator.sandbox.resources.resource import Made, Properties, Resource


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    identifier = f"EXT{uuid4().hex[:16]}"
    return identifier, {"Id": identifier}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    return physical_id, {"Id": physical_id}


def _delete(physical_id: str, properties: Properties) -> None:
    """Nothing is left of a record."""


RESOURCES = {
    "AWS::FIS::ExperimentTemplate": Resource(
        _create,
        _delete,
        _update,
        properties=frozenset(
            {
                "Actions",
                "Description",
                "ExperimentOptions",
                "LogConfiguration",
                "RoleArn",
                "StopConditions",
                "Tags",
                "Targets",
            }
        ),
    ),
}
