"""One YAML scalar → one Python value, or why its meaning is unclear.

YAML 1.1 reads `012` as ten, `1:30` as ninety and `2024-01-01` as a date, other readers do not. A
settings file must not depend on who reads it, so such spellings are refused with the remedy.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,30})")
_DECIMAL = re.compile(r"[-+]?([0-9]{1,30}\.[0-9]{0,30}([eE][-+]?[0-9]{1,3})?|\.[0-9]{1,30})")
_TRUTH = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
_SPECIAL = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}


class Unclear(Exception):
    """A scalar that two readers of YAML understand differently, or that its tag contradicts."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def scalar(kind: str, written: str) -> object:
    """The value of `written`; LookupError for a kind (a YAML tag) that settings do not have."""
    return _READERS[kind](written)


def short(written: str) -> str:
    """Text as a message shows it: one line, not too long."""
    flat = written if written.isprintable() else repr(written)[1:-1]
    return flat if len(flat) <= 40 else flat[:40] + "…"


def _whole_number(written: str) -> int:
    if _WHOLE_NUMBER.fullmatch(written):
        return int(written)
    raise _unclear_number(written)


def _decimal(written: str) -> float:
    if special := _SPECIAL.get(written.lower()):
        return float(special)
    if _DECIMAL.fullmatch(written):
        return float(written)
    raise _unclear_number(written)


def _truth(written: str) -> bool:
    if written.lower() in _TRUTH:
        return _TRUTH[written.lower()]
    raise Unclear(f"found {short(written)} tagged as true/false", "Write true or false.")


def _date(written: str) -> object:
    problem = f"found {short(written)}, which YAML reads as a date"
    raise Unclear(problem, f'Quote it if text is meant: "{short(written)}".')


def _unclear_number(written: str) -> Unclear:
    problem = f"found {short(written)}, a number whose value depends on who reads it"
    if ":" in written:
        problem = f"found {short(written)}, which YAML reads as a number to base 60"
    elif re.fullmatch(r"[-+]?0[0-7_]+", written):
        problem = f"found {short(written)}, which YAML reads as the octal number {_octal(written)}"
    remedy = f'Write a plain decimal number, or quote it if text is meant: "{short(written)}".'
    return Unclear(problem, remedy)


def _octal(written: str) -> int:
    return int(written.replace("_", ""), 8)


_READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": _whole_number,
    "float": _decimal,
    "bool": _truth,
    "null": lambda written: None,
    "timestamp": _date,
    "value": str,  # a lone `=`
    "merge": str,  # a `<<` that is no key
}
