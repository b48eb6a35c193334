"""What a private name of ministack must look like for us to build on it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from importlib import import_module
from typing import NamedTuple


class Seam(NamedTuple):
    """A private name, and the shape that it must have."""

    module: str
    name: str
    shape: type | tuple[str, ...]
    """A type, or the names of a function's parameters."""


def missing(seams: Iterable[Seam]) -> list[str]:
    """The names of those that are gone or have another shape; empty when all is well."""
    return [f"{seam.module}.{seam.name}" for seam in seams if not _stands(seam)]


def _stands(seam: Seam) -> bool:
    names = vars(import_module(seam.module))
    if seam.name not in names:
        return False
    found = names[seam.name]
    if isinstance(seam.shape, type):
        return isinstance(found, seam.shape)
    return callable(found) and tuple(inspect.signature(found).parameters) == seam.shape
