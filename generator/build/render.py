"""A draft as the text of its template, named by its content.

A nested stack whose TemplateURL does not change is not updated, so packaged templates carry the
beginning of their own SHA-256 in their names; the committed ones in `templates/` carry none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic_core import to_json

from generator.blueprint import Platform, nest_regional
from generator.layers.draft import Draft, Layer, Scope

HASH_CHARACTERS = 12
"""Of the SHA-256 in a file name: enough that two versions never meet (2^48)."""


def json_text(value: object) -> str:
    """Indented JSON with its closing newline, in the order given. pydantic's writer is six times
    as fast as the standard library's, and byte for byte the same."""
    return to_json(value, indent=2).decode() + "\n"


@dataclass(frozen=True)
class Rendered:
    """One template as JSON. Equal settings give equal bytes."""

    layer: Layer
    body: dict[str, Any]

    @cached_property
    def text(self) -> str:
        """The file's content, with its closing newline."""
        return json_text(self.body)

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the file's bytes."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def plain_name(self) -> str:
        """`network.template.json`, as committed."""
        return f"{self.layer.name}.template.json"

    @property
    def content_name(self) -> str:
        """`network-0123456789ab.template.json`, as uploaded."""
        return f"{self.layer.name}-{self.sha256[:HASH_CHARACTERS]}.template.json"


def render(draft: Draft) -> Rendered:
    """The template of one draft."""
    version = {"AWSTemplateFormatVersion": "2010-09-09"}
    return Rendered(draft.layer, version | draft.template.to_dict())


def render_platform(platform: Platform) -> tuple[Rendered, ...]:
    """Every template in rollout order, the root pointing at its children's content names."""
    first = [render(draft) for draft in platform.drafts if draft.layer.scope is not Scope.ROOT]
    return with_root(platform, first, {r.layer.name: r.content_name for r in first})


def with_plain_names(platform: Platform, rendered: Iterable[Rendered]) -> tuple[Rendered, ...]:
    """The same templates as committed: only the root differs, by the names that it points at."""
    first = [r for r in rendered if r.layer.scope is not Scope.ROOT]
    return with_root(platform, first, {r.layer.name: r.plain_name for r in first})


def with_root(
    platform: Platform, first: list[Rendered], files: dict[str, str]
) -> tuple[Rendered, ...]:
    """`first` and the root over these file names, in rollout order."""
    root = render(nest_regional(platform, files))
    by_name = {r.layer.name: r for r in (*first, root)}
    return tuple(by_name[draft.layer.name] for draft in platform.drafts)
