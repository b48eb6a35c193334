"""Axes and how numbers are written: the same on every graph, in every table."""

from __future__ import annotations

import math

_SECONDS = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10800, 21600, 43200, 86400),
)
_STEPS = (1, 2, 2.5, 5, 10)


def time_ticks(seconds: float, most: int = 11) -> tuple[float, ...]:
    """Round moments from 0 to `seconds`, at most so many."""
    step = next((step for step in _SECONDS if seconds / step < most), seconds / (most - 1))
    return tuple(step * number for number in range(int(seconds / step) + 1))


def clock(seconds: float) -> str:
    """`m:ss`, or `h:mm:ss` from an hour on; `-0:30` half a minute before."""
    whole = round(seconds)
    minutes, rest = divmod(abs(whole), 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if whole < 0 else ""
    return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes}:{rest:02}"


def duration(seconds: float) -> str:
    """`4.2 s`, `1 min 40 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min" if left else f"{hours} h"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def linear_ticks(most: float, count: int = 4, *, whole: bool = False) -> tuple[float, ...]:
    """Round values from 0; the last is at or above `most` (positive), the top of the axis."""
    power = 10.0 ** math.floor(math.log10(most / count))
    step = next(power * step for step in _STEPS if power * step * count >= most)
    step = math.ceil(step) if whole else step
    return tuple(step * number for number in range(math.ceil(most / step) + 1))


def log_ticks(least: float, most: float) -> tuple[float, ...]:
    """1, 2, 5 and their powers of ten around two positive values."""
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    powers = [10.0**power for power in range(first, last + 1)]
    ticks = [power * step for power in powers for step in (1, 2, 5)]
    low = max(tick for tick in ticks if tick <= least * (1 + 1e-9))
    high = min(tick for tick in ticks if tick >= most * (1 - 1e-9))
    inside = [tick for tick in ticks if low <= tick <= high]
    decades = [tick for tick in inside if math.log10(tick).is_integer()]
    return tuple(inside if len(inside) < 9 else sorted({low, *decades, high}))


def number(value: float) -> str:
    """Three digits, thousands apart: `0.25`, `12.5`, `1,234`."""
    if math.isnan(value) or math.isinf(value):
        return "–"
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def milliseconds(value: float) -> str:
    """`4.2 ms`, `840 ms`, `1.25 s`."""
    return f"{number(value)} ms" if not value >= 1000 else f"{number(value / 1000)} s"


def percent(value: float) -> str:
    """`0.12 %`; what is not nothing never reads as 0 %."""
    return "< 0.01 %" if 0 < value < 0.01 else f"{number(value)} %"


def plain(text: str) -> str:
    """One printable line: control characters, surrogates and changes of direction are left out."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
