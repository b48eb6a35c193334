"""A built environment, read back: manifest, templates, archives, parameter files.

Every file is checked against the manifest, so what is rolled out is what was built.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.deploy.release import (
    Carried,
    Evacuation,
    Kind,
    LoadGenerators,
    Place,
    Reach,
    Release,
    Unit,
    Waves,
)
from generator.errors import UsageError

FORMAT = 5


def read_release(folder: Path) -> Release:
    """Read `build/<env>/`. Raises UsageError where it is missing, older, or was changed."""
    manifest = _manifest(folder)
    templates = {n: _read(folder, n, e).decode() for n, e in manifest["templates"].items()}
    units = tuple(_unit(entry) for entry in manifest["rollout"])
    waves, evacuation = manifest["waves"], manifest["evacuation"]
    return Release(
        environment=manifest["environment"],
        prefix=manifest["prefix"],
        home=manifest["home_region"],
        regions=tuple(manifest["regions"]),
        tags=manifest["tags"],
        roles=manifest["roles"],
        bucket=manifest["artifacts"]["bucket"],
        key_prefix=manifest["artifacts"]["prefix"],
        waves=Waves(**{**waves, "alarms": tuple(waves["alarms"])}),
        evacuation=Evacuation(**evacuation) if evacuation else None,
        targets={kind: Place(**place) for kind, place in manifest["targets"].items()},
        secrets_of=manifest["secrets"],
        static_path=manifest["static_path"],
        cache_cluster=manifest["cache_cluster"],
        load_generators=_load_generators(manifest["load_generators"]),
        units=units,
        templates=templates,
        archives={name: _read(folder, name, e) for name, e in manifest["archives"].items()},
        parameters=_parameters(folder, manifest["parameters"], units),
    )


def _load_generators(entry: dict[str, Any] | None) -> LoadGenerators | None:
    return LoadGenerators(**entry | {"regions": tuple(entry["regions"])}) if entry else None


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except FileNotFoundError:
        raise UsageError(
            f"{folder}: not built\n    run: python -m generator build --env {folder.name}"
        ) from None
    if manifest.get("format") != FORMAT:
        raise UsageError(
            f"{folder}/manifest.json: format {manifest.get('format')}, {FORMAT} is read here\n"
            f"    run: python -m generator build --env {folder.name}"
        )
    return manifest


def _read(folder: Path, name: str, entry: Mapping[str, Any]) -> bytes:
    path = folder / name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise UsageError(
            f"{path}: not the file that was built\n"
            f"    run: python -m generator build --env {folder.name}"
        )
    return content


def _unit(entry: Mapping[str, Any]) -> Unit:
    return Unit(
        layer=entry["layer"],
        name=entry["name"],
        kind=Kind(entry["kind"]),
        regions=tuple(entry["regions"]),
        after=tuple(entry["after"]),
        template=entry["template"],
        nested=tuple(entry["nested"]),
        archives=tuple(entry["archives"]),
        carried={name: Carried(**source) for name, source in entry["carried"].items()},
        administrator=entry["administrator"],
        published=tuple(entry["published"]),
        reach=_reach(entry["reach"]),
    )


def _reach(entry: Mapping[str, Any] | None) -> Reach | None:
    return Reach(**{**entry, "units": tuple(entry["units"])}) if entry else None


def _parameters(
    folder: Path, built: Mapping[str, Any], units: tuple[Unit, ...]
) -> dict[tuple[str, str], Mapping[str, str]]:
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for unit in units:
        for region in unit.regions:
            name = f"parameters/{region}/{unit.layer}.cli.json"
            entries = json.loads(_read(folder, name, built[name]))
            found[region, unit.layer] = {e["ParameterKey"]: e["ParameterValue"] for e in entries}
    return found
