"""One resource of one template, as the map sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Template = Mapping[str, Any]
Statement = Mapping[str, Any]


class Resource(NamedTuple):
    """One resource of one template."""

    file: str
    layer: str
    logical_id: str
    type: str
    body: Mapping[str, Any]

    @property
    def place(self) -> str:
        """As the map shows it."""
        return f"{self.layer}/{self.logical_id}"

    @property
    def properties(self) -> Mapping[str, Any]:
        """Its properties; none is none."""
        found: Mapping[str, Any] = self.body.get("Properties", {})
        return found

    def reason(self, *matters: str) -> str | None:
        """What its Metadata says on one of these matters, or on a check's finding of that id."""
        metadata = self.body.get("Metadata", {})
        said = dict(metadata.get("Reasons", {}))
        said |= {s["id"]: s["comment"] for s in metadata.get("checkov", {}).get("skip", ())}
        return next((said[matter] for matter in matters if matter in said), None)
