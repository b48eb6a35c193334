"""The sandbox is written against one release of ministack: another one is refused, loudly."""

from __future__ import annotations

import ast
import configparser
import re
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest

from generator.errors import SandboxError, UsageError
from generator.sandbox import VERSION, contract, extension, process
from generator.sandbox.contract import Seam

CHECKOUT = Path(__file__).resolve().parents[2]
SEAMS = extension.every_seam()


def test_one_release_is_pinned_everywhere() -> None:
    config = configparser.ConfigParser()
    config.read(CHECKOUT / "setup.cfg")
    extras = config["options.extras_require"]
    assert extras["sandbox"].strip() == f"ministack == {VERSION}"
    assert f"ministack == {VERSION}" in extras["dev"]
    assert f"ministack=={VERSION}\n" in (CHECKOUT / "constraints.txt").read_text()
    assert metadata.version("ministack") == VERSION


def test_every_seam_stands() -> None:
    assert contract.missing(SEAMS) == []


def test_every_module_of_seams_is_checked() -> None:
    for path in (CHECKOUT / "generator/sandbox").rglob("*seams.py"):
        listed = import_module(f"generator.sandbox.{path.stem}").SEAMS
        assert set(listed) <= set(SEAMS), path.name


def test_every_private_name_in_use_is_a_seam() -> None:
    """`module._name` in a module of seams, where module is one of ministack's."""
    names = {seam.name for seam in SEAMS}
    for path in (CHECKOUT / "generator/sandbox").rglob("*seams.py"):
        tree = ast.parse(path.read_text())
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack")
            for alias in node.names
        }
        used = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in imported
            and node.attr.startswith("_")
        }
        assert used <= names, f"{path.name}: {', '.join(sorted(used - names))}"


def test_only_seams_touch_ministack() -> None:
    room = CHECKOUT / "generator/sandbox"
    touching = {
        path.name
        for path in room.rglob("*.py")
        if re.search(r"^\s*(from|import) ministack\b", path.read_text(), re.MULTILINE)
    }
    assert {name for name in touching if not name.endswith("seams.py")} == {"server.py"}


@pytest.mark.parametrize("seam", SEAMS, ids=lambda seam: f"{seam.module}.{seam.name}")
def test_a_seam_that_is_gone_is_named(seam: Seam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(import_module(seam.module), seam.name)
    with pytest.raises(SandboxError, match=rf"{VERSION} lacks .*{seam.module}\.{seam.name}"):
        extension.install()


def test_a_seam_of_another_shape_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ministack.services.s3._get_object_data", lambda bucket, key: None)
    monkeypatch.setattr("ministack.services.cloudformation.handlers._ACTION_HANDLERS", [])
    found = contract.missing(SEAMS)
    assert sorted(name.rpartition(".")[2] for name in found) == [
        "_ACTION_HANDLERS",
        "_get_object_data",
    ]


@pytest.mark.parametrize("module", [extension, process])
def test_another_release_is_refused(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "version", lambda name: "9.9.9")
    start = extension.install if module is extension else process.check_installed
    with pytest.raises(SandboxError, match=rf"(?s)9\.9\.9 .*{VERSION}.*pip install"):
        start()


def test_without_ministack_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(process, "version", missing)
    with pytest.raises(UsageError, match=r"pip install .*\[sandbox\]"):
        process.check_installed()
