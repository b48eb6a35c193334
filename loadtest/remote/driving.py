"""Load generators in one Region or several, driven from a person's machine to the end of a run.

    order everywhere ─▶ switch on ─▶ all ready ─▶ go ─▶ follow ─▶ all done ─▶ switch off, fetch

Nothing is sent before every Region is ready. Ctrl-C stops the load in good order: what was measured
is fetched; a second one switches the instances off at once. However it ends, they are switched off
from here too, whether or not they have done it themselves. While a load runs, AWS may be out of
reach: it runs on, and is asked again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from generator.errors import AwsError, GtmError, Refused
from loadtest.recording import Progress
from loadtest.remote.aws import CURRENT, OFF, RESULTS, Bucket, Groups, Sizes
from loadtest.remote.order import READY_WITHIN_SECONDS, Order, order_text
from loadtest.results import ABOUT

POLL_SECONDS = 3.0
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
    interrupted: bool = False
    """Whether a person broke the load off from here."""


def drive(
    sites: Sequence[Site], seconds: float, out: Path, on_progress: OnProgress, say: Say
) -> Brought:
    """Run a load that lasts `seconds`, and fetch each Region's results below `out`.

    Raises Refused where a load runs there already, GtmError where a Region does not get ready.
    """
    _refuse_second_runs(sites)
    interrupted = False
    try:
        _start(sites, say)
        if not _follow(sites, seconds + DONE_MARGIN_SECONDS, on_progress, say):
            say("it has not come to its end in time: stopping")
            _stop(sites, say)
    except KeyboardInterrupt:
        interrupted = True
        say("stopping; once more to switch the instances off at once")
        _stop(sites, say)
    finally:
        _switch_off(sites, say)
    return _fetch(sites, out, interrupted)


def _refuse_second_runs(sites: Sequence[Site]) -> None:
    for site in sites:
        if not site.groups.are_empty():
            raise Refused(
                f"{site.region}: its load generators are running, or still ending\n"
                "    wait until their instances are gone, or set both Auto Scaling groups to 0"
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
    """Until then all of them are looked at: one that was ready may have given up since."""
    deadline, waiting = time.monotonic() + READY_WITHIN_SECONDS, list(sites)
    while waiting:
        for site in sites:
            said = site.said()
            if "done" in said:
                raise GtmError(f"{site.region}: {site.heard('done')}\n    nothing was sent")
            if "ready" in said and site in waiting:
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


def _follow(sites: Sequence[Site], seconds: float, on_progress: OnProgress, say: Say) -> bool:
    """Show how it goes; whether all were done before so many seconds had passed."""
    deadline, answers = time.monotonic() + seconds, True
    while time.monotonic() < deadline:
        try:
            if _look(sites, on_progress):
                return True
            answers = True
        except AwsError as error:
            if answers:
                say(f"{error}\n    the load runs on; AWS is asked again")
            answers = False
        time.sleep(POLL_SECONDS)
    return False


def _look(sites: Sequence[Site], on_progress: OnProgress) -> bool:
    """Show how it goes; whether all are done. What was told before `done` is shown with it."""
    said = [site.said() for site in sites]
    told = [s.heard("progress") for s, w in zip(sites, said, strict=True) if "progress" in w]
    if told:
        on_progress(summed([Progress(*json.loads(text)) for text in told]))
    return all("done" in words for words in said)


def summed(parts: Sequence[Progress]) -> Progress:
    """A run so far, of its parts; of their p99 the worst, for percentiles don't add up."""
    return Progress(
        seconds=max(part.seconds for part in parts),
        users=sum(part.users for part in parts),
        requests=sum(part.requests for part in parts),
        failures=sum(part.failures for part in parts),
        p99=max(part.p99 for part in parts),
    )


def _stop(sites: Sequence[Site], say: Say) -> None:
    """Have the runs end, and give them a moment to bring what they measured."""
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for site in sites:
        try:
            site.say("stop")
        except AwsError as error:
            say(str(error))
    while time.monotonic() < deadline:
        with suppress(AwsError):
            if all("done" in site.said() for site in sites):
                return
        time.sleep(POLL_SECONDS)


def _switch_off(sites: Sequence[Site], say: Say) -> None:
    """Every Region, whatever another one answers; results are fetched whether or not it went."""
    for site in sites:
        try:
            site.groups.resize(OFF)
        except AwsError as error:
            say(f"{error}\n    see that both Auto Scaling groups are set to 0")


def _fetch(sites: Sequence[Site], out: Path, interrupted: bool) -> Brought:
    brought = Brought({}, {}, interrupted)
    for site in sites:
        folder = out / "regions" / site.region
        try:
            why = _download(site, folder)
        except AwsError as error:
            why = f"{error}\n    what it measured may be in {site.bucket.name}/{site.order.place}"
        if why:
            brought.lost[site.region] = why
        else:
            brought.folders[site.region] = folder
    return brought


def _download(site: Site, folder: Path) -> str:
    """Why there are no results; empty where they have come."""
    site.bucket.download(site.order.place + RESULTS, folder)
    if (folder / ABOUT).is_file():
        return ""
    return site.heard("done") or "it brought no results in time"
