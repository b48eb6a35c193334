"""The one way to speak to a person: a live screen on a terminal, else the same as plain lines.

Commands get a Console injected and never print. What is said is the same in both: only colour,
frames and the moving bar are added where somebody looks on. rich is imported only there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

Advance = Callable[[str, int, int], None]
"""Called when a piece is done: its name, how many are, and how many there are."""


class Console(Protocol):
    """What a command may show."""

    def line(self, text: str = "") -> None:
        """One line of plain text."""

    def error(self, text: str) -> None:
        """One message on standard error."""

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table; columns whose name ends in a space are aligned right."""

    def progress(self, title: str) -> AbstractContextManager[Advance]:
        """A bar over pieces of work, gone when they are done."""


class PlainConsole:
    """Lines for pipes, logs and CI."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out, self._err = out, err

    def line(self, text: str = "") -> None:
        print(text, file=self._out, flush=True)

    def error(self, text: str) -> None:
        print(text, file=self._err, flush=True)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        cells = [[column.strip() for column in columns], *rows]
        widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
        right = [column.endswith(" ") for column in columns]
        self.line(title)
        for row in cells:
            padded = [
                text.rjust(width) if is_right else text.ljust(width)
                for text, width, is_right in zip(row, widths, right, strict=True)
            ]
            self.line("  " + "  ".join(padded).rstrip())

    @contextmanager
    def progress(self, title: str) -> Iterator[Advance]:
        """Silent: a log has no use for a bar, and the table says how it ended."""
        yield lambda name, done, total: None


class RichConsole:
    """Frames, colour and a moving bar for a terminal."""

    def __init__(self) -> None:
        from rich.console import Console as Terminal

        self._out, self._err = Terminal(highlight=False), Terminal(stderr=True, highlight=False)

    def line(self, text: str = "") -> None:
        self._out.print(text, markup=False)

    def error(self, text: str) -> None:
        self._err.print(text, style="red", markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title, title_justify="left", title_style="bold")
        for column in columns:
            right = column.endswith(" ")
            table.add_column(column.strip(), justify="right" if right else "left")
        for row in rows:
            table.add_row(*map(Text, row))
        self._out.print(table)

    @contextmanager
    def progress(self, title: str) -> Iterator[Advance]:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self._out, transient=True) as bar:
            task = bar.add_task(title, total=None)

            def advance(name: str, done: int, total: int) -> None:
                bar.update(task, completed=done, total=total, description=f"{title} {name}")

            yield advance


def open_console() -> Console:
    """A terminal gets the live screen unless NO_COLOR or CI asks for quiet."""
    quiet = os.environ.get("NO_COLOR") or os.environ.get("CI")
    return (
        RichConsole() if sys.stdout.isatty() and not quiet else PlainConsole(sys.stdout, sys.stderr)
    )
