"""What instances run: packed the same whenever it is the same, and whole."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from generator.build import service_files
from generator.build.archive import Archive, archive_for, packed
from generator.errors import UsageError
from generator.settings import sections_fleet
from generator.settings.model import Settings
from generator.workspace import Workspace
from tests.layers.support import settings

NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?", fullmatch=True)


def wanting(service: str) -> Settings:
    return settings(compute=sections_fleet.Compute(service=service))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def platform(checkout: Workspace) -> Archive:
    made = archive_for(wanting("platform"), checkout)
    assert made is not None
    return made


def tar(path: Path, name: str = "run", mode: int = 0o755) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.mode = mode
        archive.addfile(member)
    return path


# --- the bytes ------------------------------------------------------------------------------------


@given(st.dictionaries(NAMES, st.binary(max_size=64), max_size=8), st.randoms())
def test_equal_files_give_equal_bytes(files: dict[str, bytes], chance: object) -> None:
    shuffled = sorted(files.items(), key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert packed(files) == packed(dict(shuffled))


def test_no_time_and_no_owner_gets_in() -> None:
    with tarfile.open(fileobj=io.BytesIO(packed({"run": b"x", "lib/a.py": b"y"}))) as archive:
        found = [(m.name, m.mode, m.mtime, m.uid, m.gid, m.uname) for m in archive]
    assert found == [("lib/a.py", 0o644, 0, 0, 0, ""), ("run", 0o755, 0, 0, 0, "")]


def test_the_header_is_the_same_on_every_python() -> None:
    """RFC 1952: no flags, no time, no level, and 255 for an operating system that is not told."""
    assert packed({"run": b"x"})[:10] == b"\x1f\x8b\x08" + bytes(6) + b"\xff"


def test_the_name_says_the_content() -> None:
    one, other = Archive(b"1"), Archive(b"2")
    assert one.name != other.name
    assert one.sha256[:12] in one.name


# --- the platform's own ---------------------------------------------------------------------------


def test_it_holds_what_its_distributions_need() -> None:
    """And nothing else: the list is the closure of what the service imports."""
    reached, waiting = set(), ["redis", "uvicorn", "botocore"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in reached:
            reached.add(name)
            needed = [Requirement(text) for text in distribution(name).requires or ()]
            waiting += [r.name for r in needed if not r.marker or r.marker.evaluate({"extra": ""})]
    assert reached == {canonicalize_name(name) for name in service_files.DISTRIBUTIONS}


def test_it_is_small_pure_and_licensed(platform: Archive) -> None:
    with tarfile.open(fileobj=io.BytesIO(platform.content)) as archive:
        names = archive.getnames()
    assert len(platform.content) < 4 * 1024**2
    assert not [name for name in names if name.endswith((".so", ".pyc", ".pyd"))]
    assert {
        n.split("/")[3] for n in names if n.startswith("lib/botocore/data/") and n.count("/") > 3
    } == {*service_files.AWS_SERVICES}
    assert [name for name in names if "/licenses/" in name and "redis" in name]


def test_it_is_packed_once_and_remembered(checkout: Workspace, platform: Archive) -> None:
    remembered = next(checkout.service_cache.iterdir())
    remembered.write_bytes(b"remembered")
    try:
        assert archive_for(wanting("platform"), checkout) == Archive(b"remembered")
    finally:
        remembered.write_bytes(platform.content)


@pytest.mark.parametrize("name", ["archive.py", "service_files.py"])
def test_it_is_not_remembered_when_how_it_is_packed_has_changed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = service_files.fingerprint()
    changed = tmp_path / name
    changed.write_text("LEVEL = 9")
    packing = [changed if path.name == name else path for path in service_files.PACKING]
    monkeypatch.setattr(service_files, "PACKING", packing)
    assert service_files.fingerprint() != before


def test_it_starts_from_what_it_brings_alone(platform: Archive, tmp_path: Path) -> None:
    """Without this environment's packages, and from a directory that it may not write to."""
    with tarfile.open(fileobj=io.BytesIO(platform.content)) as archive:
        archive.extractall(tmp_path, filter="data")
    bare = (
        "import sys; sys.path[:0] = sys.argv[1:]; import service.__main__, botocore.session as b;"
    )
    names = " ".join(service_files.AWS_SERVICES)
    clients = f"[b.get_session().create_client(n, 'eu-west-1') for n in '{names}'.split()]"
    where = [str(tmp_path), str(tmp_path / "lib")]
    command = [sys.executable, "-I", "-S", "-c", f"{bare} {clients}; print(b.__file__)", *where]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.startswith(str(tmp_path / "lib"))


# --- a user's own ---------------------------------------------------------------------------------


def test_an_image_that_brings_the_service_needs_none(checkout: Workspace) -> None:
    assert archive_for(wanting("image"), checkout) is None


def test_a_users_own_is_taken_as_it_is(checkout: Workspace) -> None:
    own = tar(checkout.root / "own.tar.gz", "./run")
    assert archive_for(wanting("own.tar.gz"), checkout) == Archive(own.read_bytes())


@pytest.mark.parametrize(
    ("name", "mode", "said"),
    [
        ("walk", 0o755, "no executable `run`"),
        ("run", 0o644, "no executable `run`"),
        ("bin/run", 0o755, "no executable `run`"),
    ],
)
def test_one_that_no_instance_could_start_is_refused(
    checkout: Workspace, name: str, mode: int, said: str
) -> None:
    tar(checkout.root / "bad.tar.gz", name, mode)
    with pytest.raises(UsageError, match=said):
        archive_for(wanting("bad.tar.gz"), checkout)


def test_what_is_no_archive_is_refused(checkout: Workspace) -> None:
    (checkout.root / "text.tar.gz").write_text("not an archive")
    with pytest.raises(UsageError, match=r"text\.tar\.gz: no \.tar\.gz"):
        archive_for(wanting("text.tar.gz"), checkout)
    with pytest.raises(UsageError, match=r"none\.tar\.gz: No such file"):
        archive_for(wanting("none.tar.gz"), checkout)
