"""Reading settings texts in tests: a start that is valid, and faults as short lines."""

from __future__ import annotations

from generator.errors import Fault, SettingsError
from generator.settings.load import load_text
from generator.settings.model import Settings

START = """\
environment: test
home_region: ap-northeast-2
regions: [{name: ap-northeast-2}, {name: us-east-1}]
"""
"""Three lines that are valid alone: what a test adds begins on line 4."""


def read(text: str) -> Settings:
    """The settings of a text, which has to be valid."""
    return load_text(text, "test.yaml")


def faults(text: str) -> tuple[Fault, ...]:
    """The faults of a text; none if it is valid."""
    try:
        read(text)
    except SettingsError as error:
        return error.faults
    return ()


def places(text: str) -> list[str]:
    """`line:column key` of each fault."""
    return [f"{fault.line}:{fault.column} {fault.key}" for fault in faults(text)]


def only(text: str) -> Fault:
    """The fault of a text that has exactly one."""
    found = faults(text)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]
