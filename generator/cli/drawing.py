"""Pictures as lines of toned pieces: drawn once, shown by either console in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Tone(StrEnum):
    """What a piece of text means; a terminal has a colour for it, a log has none."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    BUSY = "busy"
    GOOD = "good"
    BAD = "bad"


class Piece(NamedTuple):
    """Text of one tone."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Piece, ...]
Picture = Sequence[Line]
Draw = Callable[[int, int], Picture]
"""Draws for a screen of so many columns and lines; a picture that goes beyond is cut."""


def words(line: Line) -> str:
    """A line without its tones."""
    return "".join(piece.text for piece in line).rstrip()


def cut(line: Line, width: int) -> Line:
    """At most `width` characters of a line."""
    left, kept = width, []
    for text, tone in line:
        kept.append(Piece(text[: max(left, 0)], tone))
        left -= len(text)
    return tuple(kept)


def shorten(text: str, width: int) -> str:
    """At most `width` characters on one line, with … for what is left out."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: max(width - 1, 0)]}…"[:width]


def shorten_path(path: str, width: int) -> str:
    """The same, but the end of a path says more than its beginning."""
    return path if len(path) <= width else f"…{path[len(path) - max(width - 1, 0) :]}"[:width]
