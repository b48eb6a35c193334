"""Systems Manager documents, as records: the emulator keeps none, and runs no automation."""

from __future__ import annotations

from uuid import uuid4

from generator.sandbox.resources.resource import Made, Properties, Resource


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    return properties.get("Name") or f"{stack}-{logical_id}-{uuid4().hex[:12]}", {}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    return physical_id, {}


def _delete(physical_id: str, properties: Properties) -> None:
    """Nothing is left of a record."""


RESOURCES = {
    "AWS::SSM::Document": Resource(
        _create,
        _delete,
        _update,
        frozenset({"Name", "DocumentType"}),
        frozenset({"Content", "DocumentFormat", "UpdateMethod"}),
        tags="Tags",
        name="Name",
    ),
}
