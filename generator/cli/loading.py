"""From a command line to a run: where the load goes, what it says before, how it is followed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from generator.cli.console import Console, Say
from generator.cli.drawing import Line, Piece
from generator.deploy.around.outputs import Output, published
from generator.deploy.around.switches import METRICS_REGION
from generator.deploy.around.targets import Target, find_target
from generator.deploy.aws import Aws
from generator.deploy.built_files import read_release
from generator.deploy.failures import speaking_of
from generator.deploy.looking.look import look
from generator.deploy.release import Release
from generator.errors import UsageError
from generator.workspace import Workspace
from loadtest.account import read_secret
from loadtest.profile import Profile
from loadtest.recording import Progress
from loadtest.running import Workers, progress_line, run
from loadtest.sections import Target as Kind
from loadtest.target import TARGETS, Load, host_name, load_from

SPOKEN_SECONDS = 5.0
"""How often a log is told how a load goes."""
GROUP_OUTPUT = "AutoScalingGroupName"


class Watch(NamedTuple):
    """What of AWS to watch."""

    prefix: str
    groups: Mapping[str, str]
    """Auto Scaling group by Region; empty where a Region has alarms only."""


def results_folder(workspace: Workspace, environment: str, profile: str, target: str) -> Path:
    """A new folder of a run, named by its time in UTC."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return workspace.loadtests(environment) / f"{moment}-{profile}-{target}"


def aim_at(profile: Profile, kind: str, host: str, out: Path) -> Load:
    """At a host that the profile names; secrets are told by the environment (`loadtest.target`)."""
    if kind_of(kind) == "table":
        raise UsageError("--host: a table has none\n    leave it out: --env says whose tables")
    told = {"LOADTEST_PROFILE": str(profile.path), "LOADTEST_TARGET": kind, "LOADTEST_HOST": host}
    none = {"LOADTEST_ENVIRONMENT": ""}
    return load_from({**os.environ, **told, **none, "LOADTEST_OUT": str(out)})


def aim_at_stacks(built: Path, profile: Profile, kind: str, region: str, out: Path) -> Load:
    """At what the stacks of an environment offer, with the secrets that it asks for."""
    kind_of(kind)
    release, found = _standing(built)
    target = find_target(release, found, kind, region or release.home)
    return _load(profile, release, target, out)


def watch_stacks(built: Path) -> Watch:
    """What to watch of the stacks of an environment."""
    return what_to_watch(*_standing(built))


def what_to_watch(release: Release, found: Iterable[Output]) -> Watch:
    """Every Region, and the one where alarms on the edge and on health checks are."""
    groups = {each.region: each.value for each in found if each.name == GROUP_OUTPUT}
    regions = dict.fromkeys((*release.regions, METRICS_REGION))
    return Watch(release.prefix, {region: groups.get(region, "") for region in regions})


def _standing(built: Path) -> tuple[Release, tuple[Output, ...]]:
    release, aws = read_release(built), Aws()
    with speaking_of("loadtest", deployer=release.roles["deployer"]):
        return release, published(release, look(aws, release, aws.account(release.home)))


def _load(profile: Profile, release: Release, target: Target, out: Path) -> Load:
    secret = read_secret(target.secret, target.region) if target.secret else {}
    is_table = target.kind == "table"
    return Load(
        profile=profile,
        target=kind_of(target.kind),
        host="" if is_table else target.address,
        allowed=(target.address if is_table else host_name(target.address),),
        environment=release.environment,
        prefix=target.address if is_table else "",
        region=target.region,
        origin_secret=secret.get("value", ""),
        cache_username=secret.get("username", ""),
        cache_password=secret.get("password", ""),
        cache_cluster=release.cache_cluster,
        static_path=release.static_path,
        out=out,
    )


def kind_of(name: str) -> Kind:
    """A kind of target; UsageError with those that there are."""
    if name not in TARGETS:
        raise UsageError(f"--target {name}: there are {', '.join(TARGETS)}")
    return name


def run_load(console: Console, load: Load, workers: Workers) -> Path:
    """Run it, and show how it goes: one line that moves, or one every few seconds."""
    following = Following()
    with console.live(following.draw) as say:
        return run(load, workers, following.teller(say))


class Following:
    """The last two things that were said of a load."""

    def __init__(self) -> None:
        self._spoken: Progress | None = None
        self._text = "starting"

    def teller(self, say: Say) -> Callable[[Progress], None]:
        """What is told how a load goes, and tells a log now and then."""

        def on_progress(now: Progress) -> None:
            if text := self.take(now):
                say(text)

        return on_progress

    def note(self, say: Say) -> Say:
        """What is told a line that is to be seen in any case."""

        def on_line(text: str) -> None:
            self._text = text
            say(text)

        return on_line

    def take(self, now: Progress) -> str:
        """What a log is told now; empty where it was told a moment ago."""
        since = now.seconds - self._spoken.seconds if self._spoken else SPOKEN_SECONDS
        self._text = progress_line(self._spoken, now)
        if since < SPOKEN_SECONDS:
            return ""
        self._spoken = now
        return self._text

    def draw(self, width: int, height: int) -> list[Line]:
        """The same for a screen."""
        return [(Piece(self._text[:width]),)]
