"""Files reach the disk whole or not at all, and nothing stale stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.build import write


def tree(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text() for path in files}


def test_a_tree_holds_exactly_the_files(tmp_path: Path) -> None:
    target = tmp_path / "build" / "dev"
    write.replace_tree(target, {"a.json": b"1", "sub/b.json": b"2"})
    write.replace_tree(target, {"a.json": b"3"})
    assert tree(tmp_path) == {"build/dev/a.json": "3"}


def test_a_tree_that_holds_them_already_is_not_touched(tmp_path: Path) -> None:
    target, files = tmp_path / "dev", {"a.json": b"1", "sub/b.json": b"2"}
    write.replace_tree(target, files)
    before = target.stat().st_ino
    write.replace_tree(target, files)
    assert target.stat().st_ino == before
    (target / "stale.json").write_text("1")
    write.replace_tree(target, files)
    assert tree(tmp_path) == {"dev/a.json": "1", "dev/sub/b.json": "2"}


def test_a_failure_half_way_leaves_the_old_tree(tmp_path: Path) -> None:
    target = tmp_path / "dev"
    write.replace_tree(target, {"a.json": b"old"})
    with pytest.raises(OSError, match="File name too long"):
        write.replace_tree(target, {"a.json": b"new", "b" * 300: b""})
    assert tree(tmp_path) == {"dev/a.json": "old"}


def test_committed_files_are_replaced_and_neighbours_kept(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("kept")
    write.replace_files(
        tmp_path, ".template.json", {"a.template.json": "1", "b.template.json": "2"}
    )
    write.replace_files(tmp_path, ".template.json", {"a.template.json": "3"})
    assert tree(tmp_path) == {"README.md": "kept", "a.template.json": "3"}


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    write.replace_files(tmp_path, ".json", {"a.json": "1"})
    before = (tmp_path / "a.json").stat().st_ino
    write.replace_files(tmp_path, ".json", {"a.json": "1"})
    assert (tmp_path / "a.json").stat().st_ino == before


def test_missing_different_and_left_over_files_differ(tmp_path: Path) -> None:
    for name in ("same", "changed", "stale"):
        (tmp_path / f"{name}.json").write_text("1")
    wanted = {"same.json": "1", "changed.json": "2", "missing.json": "1"}
    differing = write.differing_names(tmp_path, ".json", wanted)
    assert differing == ["changed.json", "missing.json", "stale.json"]


def test_a_directory_that_is_not_there_differs_in_everything(tmp_path: Path) -> None:
    assert write.differing_names(tmp_path / "none", ".json", {"a.json": "1"}) == ["a.json"]
