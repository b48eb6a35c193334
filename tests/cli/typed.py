"""Commands typed in this process: what they say, and how they exit."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import NamedTuple
from unittest.mock import patch

from generator.cli.app import main


class Typed(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def type_in(*words: str, answer: str = "") -> Typed:
    """Run a command as `python -m generator` does; `answer` is what is typed when it asks."""
    out, err = StringIO(), StringIO()
    with (
        patch.object(sys, "argv", ["gtm", *words]),
        patch.object(sys, "stdin", StringIO(answer)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
    return Typed(code, out.getvalue(), err.getvalue())
