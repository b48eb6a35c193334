"""Whether a cron expression is one that EC2 Auto Scaling's scheduled actions accept.

They take the five fields of crontab(5): numbers, names of months and weekdays, `*`, ranges, lists
and steps; not the L, W, # and ? of other schedulers.
"""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """One of the five fields."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of month", 1, 31),
    Field("month", 1, 12, _MONTHS),
    Field("day of week", 0, 7, _DAYS),
)


def fault(expression: str) -> str | None:
    """What is wrong with a cron expression of five fields; None if nothing is."""
    for field, written in zip(FIELDS, expression.split(" "), strict=True):
        for part in written.split(","):
            if not _is_valid(part, field):
                return f'"{part}" is no {field.name} ({field.low} to {field.high})'
    return None


def _is_valid(part: str, field: Field) -> bool:
    span, slash, step = part.partition("/")
    if slash and not (_is_number(step) and 1 <= int(step) <= field.high):
        return False
    if span == "*":
        return True
    low, dash, high = span.partition("-")
    if not dash:  # a step needs a range to walk
        return not slash and _number(low, field) is not None
    first, last = _number(low, field), _number(high, field)
    return first is not None and last is not None and first <= last


def _number(written: str, field: Field) -> int | None:
    if written.lower() in field.words:
        return field.words.index(written.lower()) + field.low
    if _is_number(written) and field.low <= int(written) <= field.high:
        return int(written)
    return None


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) <= 2
