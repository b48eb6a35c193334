"""Like seams, for AWS Organizations: its answers, and when it changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ministack import app as server

from generator.sandbox import seams
from generator.sandbox.contract import Seam

SEAMS = (
    Seam("ministack.services.organizations", "_DISPATCH", dict),
    Seam("ministack.app", "_get_module", ("name",)),
)


def answer(action: str, **members: str) -> Mapping[str, Any]:
    """An answer of AWS Organizations to the current account; raises LookupError for an error."""
    module = server._get_module("organizations")
    status, _, body = module._DISPATCH[action](members)
    found: Mapping[str, Any] = json.loads(body)
    if status != 200:
        raise LookupError(str(found.get("message", action)))
    return found


def after_changes(notice: Callable[[], None]) -> None:
    """Call `notice`, as the management account, when an account was added or moved."""
    actions = server._get_module("organizations")._DISPATCH
    for name in ("CreateAccount", "MoveAccount"):
        actions[name] = _noticed(actions[name], notice)


def add(action: str, handle: seams.Handler) -> None:
    """Answer an action that the emulator does not know."""
    server._get_module("organizations")._DISPATCH[action] = handle


def wrap(action: str, around: Callable[[seams.Handler, seams.Params], seams.Answer]) -> None:
    """Answer an action by `around` its handler."""
    actions = server._get_module("organizations")._DISPATCH
    actions[action] = partial(around, actions[action])


def _noticed(handle: seams.Handler, notice: Callable[[], None]) -> seams.Handler:
    def noticed(payload: seams.Params) -> seams.Answer:
        answered = handle(payload)
        if answered[0] == 200:
            notice()
        return answered

    return noticed
