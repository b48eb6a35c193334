"""`loadtest --in-aws`: from a command line to load generators in AWS, and back with their results.

The load is the profile's, whole: its users and its ceiling are split over the Regions, and what
they measured is put together into one folder, as if one machine had made it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from generator.cli.console import Console
from generator.cli.loading import Following
from generator.deploy.aws import Aws
from generator.deploy.built_files import read_release
from generator.deploy.release import LoadGenerators, Release, spelled_out
from generator.errors import GtmError, Refused, UsageError
from loadtest.forecast import forecast
from loadtest.remote.aws import Bucket, Groups
from loadtest.remote.driving import Brought, Site, drive
from loadtest.remote.merging import merge
from loadtest.remote.order import STOPPED, order_for
from loadtest.results import read_run
from loadtest.sharing import Share
from loadtest.target import Load

COLUMNS = ("Region", "users ", "requests ", "failed ", "req/s ", "p99 ms ")


class Generators:
    """The load generators of an environment, and the load that they are to make."""

    def __init__(self, built: Path, load: Load) -> None:
        """Raises UsageError where there are none, Refused for a load that they can't make."""
        release = read_release(built)
        found = release.load_generators
        if found is None:
            raise UsageError(
                f"{built.name} has no load generators\n"
                "    add the section load_generator to its settings, build and deploy"
            )
        _refuse_tables_of_another_account(release, load)
        _refuse_long_loads(found, load)
        self.found, self.load = found, load
        self.sites = _sites(found, load)

    def announce(self) -> tuple[str, ...]:
        """Where the load comes from, for whoever is about to start it."""
        found = self.found
        regions, count = ", ".join(found.regions), len(found.regions)
        instances = count * (found.workers_a_region + 1)
        share = self.load.profile.ceiling.requests_per_second / count
        return (
            f"from {regions}: users split over them, never above {share:,.6g} requests/s of each",
            f"{instances} instances {found.instance_type}, masters and workers: {count} Regions x "
            f"(1 + {found.workers_a_region}); they switch themselves off",
        )

    def run(self, console: Console, out: Path) -> Path:
        """Make the load, and return the folder of its results. Raises GtmError without any."""
        following, seconds = Following(), forecast(self.load).seconds
        with console.live(following.draw) as say:
            brought = drive(self.sites, seconds, out, following.teller(say), following.note(say))
        if not brought.folders:
            if brought.interrupted and set(brought.lost.values()) == {STOPPED}:
                raise KeyboardInterrupt  # before anything was sent
            why = "\n    ".join(f"{region}: {text}" for region, text in brought.lost.items())
            raise GtmError(f"nothing was measured\n    {why}")
        merge(brought, out)
        _show(console, brought)
        return out


def _refuse_tables_of_another_account(release: Release, load: Load) -> None:
    """In an organization none of them may: `policies.load_generator` gives no rights on tables."""
    if load.target == "table" and release.unit("load_generator").reach:
        raise Refused(
            "--target table: load generators of an organization's accounts have no rights on the "
            "platform's tables\n    leave --in-aws out, and run it in the platform's own account"
        )


def _refuse_long_loads(found: LoadGenerators, load: Load) -> None:
    minutes = forecast(load).seconds / 60
    if minutes > found.longest_minutes:
        raise Refused(
            f"profile {load.profile.name} lasts {minutes:,.0f} minutes, and load generators are "
            f"switched off after {found.longest_minutes}\n"
            "    raise load_generator.longest_minutes, or lower the profile's ceiling"
        )


def _sites(found: LoadGenerators, load: Load) -> list[Site]:
    """A site a Region, in this account: whoever is logged in drives its load generators."""
    account = Aws().account(found.regions[0])
    run_id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{load.target}"
    parts = [Share(part, len(found.regions)) for part in range(1, len(found.regions) + 1)]
    return [
        Site(
            region,
            Bucket(region, spelled_out(found.bucket, region, account)),
            Groups(region, found.masters, found.workers),
            order_for(load, share, run_id, found.workers_a_region),
        )
        for region, share in zip(found.regions, parts, strict=True)
    ]


def _show(console: Console, brought: Brought) -> None:
    """The Regions apart; each has a folder of its own, below that of the run."""
    console.table("measured by", COLUMNS, [_row(*each) for each in brought.folders.items()])
    for region, why in brought.lost.items():
        console.error(f"{region}: {why}")


def _row(region: str, folder: Path) -> Sequence[str]:
    total = read_run(folder).total
    if total is None:
        return (region, "0", "0", "0", "0", "0")
    counts = (f"{total.users:,}", f"{total.requests:,}", f"{total.failures:,}")
    return (region, *counts, f"{total.rate:,.1f}", f"{total.p99:,.1f}")
