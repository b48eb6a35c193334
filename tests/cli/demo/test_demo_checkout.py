"""The copy that a demonstration builds and deploys: the same platform, with its own service."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from generator.cli.console import PlainConsole
from generator.cli.demo_checkout import copy_checkout
from generator.settings import Settings, load
from generator.settings.sections_fleet import PLATFORM
from generator.workspace import Workspace

OWN_ARCHIVE = {"service": "my/app.tar.gz"}
OWN_IMAGE = {"service": "image", "image": "/golden/ami"}


def copied(checkout: Path, environment: str) -> tuple[Settings, str]:
    """The settings that are built there, and what was said."""
    said, to = io.StringIO(), checkout / "copy"
    settings = copy_checkout(PlainConsole(said, said), Workspace(checkout), environment, to)
    assert settings == load(Workspace(to).settings_file(environment))
    return settings, said.getvalue()


def with_compute(checkout: Path, environment: str, values: dict[str, str]) -> Settings:
    path = checkout / "parameters" / f"{environment}.yaml"
    lines = "".join(f"  {name}: {value}\n" for name, value in values.items())
    path.write_text(path.read_text().replace("\ncompute:\n", f"\ncompute:\n{lines}", 1))
    return load(path)


def test_the_platforms_own_is_copied_as_it_is(checkout: Path) -> None:
    settings, said = copied(checkout, "dev")
    assert (settings, said) == (load(checkout / "parameters" / "dev.yaml"), "")
    assert (checkout / "copy" / "setup.cfg").is_file()


@pytest.mark.parametrize("environment", ["dev", "reference"])
@pytest.mark.parametrize("values", [OWN_ARCHIVE, OWN_IMAGE], ids=["archive", "image"])
def test_whoever_brings_another_service_is_told_that_the_platforms_is_shown(
    checkout: Path, environment: str, values: dict[str, str]
) -> None:
    """And in everything else it is their platform."""
    theirs = with_compute(checkout, environment, values)
    settings, said = copied(checkout, environment)
    assert (settings.compute.service, settings.compute.image) == (PLATFORM, "")
    assert all(f"compute.{name}: {value}" in said for name, value in values.items())
    compute = settings.compute.model_copy(update=values)
    assert settings.model_copy(update={"compute": compute}) == theirs
    assert load(checkout / "parameters" / f"{environment}.yaml") == theirs
