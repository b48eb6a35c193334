"""Load generators in one Region or several, driven from a person's machine to the end of a run.

    order everywhere ─▶ switch on ─▶ all ready ─▶ go ─▶ follow ─▶ all done ─▶ switch off, fetch

Nothing is sent before every Region is ready. Ctrl-C stops the load in good order: what was measured
is fetched; a second one switches the instances off at once. However it ends, they are switched off
from here too, whether or not they have done it themselves.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from generator.errors import AwsError, GtmError, Refused
from loadtest.recording import Progress
from loadtest.remote.aws import CURRENT, OFF, RESULTS, Bucket, Groups, Sizes
from loadtest.remote.order import Order, order_text
from loadtest.results import ABOUT

POLL_SECONDS = 3.0
READY_WITHIN_SECONDS = 1200.0
"""Instances boot and install within two or three minutes; capacity may take longer."""
DONE_MARGIN_SECONDS = 180.0
"""How much longer than its profile a run may take to come to its end and to be uploaded."""
STOP_WITHIN_SECONDS = 60.0
"""How long a stopped run may take to bring its results."""

OnProgress = Callable[[Progress], None]
Say = Callable[[str], None]


class Site(NamedTuple):
    """A Region's load generators, and their part of the load."""

    region: str
    bucket: Bucket
    groups: Groups
    order: Order

    def said(self) -> set[str]:
        """What lies in the bucket of this order."""
        return set(self.bucket.keys(self.order.place))

    def say(self, word: str) -> None:
        """Tell the load generators something."""
        self.bucket.write(self.order.place + word)

    def heard(self, word: str) -> str:
        """What the load generators told."""
        return self.bucket.read(self.order.place + word) or ""


class Brought(NamedTuple):
    """What came back."""

    folders: dict[str, Path]
    """By Region: the folders of those that measured something."""
    lost: dict[str, str]
    """Why there is none of the others, or nothing whole."""


def drive(
    sites: Sequence[Site], seconds: float, out: Path, on_progress: OnProgress, say: Say
) -> Brought:
    """Run a load that lasts `seconds`, and fetch each Region's results below `out`.

    Raises Refused where a load runs there already, GtmError where a Region does not get ready.
    """
    _refuse_second_runs(sites)
    try:
        _start(sites, say)
        _follow(sites, seconds + DONE_MARGIN_SECONDS, on_progress)
    except KeyboardInterrupt:
        say("stopping; once more to switch the instances off at once")
        _stop(sites)
    finally:
        _switch_off(sites)
    return _fetch(sites, out)


def _refuse_second_runs(sites: Sequence[Site]) -> None:
    for site in sites:
        if site.groups.sizes() != OFF:
            raise Refused(
                f"{site.region}: its load generators are running\n"
                "    wait for that run's end, or set both Auto Scaling groups to 0"
            )


def _start(sites: Sequence[Site], say: Say) -> None:
    """Order, switch on, wait until all are ready, let go."""
    for site in sites:
        site.bucket.write(CURRENT, order_text(site.order))
        site.groups.resize(Sizes(1, site.order.workers))
    say(f"instances start in {', '.join(site.region for site in sites)}; it takes minutes")
    _until_ready(sites, say)
    for site in sites:
        site.say("go")


def _until_ready(sites: Sequence[Site], say: Say) -> None:
    deadline, waiting = time.monotonic() + READY_WITHIN_SECONDS, list(sites)
    while waiting:
        for site in [*waiting]:
            said = site.said()
            if "done" in said:
                raise GtmError(f"{site.region}: {site.heard('done')}\n    nothing was sent")
            if "ready" in said:
                waiting.remove(site)
                say(f"{site.region} is ready, Locust workers: {site.heard('ready')}")
        if waiting and time.monotonic() > deadline:
            late = ", ".join(site.region for site in waiting)
            raise GtmError(
                f"{late}: not ready within {READY_WITHIN_SECONDS:.0f} s; nothing was sent\n"
                "    look at the group's activities, and at the log of the load generators"
            )
        if waiting:
            time.sleep(POLL_SECONDS)


def _follow(sites: Sequence[Site], seconds: float, on_progress: OnProgress) -> None:
    """Show how it goes until all are done, or so many seconds have passed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        said = [site.said() for site in sites]
        told = [s.heard("progress") for s, w in zip(sites, said, strict=True) if "progress" in w]
        if told:
            on_progress(summed([Progress(*json.loads(text)) for text in told]))
        if all("done" in words for words in said):
            return
        time.sleep(POLL_SECONDS)


def summed(parts: Sequence[Progress]) -> Progress:
    """A run so far, of its parts; of their p99 the worst, for percentiles don't add up."""
    return Progress(
        seconds=max(part.seconds for part in parts),
        users=sum(part.users for part in parts),
        requests=sum(part.requests for part in parts),
        failures=sum(part.failures for part in parts),
        p99=max(part.p99 for part in parts),
    )


def _stop(sites: Sequence[Site]) -> None:
    """Have the runs end, and give them a moment to bring what they measured."""
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for site in sites:
        site.say("stop")
    while any("done" not in site.said() for site in sites) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _switch_off(sites: Sequence[Site]) -> None:
    """Every Region, whatever another one answers. Raises the first AwsError at the end."""
    errors: list[AwsError] = []
    for site in sites:
        try:
            site.groups.resize(OFF)
        except AwsError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _fetch(sites: Sequence[Site], out: Path) -> Brought:
    brought = Brought({}, {})
    for site in sites:
        folder = out / "regions" / site.region
        site.bucket.download(site.order.place + RESULTS, folder)
        if (folder / ABOUT).is_file():
            brought.folders[site.region] = folder
        else:
            brought.lost[site.region] = site.heard("done") or "it brought no results in time"
    return brought
