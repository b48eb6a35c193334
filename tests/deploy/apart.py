"""Work in a process of its own, which may be killed: forked from one that has read what is slow."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.deploy.preload"])


def exit_code(work: Callable[..., None], *arguments: Any) -> int | None:
    """How the process ended; a signal's number is negative."""
    process = _CONTEXT.Process(target=work, args=arguments)
    process.start()
    process.join()
    return process.exitcode
