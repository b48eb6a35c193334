"""The cells of a run in a file beside its rows: what several places measured together adds up.

    cells.jsonl      a line an interval: [interval, users, [[method, name, cell], …]]

A row has percentiles, and those of two places do not add up; counts in buckets do. Only a part of
a load (`sharing`) keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from generator.errors import UsageError
from loadtest.cells import Cell, Name, Wire

CELLS = "cells.jsonl"


class Interval(NamedTuple):
    """One interval of a run, counted."""

    number: int
    """How many intervals after the run's start it begins."""
    users: int
    cells: Wire
    """Method, name and cell, each."""


def start_cells(folder: Path) -> None:
    """Begin a file; an earlier one is overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CELLS).write_text("", encoding="utf-8")


def keep_cells(folder: Path, interval: int, users: int, by_name: Mapping[Name, Cell]) -> None:
    """Add an interval to the file."""
    cells = [[*name, cell.to_wire()] for name, cell in by_name.items()]
    with (folder / CELLS).open("a", encoding="utf-8") as file:
        file.write(json.dumps([interval, users, cells], separators=(",", ":")) + "\n")


def read_cells(folder: Path) -> Iterator[Interval]:
    """The file's intervals. Raises UsageError where it is missing, or none of ours."""
    path = folder / CELLS
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield Interval(*json.loads(line))
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{path}: not the cells of a run: {error}") from None
