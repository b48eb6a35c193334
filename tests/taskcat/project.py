"""The folder that taskcat uploads: a build, with its top templates under plain names as well.

Nested templates and the service's archive are found by the names of their content, so they keep
them; .taskcat.yml cannot know those, so it names `<environment>/<layer>.template.json`. The
checkout itself is no project for taskcat: it would upload all of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.taskcat.configuration import SUFFIX


def read_manifest(build: Path) -> dict[str, Any]:
    """The manifest of a build."""
    manifest: dict[str, Any] = json.loads((build / "manifest.json").read_text())
    return manifest


def stage(build: Path, project: Path, *, older: Path | None = None) -> None:
    """Put a build into the project; of an `older` one only what stacks of it still refer to."""
    manifest = read_manifest(build)
    folder = project / manifest["environment"]
    shutil.rmtree(project, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in (older, build):
        if source is not None:
            _copy_by_content(source, folder)
    for unit in manifest["rollout"]:
        shutil.copy(build / unit["template"], folder / f"{unit['layer']}{SUFFIX}")


def _copy_by_content(build: Path, folder: Path) -> None:
    manifest = read_manifest(build)
    for name in (*manifest["templates"], *manifest["archives"]):
        shutil.copy(build / name, folder / name)


def parameters(build: Path, layer: str, regions: Sequence[str]) -> dict[str, str]:
    """What the build's parameter files say alike for all these Regions.

    A test has one value for all its Regions; where theirs differ, the template's default holds.
    """
    first, *others = (_parameter_file(build, layer, region) for region in regions)
    alike = (row for row in first.items() if all(row in other.items() for other in others))
    return dict(alike)


def _parameter_file(build: Path, layer: str, region: str) -> dict[str, str]:
    path = build / "parameters" / region / f"{layer}.cli.json"
    return {row["ParameterKey"]: row["ParameterValue"] for row in json.loads(path.read_text())}
