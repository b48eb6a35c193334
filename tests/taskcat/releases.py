"""The previous release, built by its own generator.

Which one that is, in this order:

1. the revision that was asked for: its files, from git, with its own generator and settings;
2. else the newest tag before HEAD whose tree has the environment's settings;
3. else `earlier/<environment>.yaml` beside this module, built by this generator: the platform as
   it was smaller. It needs neither tags nor history, so a shallow clone or an archive has it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

EARLIER = Path(__file__).with_name("earlier")


class NoSuchRelease(Exception):
    """A revision that git does not have, or that cannot be built."""


class Release(NamedTuple):
    """A built release: what it is called, and where its manifest is."""

    name: str
    build: Path


def previous(
    checkout: Path, environment: str, revision: str | None, work: Path, python: Path
) -> Release:
    """Build the previous release below `work`. Raises NoSuchRelease."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    wanted = revision or newest_tag(checkout, environment)
    if wanted:
        _check_out(checkout, wanted, environment, work)
    else:
        _settings_only(environment, work)
    _build(python, environment, work)
    return Release(wanted or f"earlier/{environment}.yaml", work / "build" / environment)


def newest_tag(checkout: Path, environment: str) -> str | None:
    """The newest tag below HEAD, other than HEAD's own, that knows the environment."""
    listed = _git(
        checkout, "tag", "--merged", "HEAD", "--no-contains", "HEAD", "--sort=-creatordate"
    )
    tags = (listed or "").split()
    return next((tag for tag in tags if _has_settings(checkout, tag, environment)), None)


def _has_settings(checkout: Path, revision: str, environment: str) -> bool:
    return _git(checkout, "cat-file", "-e", f"{revision}:parameters/{environment}.yaml") is not None


def _check_out(checkout: Path, revision: str, environment: str, work: Path) -> None:
    if not _has_settings(checkout, revision, environment):
        raise NoSuchRelease(
            f"git has no parameters/{environment}.yaml at {revision}: "
            "name a later revision, or leave it out (a shallow clone has no history)"
        )
    archive = subprocess.run(
        ["git", "archive", "--format=tar", revision], cwd=checkout, capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(work)], input=archive.stdout, check=True)


def _settings_only(environment: str, work: Path) -> None:
    """A folder that the generator takes for a checkout: it looks for these two."""
    source = EARLIER / f"{environment}.yaml"
    if not source.is_file():
        raise NoSuchRelease(f"there is no earlier release of {environment} to begin with")
    (work / "parameters").mkdir()
    shutil.copy(source, work / "parameters")
    (work / "setup.cfg").touch()


def _build(python: Path, environment: str, work: Path) -> None:
    """`-m` finds the release's own generator in `work`, if it brought one, else the installed."""
    command = [str(python), "-m", "generator", "build", "--env", environment, "--no-lint"]
    done = subprocess.run(command, cwd=work, stdout=sys.stderr, check=False)
    if done.returncode:
        raise NoSuchRelease(f"the previous release of {environment} could not be built")


def _git(checkout: Path, *words: str) -> str | None:
    """What git says; None where it fails, or there is no git."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=checkout, capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return None if done.returncode else done.stdout
