"""A rollout reads what was built, to the byte: the manifest's hash stands for all of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.build.write import replace_tree
from generator.deploy.built_files import read_release
from generator.errors import UsageError
from tests.deploy.conftest import files, pair


@pytest.fixture
def output(tmp_path: Path) -> Path:
    replace_tree(tmp_path / "prod", files(pair()))
    return tmp_path / "prod"


def test_every_file_that_is_read_is_the_one_that_the_manifest_names(output: Path) -> None:
    manifest = json.loads((output / "manifest.json").read_text())
    named = [*manifest["templates"], *manifest["archives"], *manifest["parameters"]]
    read = [name for name in named if not name.endswith((".deploy.json", ".codepipeline.json"))]
    assert len(read) > 20
    for name in read:
        whole = (output / name).read_bytes()
        (output / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(UsageError, match="not the file that was built"):
            read_release(output)
        (output / name).write_bytes(whole)
    assert read_release(output).units


def test_a_parameter_file_that_is_gone_is_not_a_set_of_defaults(output: Path) -> None:
    (output / "parameters/us-east-1/regional.cli.json").unlink()
    with pytest.raises(UsageError, match="not the file that was built"):
        read_release(output)


def test_the_manifest_names_every_file_of_a_build_but_the_page_of_links(output: Path) -> None:
    manifest = json.loads((output / "manifest.json").read_text())
    named = {*manifest["templates"], *manifest["archives"], *manifest["parameters"]}
    built = {p.relative_to(output).as_posix() for p in output.rglob("*") if p.is_file()}
    assert built - named == {"manifest.json", "quick-create.html"}
