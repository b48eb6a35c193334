"""Inline code of Lambda functions: AWS puts its module `cfnresponse` beside it.

ministack runs the code itself, in a process of its own, so custom resources are our real functions
calling the emulated services.
"""

from __future__ import annotations

from pathlib import Path

from generator.sandbox import type_seams

_MODULES = Path(__file__).parents[1] / "inline_modules"


def install() -> None:
    """Put the modules beside every Python function that is given inline."""
    names = ("cfnresponse.py",)
    texts = {name: (_MODULES / name).read_text(encoding="utf-8") for name in names}
    type_seams.add_to_inline_code(texts)
