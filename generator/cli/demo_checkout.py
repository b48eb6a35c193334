"""The checkout that a demonstration builds and deploys: a copy, so that the real one stays as it
is, with the platform's own service.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from generator.cli.console import Paper
from generator.settings import Settings, load
from generator.settings.sections_fleet import PLATFORM
from generator.workspace import Workspace

_OURS = {"service": PLATFORM, "image": ""}
"""Of `compute`: the service that the load is for, and the image that a local AWS has."""


def copy_checkout(paper: Paper, workspace: Workspace, environment: str, to: Path) -> Settings:
    """Copy what a build reads: the environment's settings in the copy.

    Where they are not the workspace's own, that is said. Raises SettingsError.
    """
    settings = load(workspace.settings_file(environment))
    to.mkdir()
    shutil.copytree(workspace.parameters, to / "parameters")
    shutil.copy(workspace.root / "setup.cfg", to)
    if theirs := _theirs(settings):
        paper.line(f"shown with the platform's own service on Amazon's image, not {theirs}")
        settings = _with_ours(settings)
        values = settings.model_dump(mode="json", exclude_unset=True)
        (to / "parameters" / f"{environment}.yaml").write_text(yaml.safe_dump(values), "utf-8")
    return settings


def _theirs(settings: Settings) -> str:
    values = settings.compute.model_dump(include=set(_OURS))
    return ", ".join(
        f"compute.{name}: {values[name]}" for name in _OURS if values[name] != _OURS[name]
    )


def _with_ours(settings: Settings) -> Settings:
    return settings.model_copy(update={"compute": settings.compute.model_copy(update=_OURS)})
