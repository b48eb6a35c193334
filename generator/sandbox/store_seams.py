"""Stores of our own, kept and cleared by ministack as it keeps and clears its own."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from ministack import app as server
from ministack.core import responses
from ministack.services import cloudformation

from generator.sandbox import seams
from generator.sandbox.contract import Seam

SEAMS = (
    Seam("ministack.services.cloudformation", "reset", ()),
    Seam("ministack.app", "_state_map", dict),
    Seam("ministack.app", "_loaded_modules", dict),
)


def regional_store(name: str) -> MutableMapping[str, Any]:
    """A new store of ours: one mapping for each account and Region, kept over a restart.

    What it holds must be JSON. Call it once, when a module is imported; `name` is the name of the
    file that a persistent server keeps it in. A reset of the server clears it.
    """
    store = responses.AccountRegionScopedDict()
    server._state_map[name] = name
    stored = server._loaded_modules[name] = _Stored(store)
    theirs = cloudformation.reset

    def reset() -> None:
        theirs()
        stored.reset()

    cloudformation.reset = reset  # a reset of the server asks only its own services
    found: MutableMapping[str, Any] = store
    return found


def regions_of(store: Any) -> set[str]:
    """The Regions in which a regional store has something of the current account."""
    current = seams.current_account()
    return {region for account, region, _ in store.to_dict() if account == current}


class _Stored:
    """A store as ministack's persistence wants it: the functions that its own services have."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def get_state(self) -> dict[str, Any]:
        return {"store": self._store}

    def load_persisted_state(self, state: dict[str, Any]) -> None:
        self._store.update(state["store"])

    def reset(self) -> None:
        self._store.clear()
