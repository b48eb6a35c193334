"""Cron expressions as EC2 Auto Scaling takes them: which are valid, and which meet.

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


def meet(one: str, other: str) -> bool:
    """Whether two valid expressions have a minute in common."""
    fields = zip(FIELDS, one.split(" "), other.split(" "), strict=True)
    return all(_values(field, a) & _values(field, b) for field, a, b in fields)


def _values(field: Field, written: str) -> set[int]:
    """What a field's expression stands for; Sunday is 0, also where 7 is written."""
    found = {value for part in written.split(",") for value in _expand(field, part)}
    return {value % 7 for value in found} if field.high == 7 else found


def _expand(field: Field, part: str) -> range:
    span, _, step = part.partition("/")
    low, dash, high = span.partition("-")
    if span == "*":
        return range(field.low, field.high + 1, int(step or 1))
    first = _number(low, field) or 0
    last = (_number(high, field) or 0) if dash else first
    return range(first, last + 1, int(step or 1))


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
