"""The platform on one machine, from settings to a page about its load; nothing leaves it.

    parameters/dev.yaml ─► build ─► deploy ─► a local AWS
                                                 │ what it tells its instances
                       Locust ─► HAProxy ─► the deployed service ─► Valkey, DynamoDB
                          └─► build/dev-loadtests/…-demo-origin/

Build and deploy are the commands that anybody types, as processes. The service is the archive that
they packed and uploaded, with the environment that the deployed user data gives it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from generator.cli.console import Console
from generator.cli.demo_checkout import copy_checkout
from generator.cli.demo_profile import DEMO, at_length, peak_seconds
from generator.cli.drawing import Piece
from generator.cli.hand import Hand
from generator.cli.loading import results_folder, run_load
from generator.cli.report_view import add_events, finish
from generator.errors import CheckFailed, Exit, UsageError
from generator.sandbox.data_plane import deployed, plane
from generator.sandbox.data_plane.deployed import Deployed
from generator.sandbox.data_plane.guarded import Guarded, import_path
from generator.sandbox.data_plane.plane import Plan, Plane
from generator.sandbox.process import Sandbox, check_installed, running
from generator.workspace import Workspace
from loadtest.forecast import announce
from loadtest.profile import Profile
from loadtest.running import ALONE
from loadtest.target import Load

ENVIRONMENT = "dev"
TIMELINE = "deploy.html"
_LINES = 40
_ADDED = "at the height an instance is added: by this command, not by Auto Scaling"
_REMEDY = "    pip install -c constraints.txt -e '.[loadtest]'"


class Stage(NamedTuple):
    """Where it takes place."""

    console: Console
    scratch: Path
    """Gone at the end."""
    out: Path
    """What stays."""

    @property
    def checkout(self) -> Path:
        """A copy of the real one."""
        return self.scratch / "checkout"


def demonstrate(
    console: Console, workspace: Workspace, out: Path | None, seconds: float | None
) -> Exit:
    """All of it, once; `seconds` instead of the profile's length. How to leave.

    Raises what its parts raise. Ctrl-C ends everything; during the load, what was measured until
    then is still drawn.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _check_packages()
    folder = out or results_folder(workspace, ENVIRONMENT, DEMO, "origin")
    with TemporaryDirectory(prefix="gtm-demo-", ignore_cleanup_errors=True) as scratch:
        stage = Stage(console, Path(scratch), folder)
        profile = at_length(seconds, stage.scratch)
        events = _play(stage, workspace, profile)
        add_events(console, folder, events)
        return finish(console, folder, profile, None)


def _check_packages() -> None:
    """Raises UsageError before anything starts."""
    check_installed()
    plane.check_installed()
    for name in ("locust", "matplotlib"):
        if find_spec(name) is None:
            raise UsageError(f"a load needs {name}\n{_REMEDY}")


def _play(stage: Stage, workspace: Workspace, profile: Profile) -> Path:
    """From the sandbox to the end of the load: the file of what happened meanwhile."""
    with _sandbox(stage.console) as sandbox:
        settings = copy_checkout(stage.console, workspace, ENVIRONMENT, stage.checkout)
        _roll_out(stage)
        region = deployed.read(settings.prefix, settings.home_region)
        with _data_plane(stage, sandbox, region, settings.home_region) as front:
            _load(stage, front, profile, region.origin_secret)
        return front.events_file


# --- the platform ---------------------------------------------------------------------------------


@contextmanager
def _sandbox(console: Console) -> Iterator[Sandbox]:
    """A local AWS that this process and all its children talk to, and to no other."""
    began = time.monotonic()
    with running() as sandbox:
        for name in [name for name in os.environ if name.upper().startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(sandbox.environment())
        _say(console, began, f"a local AWS on {sandbox.endpoint}")
        yield sandbox


def _roll_out(stage: Stage) -> None:
    _command(stage, "build", "--env", ENVIRONMENT)
    _command(stage, "deploy", "--env", ENVIRONMENT, "--yes")
    stage.out.mkdir(parents=True, exist_ok=True)
    for page in (stage.checkout / "build").glob("*-rollouts/reports/*.html"):
        shutil.copy(page, stage.out / TIMELINE)


def _command(stage: Stage, *words: str) -> None:
    """One of our own commands. CheckFailed with the end of what it said when it fails."""
    began = time.monotonic()
    log = stage.scratch / f"{words[0]}.log"
    process = Guarded(
        [sys.executable, "-P", "-m", "generator", *words],
        log,
        os.environ | {"PYTHONPATH": import_path()},
        folder=stage.checkout,
    )
    title = " ".join(words)
    try:
        with stage.console.live(lambda width, _: [(Piece(f"{title}  {_last(log)}"[:width]),)]):
            while not process.wait(1.0):
                pass
    finally:
        process.kill()
    if process.exit_code:
        said = "\n".join(log.read_text(errors="replace").splitlines()[-_LINES:])
        raise CheckFailed(f"{title} left with exit code {process.exit_code}\n{said}")
    _say(stage.console, began, title)


def _last(log: Path) -> str:
    return next(reversed(log.read_text(errors="replace").split("\n")[:-1]), "")


# --- its load -------------------------------------------------------------------------------------


@contextmanager
def _data_plane(stage: Stage, sandbox: Sandbox, region: Deployed, name: str) -> Iterator[Plane]:
    """The home Region's instances as processes, from the archive that was deployed."""
    began = time.monotonic()
    folder, archive = stage.scratch / "data-plane", stage.scratch / "service"
    folder.mkdir()
    service = deployed.unpack(region.archive, archive)
    environment = sandbox.environment(region=name) | region.environment
    environment["GTM_PYTHON"] = sys.executable
    plan = Plan(name, environment, 2, region.group, region.user, [str(service)])
    with plane.running(plan, folder) as front:
        count = len(front.instances)
        _say(stage.console, began, f"{name}: HAProxy on {front.url}, {count} services, Valkey")
        yield front


def _load(stage: Stage, front: Plane, profile: Profile, secret: str) -> None:
    """The profile's load, and in its middle an instance more."""
    aimed = Load(
        profile=profile, target="origin", host=front.url, origin_secret=secret, out=stage.out
    )
    for line in (*announce(aimed), _ADDED):
        stage.console.line(line)
    with Hand(front, peak_seconds(profile)):
        run_load(stage.console, aimed, ALONE)


def _say(console: Console, began: float, text: str) -> None:
    console.line(f"{time.monotonic() - began:5.1f} s  {text}")
