"""What load generators run: packed the same whenever it is the same, and all that it needs."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
from fnmatch import fnmatch
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from generator import names
from generator.build import generator_files, generator_lock
from generator.build.archive import generators_archive, packed
from generator.build.release import build_release, manifest
from generator.settings.sections import LoadGenerator
from tests.layers.support import settings

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
CHOSEN = settings(load_generator=LoadGenerator(regions=["eu-central-1"]))
IMPORT_ALL = """
import importlib, json, pathlib, sys
sys.path.insert(0, ".")
skipped = {"locustfile", "mounting", "roles", "keeping", "harness", "users"}
paths = [path.with_suffix("") for path in pathlib.Path("loadtest").rglob("*.py")]
for path in paths:
    if not set(path.parts) & skipped:
        importlib.import_module(".".join(path.parts))
ours = [m for name, m in sys.modules.items() if name.split(".")[0] in ("generator", "loadtest")]
print(json.dumps([m.__file__ for m in ours if getattr(m, "__file__", None)]))
"""
ON_AN_INSTANCE = {
    **{"platform_machine": "aarch64", "python_version": "3.11", "sys_platform": "linux"},
    **{"platform_system": "Linux", "implementation_name": "cpython"},
}
"""As a marker sees a load generator: Amazon Linux on Graviton."""


def test_equal_files_give_equal_bytes() -> None:
    assert generators_archive(CHOSEN) == generators_archive(CHOSEN)
    assert packed(generator_files.files()) == packed(generator_files.files())


def test_without_load_generators_nothing_is_packed() -> None:
    assert generators_archive(settings()) is None


def test_it_lists_what_its_imports_need_at_the_versions_that_are_tested_here() -> None:
    """And nothing else: the lock is the closure, as pip on an instance would see it."""
    reached, waiting = set(), [Requirement(name) for name in generator_lock.IMPORTED]
    while waiting:
        asked = waiting.pop()
        for wanted in {(canonicalize_name(asked.name), extra) for extra in ("", *asked.extras)}:
            if wanted not in reached:
                reached.add(wanted)
                waiting += _needed(*wanted)
    constraints = [Requirement(line) for line in _lines(CONSTRAINTS.read_text())]
    ours = {canonicalize_name(each.name): each.specifier for each in constraints}
    locked = [Requirement(line.split(" --hash=")[0]) for line in _locked()]
    assert {r.name: r.specifier for r in locked} == {name: ours[name] for name, _ in reached}


def test_every_package_is_known_by_its_hash() -> None:
    assert all(re.search(r" --hash=sha256:[0-9a-f]{64}$", line) for line in _locked())


def test_the_lock_is_written_of_the_wheels_that_pip_fetched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fetch(command: list[str], *, check: bool) -> None:
        folder = Path(command[command.index("-d") + 1])
        (folder / "zope_interface-8.7-cp311-cp311-manylinux2014_aarch64.whl").write_bytes(b"z")
        (folder / "Flask_Login-0.6.3-py3-none-any.whl").write_bytes(b"f")

    monkeypatch.setattr(subprocess, "run", fetch)
    monkeypatch.setattr(generator_lock, "LOCK", tmp_path / "lock")
    generator_lock.main()
    assert (tmp_path / "lock").read_text().splitlines() == [
        f"flask-login==0.6.3 --hash=sha256:{hashlib.sha256(b'f').hexdigest()}",
        f"zope-interface==8.7 --hash=sha256:{hashlib.sha256(b'z').hexdigest()}",
    ]


def _needed(name: str, extra: str) -> list[Requirement]:
    needed = [Requirement(text) for text in distribution(name).requires or ()]
    there = ON_AN_INSTANCE | {"extra": extra}
    return [each for each in needed if not each.marker or each.marker.evaluate(there)]


def _locked() -> list[str]:
    return _lines(generator_files.files()[generator_files.REQUIREMENTS].decode())


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_its_modules_need_nothing_of_this_checkout(tmp_path: Path) -> None:
    """Every module of it is imported from a bare directory, by an interpreter that sees no other.

    But those that import Locust, which the test of a real run has.
    """
    archive = generators_archive(CHOSEN)
    assert archive is not None
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as members:
        members.extractall(tmp_path, filter="data")
    done = subprocess.run(
        [sys.executable, "-P", "-c", IMPORT_ALL],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = [Path(tmp_path, path).resolve() for path in json.loads(done.stdout)]
    assert len(found) > 30
    assert all(path.is_relative_to(tmp_path.resolve()) for path in found), found


def test_a_release_names_it_for_its_own_unit_only() -> None:
    archive = generators_archive(CHOSEN)
    release = build_release(CHOSEN)._replace(generators=archive)
    assert archive is not None
    assert fnmatch(archive.name, names.GENERATOR_ARCHIVES)  # what policies let instances read
    units = {entry["layer"]: entry["archives"] for entry in manifest(release)["rollout"]}
    assert units.pop("load_generator") == [archive.name]
    assert not any(units.values())
    files = release.files()
    assert files[archive.name] == archive.content
    values = json.loads(files["parameters/eu-central-1/load_generator.cli.json"])
    given = {entry["ParameterKey"]: entry["ParameterValue"] for entry in values}
    assert given["LoadGeneratorKey"] == archive.name
    assert given["LoadGeneratorSha256"] == archive.sha256


def test_the_manifest_says_what_a_load_test_drives() -> None:
    found = manifest(build_release(CHOSEN))["load_generators"]
    assert found["regions"] == ["eu-central-1"]
    assert found["bucket"] == "gtm-test-loadtests-${AWS::AccountId}-${AWS::Region}"
    assert (found["masters"], found["workers"]) == (
        "gtm-test-load-masters",
        "gtm-test-load-workers",
    )
    assert manifest(build_release(settings()))["load_generators"] is None
