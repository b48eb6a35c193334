"""The screen of a rollout: live while it goes, and at the end the same for terminal and log.

    with RolloutScreen(console, folder, desk.aws.calls) as screen:
        deploy(desk)  # whose `agree` answers with screen.watch(plan, past)

However the rollout ends, leaving shows the final view and the timeline.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from generator.cli.console import Console
from generator.cli.drawing import Picture
from generator.cli.final_view import show_final
from generator.cli.live_lines import Lines
from generator.cli.live_tree import Scene, draw_tree
from generator.cli.timeline_view import draw_timeline
from generator.deploy.context import Observer
from generator.deploy.records.journal import Past
from generator.deploy.records.lanes import Memory, regions_of
from generator.deploy.records.recorder import Recorder, Run
from generator.deploy.records.timeline import timeline_of
from generator.deploy.records.timeline_html import write_timeline
from generator.deploy.steps import Plan
from generator.deploy.waiting import clock

SECONDS_BETWEEN_CHECKS = 1.0


class RolloutScreen:
    """Shows one rollout; a context manager. `calls` is read when it is over."""

    def __init__(self, console: Console, folder: Path, calls: Mapping[str, int]) -> None:
        self._console, self._folder, self._calls = console, folder, calls
        self._recorder: Recorder | None = None
        self._open = ExitStack()

    def watch(self, plan: Plan, past: Past) -> Observer:
        """From now on, show the rollout of a plan; what is to be told of it."""
        recorder = self._recorder = Recorder(plan)
        memory: Memory = {}

        def draw(width: int, height: int) -> Picture:
            run = recorder.run()
            return draw_tree(
                Scene(run, regions_of(run, memory), past.seconds, clock()), width, height
            )

        say = self._open.enter_context(self._console.live(draw))
        lines = Lines(recorder, say, past.seconds)
        self._open.enter_context(_Reminder(lines))
        return lines

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._open.close()
        run = self._recorder.run(self._calls) if self._recorder else None
        if run and run.began:
            self._conclude(run)

    def _conclude(self, run: Run) -> None:
        console = self._console
        show_final(console, run)
        console.line()
        console.picture(lambda width, height: draw_timeline(timeline_of(run), width))
        try:
            console.line(f"timeline: {_from_here(write_timeline(self._folder, run))}")
        except OSError as error:
            console.error(f"the timeline can't be written: {error}")


def _from_here(path: Path) -> Path:
    """As short as one would type it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


class _Reminder:
    """Asks for a line now and then, so that a log shows that a long step goes on."""

    def __init__(self, lines: Lines) -> None:
        self._lines, self._over = lines, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(SECONDS_BETWEEN_CHECKS):
            self._lines.remind()
