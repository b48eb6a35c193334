"""Folders of several Regions, put together into one: counts in buckets add up (`keeping_cells`).

Regions start within seconds of each other. Their intervals are put together by the nearest five
seconds, as of the one that started first, and the last one ends as they do then; everything else
is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from loadtest.cells import Wire
from loadtest.gate import COMPLETED, INTERRUPTED
from loadtest.keeping_cells import read_cells
from loadtest.recording import Recorder
from loadtest.remote.driving import Brought
from loadtest.results import INTERVAL_SECONDS, About, Run, read_about, write_run


def merge(brought: Brought, out: Path) -> Run:
    """Write one folder of those that Regions brought, and return its run.

    Where the part of a Region is missing it is not complete. Raises UsageError where a folder is
    not the part of a run.
    """
    folders = brought.folders
    runs = {region: read_about(folder) for region, folder in folders.items()}
    started = min(about.started for about in runs.values())
    ended = max(about.started + about.seconds for about in runs.values())
    recorder, users, measured = Recorder(), Counter[int](), 0.0
    recorder.begin(started)
    for region, about in runs.items():
        later = round((about.started - started) / INTERVAL_SECONDS)
        measured = max(measured, later * INTERVAL_SECONDS + about.seconds)
        for number, count, cells in read_cells(folders[region]):
            users[number + later] += count
            recorder.add(_wire(number + later, cells))
    for number, count in users.items():
        recorder.users_at(started + (number + 0.5) * INTERVAL_SECONDS, count)
    intervals, totals = recorder.rows(measured)
    totals = [replace(total, seconds=ended - started) for total in totals]
    first = next(iter(runs.values()))
    about = replace(
        first,
        started=started,
        seconds=ended - started,
        ended=_ended(runs, brought),
        workers=sum(about.workers for about in runs.values()),
        generators=", ".join(sorted(runs)),
        saturated=any(about.saturated for about in runs.values()),
    )
    run = Run(about, intervals, totals, recorder.failures())
    write_run(out, run)
    return run


def _wire(number: int, cells: Wire) -> Wire:
    return [[number, *cell] for cell in cells]


def _ended(runs: Mapping[str, About], brought: Brought) -> str:
    """How the whole of it ended: as its parts, unless whoever drove it broke it off."""
    if brought.interrupted:
        return INTERRUPTED
    for region, why in brought.lost.items():
        return f"without {region}: {why}"
    broken = (f"{region}: {a.ended}" for region, a in runs.items() if a.ended != COMPLETED)
    return next(broken, COMPLETED)
