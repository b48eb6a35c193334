"""Files onto disk, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path


def replace_tree(target: Path, files: Mapping[str, bytes]) -> None:
    """Make `target` hold exactly these files: the old tree stands until the new one is whole.

    One that holds them already stays as it is: nothing that watches its files is to wake up.
    """
    if _holds(target, files):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for folder in {(fresh / name).parent for name in files}:
            folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        fresh.chmod(0o755)
        _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _holds(target: Path, files: Mapping[str, bytes]) -> bool:
    found = {path for path in target.rglob("*") if not path.is_dir()}
    wanted = {target / name: content for name, content in files.items()}
    return found == wanted.keys() and all(
        path.read_bytes() == content for path, content in wanted.items()
    )


def _swap(fresh: Path, target: Path) -> None:
    if not target.exists():
        fresh.replace(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    target.replace(old / "old")
    fresh.replace(target)
    shutil.rmtree(old)


def replace_files(target: Path, suffix: str, files: Mapping[str, str]) -> None:
    """Make `target` hold exactly these files among those that end in `suffix`."""
    target.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        if _read(target / name) != text:
            new = target / f".{name}.new"
            new.write_bytes(text.encode())
            new.replace(target / name)
    for name in stale_names(target, suffix, files):
        (target / name).unlink(missing_ok=True)


def differing_names(target: Path, suffix: str, files: Mapping[str, str]) -> list[str]:
    """Names that are missing, different, or should not be there."""
    changed = [name for name, text in files.items() if _read(target / name) != text]
    return sorted([*changed, *stale_names(target, suffix, files)])


def stale_names(target: Path, suffix: str, files: Mapping[str, str]) -> list[str]:
    """Names in `target` that nothing makes any more."""
    found = [path.name for path in target.iterdir()] if target.is_dir() else []
    return [name for name in found if name.endswith(suffix) and name not in files]


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
