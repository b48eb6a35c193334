"""Which release an update begins with, and that its own generator builds it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.taskcat.releases import NoSuchRelease, newest_tag, previous

GENERATOR = """
import pathlib, sys
name = sys.argv[sys.argv.index("--env") + 1]
folder = pathlib.Path("build") / name
folder.mkdir(parents=True)
text = pathlib.Path(f"parameters/{name}.yaml").read_text()
(folder / "manifest.json").write_text(f"VERSION of {text}")
"""


def git(checkout: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *words], cwd=checkout, check=True, capture_output=True)


def commit(checkout: Path, version: str, **files: str) -> None:
    """A revision whose generator says its version, with these settings files."""
    texts = {"generator/__init__.py": "", "generator/__main__.py": GENERATOR}
    texts["generator/__main__.py"] = GENERATOR.replace("VERSION", version)
    texts |= {f"parameters/{name}.yaml": text for name, text in files.items()}
    for name, text in texts.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text)
    git(checkout, "add", "-A")
    git(checkout, "commit", "-m", version)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Three releases; the first did not know the environment."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init")
    commit(folder, "one", other="-")
    git(folder, "tag", "v1")
    commit(folder, "two", toy="small")
    git(folder, "tag", "v2")
    commit(folder, "three", toy="large")
    git(folder, "tag", "v3")
    return folder


def manifest_of(checkout: Path, revision: str | None, work: Path) -> str:
    found = previous(checkout, "toy", revision, work, Path(sys.executable))
    return f"{found.name}: {(found.build / 'manifest.json').read_text()}"


def test_a_revision_is_built_by_its_own_generator_from_its_own_settings(
    checkout: Path, tmp_path: Path
) -> None:
    assert manifest_of(checkout, "HEAD~1", tmp_path / "work") == "HEAD~1: two of small"


def test_otherwise_it_is_the_newest_tag_before_this_release(checkout: Path, tmp_path: Path) -> None:
    assert manifest_of(checkout, None, tmp_path / "work") == "v2: two of small"


def test_a_tag_that_did_not_know_the_environment_is_none(checkout: Path) -> None:
    git(checkout, "tag", "-d", "v2")
    assert newest_tag(checkout, "toy") is None


def test_a_shallow_clone_has_no_tag_to_begin_with(checkout: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--depth", "1", checkout.as_uri(), "shallow")
    assert newest_tag(tmp_path / "shallow", "toy") is None


def test_an_archive_without_git_has_none_either(tmp_path: Path) -> None:
    assert newest_tag(tmp_path, "toy") is None


def test_without_a_tag_it_is_the_earlier_settings_built_by_this_generator(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    work = tmp_path / "work"
    found = previous(tmp_path / "archive", "taskcat", None, work, Path(sys.executable))
    built = json.loads((found.build / "manifest.json").read_text())
    assert (found.name, built["environment"]) == ("earlier/taskcat.yaml", "taskcat")


@pytest.mark.parametrize("revision", ["v1", "v9"])
def test_a_revision_that_cannot_be_built_is_refused(
    checkout: Path, tmp_path: Path, revision: str
) -> None:
    with pytest.raises(NoSuchRelease, match=f"no parameters/toy.yaml at {revision}"):
        manifest_of(checkout, revision, tmp_path / "work")


def test_a_platform_without_an_earlier_release_is_refused(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "tag", "-d", "v2")
    with pytest.raises(NoSuchRelease, match="no earlier release of toy"):
        manifest_of(checkout, None, tmp_path / "work")
