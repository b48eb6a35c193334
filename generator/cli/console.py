"""The one way to speak to a person: a live screen on a terminal, else the same as plain lines.

Commands get a Console injected and never print. What is said is the same in both: only colour,
frames and the moving bar are added where somebody looks on. rich is imported only there.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

from generator.cli.drawing import Draw, Line, Tone, words

if TYPE_CHECKING:
    from rich.console import RenderableType

Advance = Callable[[str, int, int], None]
"""Called when a piece is done: its name, how many are, and how many there are."""

Say = Callable[[str], None]
"""Says a line where nobody sees the picture that shows the same."""

REDRAWS_PER_SECOND = 4
LOG_WIDTH = 100
STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.QUIET: "dim",
    Tone.BUSY: "cyan",
    Tone.GOOD: "green",
    Tone.BAD: "red",
}


class Paper(Protocol):
    """What can be written on, by hand or by a screen."""

    def line(self, text: str = "") -> None:
        """One line of plain text."""

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table; columns whose name ends in a space are aligned right."""


class Console(Paper, Protocol):
    """What a command may show."""

    def error(self, text: str) -> None:
        """One message on standard error."""

    def progress(self, title: str) -> AbstractContextManager[Advance]:
        """A bar over pieces of work, gone when they are done."""

    def picture(self, draw: Draw) -> None:
        """Something drawn to the width there is, once."""

    def live(self, draw: Draw) -> AbstractContextManager[Say]:
        """A picture drawn again and again, gone at the end; in a log, what is said instead."""


class PlainConsole:
    """Lines for pipes, logs and CI."""

    def __init__(self, out: TextIO, err: TextIO, width: int = LOG_WIDTH) -> None:
        self._out, self._err, self._width = out, err, width

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

    def picture(self, draw: Draw) -> None:
        for line in draw(self._width, sys.maxsize):
            self.line(words(line))

    @contextmanager
    def live(self, draw: Draw) -> Iterator[Say]:
        """Lines only: a log can't be drawn over."""
        yield self.line


class RichConsole:
    """Frames, colour and a moving bar for a terminal."""

    def __init__(self) -> None:
        from rich.console import Console as Terminal

        self._out, self._err = Terminal(highlight=False), Terminal(stderr=True, highlight=False)

    def line(self, text: str = "") -> None:
        self._out.print(text, markup=False, soft_wrap=True)

    def error(self, text: str) -> None:
        self._err.print(text, style="red", markup=False, soft_wrap=True)

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

    def picture(self, draw: Draw) -> None:
        self._out.print(_renderable(draw(self._out.width, sys.maxsize)))

    @contextmanager
    def live(self, draw: Draw) -> Iterator[Say]:
        """Redrawn in place, one line below the height so that nothing scrolls. Says nothing."""
        from rich.live import Live

        def current() -> RenderableType:
            return _renderable(draw(self._out.width, self._out.height - 1))

        with Live(
            get_renderable=current,
            console=self._out,
            refresh_per_second=REDRAWS_PER_SECOND,
            transient=True,
        ):
            yield lambda text: None


def _renderable(picture: Sequence[Line]) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    return Group(
        *(
            Text.assemble(
                *((text, STYLES[tone]) for text, tone in line), no_wrap=True, overflow="ellipsis"
            )
            for line in picture
        )
    )


def open_console() -> Console:
    """A terminal gets the live screen unless NO_COLOR or CI asks for quiet, or it is a dumb one.

    A character that the output's encoding lacks becomes a question mark: no reason to fail.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    quiet = os.environ.get("NO_COLOR") or os.environ.get("CI") or os.environ.get("TERM") == "dumb"
    return (
        RichConsole() if sys.stdout.isatty() and not quiet else PlainConsole(sys.stdout, sys.stderr)
    )
