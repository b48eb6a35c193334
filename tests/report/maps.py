"""Platforms to read maps of, and the same platforms with something changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from generator.build.pipeline import bundle_of
from generator.build.release import build_release
from generator.checks.contract import Bundle
from generator.report.encryption.rows import Row
from generator.settings import load
from generator.settings.load import load_text

PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"
OPTIONS = """
aurora: {}
load_generator: {}
chaos: {}
region_switch: {}
github_actions: {repository: my-company/platform}
pipeline:
  connection_arn: >-
    arn:aws:codeconnections:ap-northeast-2:111122223333:connection/aaaabbbb-1111-2222-3333-ccccddddeeee
  repository: my-company/platform
  promotes: [{environment: prod}]
"""
"""What is off unless asked for."""

Change = Callable[[dict[str, Any]], object]


@cache
def built(environment: str) -> Bundle:
    """An environment as it would be written."""
    return bundle_of(build_release(load(PARAMETERS / f"{environment}.yaml")))


@cache
def with_options() -> Bundle:
    """Production with all that is off unless asked for."""
    text = (PARAMETERS / "prod.yaml").read_text() + OPTIONS
    return bundle_of(build_release(load_text(text, "prod.yaml")))


def rows(bundle: Bundle, place: str) -> list[Row]:
    """The rows of one resource."""
    return [row for row in bundle.encryption.rows if row.place == place]


def row(bundle: Bundle, place: str, what: str = "") -> Row:
    """The one row of a resource that is about something."""
    (found,) = [row for row in rows(bundle, place) if what in row.what]
    return found


def file_of(bundle: Bundle, layer: str) -> str:
    """The template of a layer."""
    entries = bundle.manifest["templates"].items()
    return next(str(file) for file, entry in entries if entry["layer"] == layer)


def resources(bundle: Bundle, layer: str) -> dict[str, Any]:
    """The resources of a layer, as they are in its template."""
    found: dict[str, Any] = bundle.templates[file_of(bundle, layer)]["Resources"]
    return found


def changed(bundle: Bundle, place: str, change: Change) -> Bundle:
    """The same, but for one resource, whose body `change` alters."""
    layer, _, name = place.partition("/")
    body = copy.deepcopy(resources(bundle, layer)[name])
    change(body)
    return replaced(bundle, place, body)


def replaced(bundle: Bundle, place: str, body: dict[str, Any]) -> Bundle:
    """The same with another resource in this place, or one more."""
    layer, _, name = place.partition("/")
    file = file_of(bundle, layer)
    template = {**bundle.templates[file], "Resources": {**resources(bundle, layer), name: body}}
    return Bundle(bundle.manifest, {**bundle.templates, file: template})
